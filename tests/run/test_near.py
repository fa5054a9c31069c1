"""Near-duplicates over whole runs: what plain Python says, however the work is cut, and after every accident."""

import json
import tempfile
from pathlib import Path

import pytest
from catalogue import Row, recipe, run_quietly, table, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from near_catalogue import cut_small, documents_of, evidence_in, near_of, rules_of

from tests.plain_near import decide, evidence_of

VOCABULARY = ["mill", "stone", "river", "wheat", "grinds", "slowly", "Mill,", "STONE"]
"""Few words, so that texts have much in common; the last two are equal to the first two."""


@st.composite
def edited(draw: st.DrawFn, originals: list[list[str]]) -> str:
    """One of these texts, with at most three words replaced, left out or put in."""
    words = list(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(0, 3))):
        place, word = draw(st.integers(0, len(words))), draw(st.sampled_from([[], *([one] for one in VOCABULARY)]))
        words[place : place + draw(st.integers(0, 1))] = word
    return " ".join(words)


@st.composite
def corpora(draw: st.DrawFn) -> list[tuple[str, Row]]:
    """Source and columns of up to 24 documents, most of them edited from a few."""
    originals = draw(st.lists(st.lists(st.sampled_from(VOCABULARY), max_size=12), min_size=1, max_size=3))
    return [
        (
            draw(st.sampled_from(["a", "a-b", "b"])),
            {
                "text": draw(edited(originals)),
                "url": None,
                "date": draw(st.sampled_from([None, "2024-01-01", "2025-06-07", "2025"])),
                "stars": draw(st.sampled_from([None, -1, 0, 1, 7])),
                "score": draw(st.sampled_from([None, -1.5, 0.0, 0.25])),
                "good": draw(st.sampled_from([None, True, False])),
                "language": draw(st.sampled_from([None, "en", "de"])),
            },
        )
        for _ in range(draw(st.integers(1, 24)))
    ]


@st.composite
def near_passes(draw: st.DrawFn) -> str:
    """A pass of near-duplicates, perhaps with equal texts before them."""
    options: dict[str, object] = {
        "bands": draw(st.sampled_from([1, 4, 10])),
        "rows": draw(st.sampled_from([1, 2, 3])),
        "ngram": draw(st.sampled_from([1, 2, 5])),
        "verify": draw(st.sampled_from([0.3, 0.5, 0.8, 1.0])),
        "scope": draw(st.sampled_from(["global", "source", "language", ["source", "good"], "stars"])),
        "bucket_limit": draw(st.sampled_from([2, 3, 16])),
    }
    if draw(st.booleans()):
        options["containment"] = draw(st.sampled_from([0.5, 0.8, 1.0]))
    elif draw(st.booleans()):
        options["compare"] = "signatures"
    keep = draw(
        st.lists(
            st.tuples(st.sampled_from(["date", "stars", "score", "good", "language"]),
                      st.sampled_from(["ascending", "descending"])),
            max_size=2, unique_by=lambda one: one[0],
        )
    )  # fmt: skip
    exact = "exact: {}, " if draw(st.booleans()) else ""
    preferences = ", ".join(f"{{column: {column}, order: {order}}}" for column, order in keep)
    return f"  - {{name: duplicates, {exact}near: {json.dumps(options)}, keep: [{preferences}]}}"


CASES = given(corpora(), near_passes(), st.booleans())
UNHURRIED = settings(deadline=None, max_examples=6)


@UNHURRIED
@CASES
def test_what_stays_is_what_plain_python_says(rows: list[tuple[str, Row]], duplicates: str, small: bool) -> None:
    check_by_plain_python(rows, duplicates, small)


@pytest.mark.slow
@settings(UNHURRIED, max_examples=30)
@CASES
def test_what_stays_is_it_in_many_cases(rows: list[tuple[str, Row]], duplicates: str, small: bool) -> None:
    check_by_plain_python(rows, duplicates, small)


def check_by_plain_python(rows: list[tuple[str, Row]], duplicates: str, small: bool) -> None:
    rows = [*rows, ("b", {**dict.fromkeys(rows[0][1]), "text": "a domain must not be empty"})]
    names = sorted({source for source, _ in rows})
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        if small:
            cut_small(patch)
        folder = Path(name)
        for source in names:
            own = [row for other, row in rows if other == source]
            for start in range(0, len(own), 4):
                write_rows(folder, source, own[start : start + 4], f"{start}")
        one = recipe(folder, names, duplicates, columns="[near_cluster_size]")
        output = run_quietly(one, folder)

        compared = documents_of(output, one)
        evidence = evidence_of(compared, rules_of(near_of(one)))
        fallen, sizes = decide(compared, evidence)
        assert evidence_in(output) == sorted(evidence, key=lambda one: (one.id, one.other_id))
        found = {row["id"]: row for row in table(output, "decisions/duplicates.near/*.parquet")}
        assert {key: row["duplicate_of"] for key, row in found.items()} == fallen
        assert {key: row["cluster_size"] for key, row in found.items()} == {
            key: sizes[of] for key, of in fallen.items()
        }
        kept = {row["id"]: row["near_cluster_size"] for row in table(output, "shards/**/*.parquet")}
        assert {key: size for key, size in kept.items() if size is not None} == sizes


def test_rounds_behind_one_count_what_it_has_folded(tmp_path: Path) -> None:
    blank = dict.fromkeys(["url", "date", "stars", "score", "good", "language"])
    texts = ["the mill grinds", "The mill grinds!", "THE MILL GRINDS"]
    for source, some in (("a", texts[:2]), ("b", texts)):
        write_rows(tmp_path, source, [{**blank, "text": text, "stars": k} for k, text in enumerate(some)])
    keep = "keep: [{column: stars, order: ascending}]"
    passes = (
        f"  - {{name: within, near: {{scope: source}}, {keep}}}\n  - {{name: across, exact: {{}}, near: {{}}, {keep}}}"
    )
    names = "[near_cluster_size, exact_cluster_size]"
    output = run_quietly(recipe(tmp_path, ["a", "b"], passes, columns=names), tmp_path)

    (kept,) = table(output, "shards/**/*.parquet")
    assert (kept["near_cluster_size"], kept["exact_cluster_size"]) == (5, 5)
    assert len(table(output, "decisions/within.near/*.parquet")) == 3
    assert len(table(output, "decisions/across.exact/*.parquet")) == 1
