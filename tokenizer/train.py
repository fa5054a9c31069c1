"""`tokenizer train`: counts to models, one for each size, by the weights of the recipe."""

import dataclasses
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from datapipe.fingerprints import digest
from datapipe.observing.events import PassFinished, PassStarted, RunFinished, ShardFinished
from datapipe.observing.voice import Voice
from datapipe.output import RunError, placed
from datapipe.running import Work
from tokenizer.counting.counts_file import Counts, open_counts
from tokenizer.recipe import TokenizerRecipe
from tokenizer.shards import read_mixture, why_no_mixture
from tokenizer.symbols import user_symbols
from tokenizer.training.estimate import estimate
from tokenizer.training.flags import sentencepiece_flags
from tokenizer.training.learned import learn_models
from tokenizer.training.lineage import finished, model_folder, write_model
from tokenizer.training.shares_report import print_shares, unit_shares
from tokenizer.training.waiting import waiting
from tokenizer.training.weighted_rows import Rows, weighted_rows
from tokenizer.training.weights_table import Unit, factors, settled
from tokenizer.working import working

if TYPE_CHECKING:
    from rich.console import Console

TRAIN = "train"
RESERVED = "\u2585"
"""What SentencePiece writes for characters without a piece while it trains."""
FORMAT = 1
"""Raised when the same counts and settings make other models, or their folders hold something else."""


@dataclass(frozen=True)
class Plan:
    """What is trained, all of it known before the first row is read."""

    recipe: TokenizerRecipe
    folder: str
    counts: Counts
    factors: dict[Unit, float]
    fingerprint: str
    """Of everything but the size."""

    def fingerprint_of(self, vocab_size: int) -> str:
        """Of one model."""
        return digest([self.fingerprint, vocab_size])


def train(
    recipe: TokenizerRecipe, *, root: str | None = None, verify: bool = False, console: "Console | None" = None
) -> list[str]:
    """Train a model of each size and return their folders. What is finished is not trained again.

    Raises RunError, OSError.
    """
    plan = _plan(recipe, root)
    sizes = recipe.train.vocab_sizes
    folders = {size: model_folder(plan.folder, recipe.tokenizer(size)) for size in sizes}
    with working(plan.folder, recipe.name, {TRAIN: plan.fingerprint}, root=root, console=console) as work:
        missing = [size for size in sizes if not finished(folders[size], plan.fingerprint_of(size), verify)]
        work.log.add(PassStarted(TRAIN, len(missing), 0))
        start = time.monotonic()
        if missing:
            _train(plan, missing, folders, work)
        work.log.add(PassFinished(TRAIN, time.monotonic() - start))
        for size in sizes:
            state = "" if size in missing else " (finished before)"
            work.console.print(f"model: {folders[size]}{state}", highlight=False, soft_wrap=True)
        units = plan.counts.units
        work.log.add(RunFinished(sum(one.documents for one in units), sum(one.bytes for one in units)))
    return list(folders.values())


def _plan(recipe: TokenizerRecipe, root: str | None) -> Plan:
    folder = placed("output", recipe.output, root)
    counts = open_counts(folder, recipe.symbols)
    weights = settled(recipe.train.weights, recipe.folder)
    is_mixed = all(value is None for value in dataclasses.asdict(weights).values()) or weights.up_sampling is not None
    data = placed("data", recipe.data, root)
    mixture = read_mixture(data) if is_mixed else {}
    if is_mixed and not mixture:
        raise RunError(f"{data}: {why_no_mixture(data)}; weights without it: shares, repeat, temperature, unimax")
    found = factors(weights, counts.units, mixture)
    settings = dataclasses.replace(recipe.train, vocab_sizes=(1,), weights=type(weights)())
    made_of = [FORMAT, counts.fingerprint, recipe.symbols, settings, sorted(found.items()), version("sentencepiece")]
    return Plan(recipe, folder, counts, found, digest(made_of))


def _train(plan: Plan, sizes: list[int], folders: dict[int, str], work: Work) -> None:
    voice = Voice(work.console, work.log)
    recipe = plan.recipe
    shares = unit_shares(plan.counts.units, plan.factors)
    print_shares(shares, work.console)
    with waiting("reading counts", work.console):
        rows = weighted_rows(plan.counts.batches(), plan.factors, user_symbols(recipe.symbols))
    _tell_losses(rows, plan.counts, voice)
    work.console.print(f"training {max(sizes):,} pieces: {estimate(rows, max(sizes))}", highlight=False, soft_wrap=True)
    learned = learn_models(
        rows, recipe.train, recipe.symbols, sizes, plan.counts.sampled, warn=voice, console=work.console
    )
    lost = sum(unit.lost_fragments for unit in plan.counts.units)
    for size, one in learned.items():
        certificate = dataclasses.replace(one.certificate, not_counted=lost)
        tell = voice if certificate.left_out_fragments or certificate.sampled or lost else work.console.print
        tell(f"{recipe.tokenizer(size)}: {certificate.sentence}")
        lineage = {
            "format": FORMAT,
            "tokenizer": recipe.tokenizer(size),
            "fingerprint": plan.fingerprint_of(size),
            "counts": plan.counts.fingerprint,
            "sentencepiece": version("sentencepiece"),
            "corpusmill": version("corpusmill"),
            "flags": sentencepiece_flags(recipe.train, recipe.symbols, size),
            "rows": {"rows": len(rows.fragments), "scale": rows.scale, "without_weight": rows.unweighted,
                     "rounded_to_nothing": rows.rounded_away},
            "certificate": certificate.as_json(),
            "sampled": dict(plan.counts.sampled),
            "not_counted": {"fragments": lost,
                            "bytes": sum(unit.lost_bytes for unit in plan.counts.units)},
            "shares": [share.as_json() for share in shares],
            "recipe": recipe.text,
            "settings": list(recipe.settings),
        }  # fmt: skip
        stored = write_model(folders[size], one.model, one.counts, lineage)
        work.log.add(ShardFinished(TRAIN, recipe.tokenizer(size), 0.0, 0.0, 0.0, 0, 0, 0, 0, stored, 0))


def _tell_losses(rows: Rows, counts: Counts, voice: Voice) -> None:
    """What of the corpus no merge can come from."""
    lost = sum(one.lost_fragments for one in counts.units)
    if lost:
        voice(f"{lost:,} fragments of more than {counts.max_fragment_bytes:,} bytes were not counted")
    reserved = pc.sum(pc.match_substring(rows.fragments, RESERVED)).as_py()
    if reserved:
        voice(f"{reserved:,} fragments hold U+2585, which SentencePiece uses itself: it leaves them out")
    if rows.unweighted:
        voice(f"{rows.unweighted:,} fragments stand only in units of weight 0 and are left out")
    if rows.rounded_away:
        voice(f"{rows.rounded_away:,} fragments have weighted counts below {0.5 / rows.scale:g} and are left out")
