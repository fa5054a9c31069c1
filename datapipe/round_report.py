"""What the rounds of duplicates would do, in the words of `datapipe plan`: for as many documents as inputs may hold."""

from collections.abc import Iterator
from typing import NamedTuple

from datapipe.dedup.near.curve import even_threshold, found_probability, nominal_threshold
from datapipe.dedup.near.labels import MOST_DOCUMENTS
from datapipe.dedup.near.records import BAND_WORDS, NearForm
from datapipe.exchange import WORD_BYTES, Layout, Sizes, layout_for
from datapipe.passes.near_phases import GROUP_BYTES
from datapipe.passes.near_plans import NearPlan
from datapipe.passes.round_plans import RoundPlan, plan_rounds
from datapipe.passes.rounds import Round
from datapipe.recipe import Recipe
from datapipe.report.words import percent, size
from datapipe.shard_files import Upstream

STORED_BYTES_PER_DOCUMENT = 4 << 10
"""Assumed where documents have not been counted yet: of WARC and compressed text 1 to 10 KB."""
CURVE = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
"""Similarities at which the chance to be found is told."""
SHINGLES_PER_TEXT = {"word": (0.2, 0.75), "char": (0.5, 1.0)}
"""Bytes of packed shingles per byte of text, of pages; shorter texts take more. By unit, from the least to the most of
the Declaration of Human Rights in six languages: 0.19 in Hindi, 0.40 in English, 0.71 in Chinese, where each letter is
a word; of characters 0.47 and 1.02, in Hindi and in English."""


class Block(NamedTuple):
    """What is told of one round."""

    title: str
    reads: str
    steps: str
    writes: str


def round_blocks(recipe: Recipe, stored_bytes: int) -> Iterator[Block]:
    """Of every round, for inputs of so many bytes."""
    documents = max(1, stored_bytes // STORED_BYTES_PER_DOCUMENT)
    for plan in plan_rounds(recipe):
        yield _near(plan, documents) if isinstance(plan, NearPlan) else _equal(plan, documents)


def _equal(plan: RoundPlan, documents: int) -> Block:
    one, words = plan.round, plan.form.words
    layout = layout_for(documents, words)
    maps = max(1, -(-documents * words * WORD_BYTES // Sizes().map_bytes))
    return Block(
        f"{one.name}: about {documents:,} records of {words * WORD_BYTES} bytes (if a document takes 4 KiB stored), "
        f"{maps:,} groups, {_partitions(layout)}",
        _reads(plan.upstream),
        f"of equal {one.hash_column}, scope {one.scope}, {_kept(one)}",
        f"decisions/{one.name}, annotations/{one.name} ({', '.join(plan.schema.names)}), indexes/{one.name}",
    )


def _near(plan: NearPlan, documents: int) -> Block:
    one, form = plan.round, plan.form
    records = documents * form.bands
    groups = max(1, -(-records * BAND_WORDS * WORD_BYTES // GROUP_BYTES))
    labels = "one task" if documents <= MOST_DOCUMENTS else f"rounds over files (beyond {MOST_DOCUMENTS:,} documents)"
    annotations = f"annotations/{one.name} ({', '.join(plan.schema.names)})"
    return Block(
        f"{one.name}: about {documents:,} documents (if one takes 4 KiB stored), {groups:,} groups, bands in "
        f"{_partitions(layout_for(records, BAND_WORDS))}, connected parts by {labels}",
        f"{_reads(plan.profiled)}; to compare {_reads(plan.compared)}",
        "\n".join([*_found(form), _compared(form), _kept(one), _exchanged(form, documents)]),
        f"decisions/{one.name}, evidence/{one.name}, {annotations}, indexes/{one.name}",
    )


def _found(form: NearForm) -> Iterator[str]:
    """How pairs are proposed."""
    bands, rows = form.bands, form.rows
    units = {"word": "words", "char": "characters"}[form.shingling.unit]
    yield f"{bands} bands of {rows} rows, of shingles of {form.shingling.ngram} {units}"
    yield (
        f"threshold {nominal_threshold(bands, rows):.3f}: half of all pairs are found at Jaccard similarity "
        f"{even_threshold(bands, rows):.3f}"
    )
    yield "found of pairs of similarity " + ", ".join(f"{j:g}: {_chance(form, j)}" for j in CURVE)


def _compared(form: NearForm) -> str:
    """When documents are alike."""
    scope = ", ".join(form.scope) or "global"
    contained = "" if form.containment is None else f", or contained in another from {form.containment:g} on"
    alike = f"alike from {form.verify:g} on ({_chance(form, form.verify)} found)"
    return f"every pair is compared on {form.compare}, scope {scope}: {alike}{contained}"


def _chance(form: NearForm, jaccard: float) -> str:
    return percent(found_probability(jaccard, form.bands, form.rows))


def _exchanged(form: NearForm, documents: int) -> str:
    """From no duplicates at all to nothing else."""
    bands = documents * form.bands * BAND_WORDS * WORD_BYTES
    profiles = documents * form.profile_words * WORD_BYTES
    least, most = SHINGLES_PER_TEXT[form.shingling.unit]
    shingles = f" and shingles of {least:g} to {most:g} of their texts" if form.compare == "shingles" else ""
    return f"exchanged: {size(bands)} of bands; of documents with one in common 0 to {size(profiles)}{shingles}"


def _kept(one: Round) -> str:
    order = [f"{two.column} {two.order}" for two in one.keep]
    return " · ".join(["keep one", *order, "id"]) + "".join(f"; against {folder}" for folder in one.against)


def _reads(upstream: tuple[Upstream, ...]) -> str:
    return ", ".join(f"{two.kind}/{two.pass_name} ({', '.join(two.columns or ())})" for two in upstream)


def _partitions(layout: Layout) -> str:
    levels = "two levels" if len(layout.fan_out) > 1 else "one level"
    return f"{layout.partitions:,} partitions, {levels}"
