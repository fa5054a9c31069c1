"""Near-duplicates over whole runs: what plain Python says, however the work is cut, and after every accident."""

import json
import tempfile
from pathlib import Path

import pytest
from catalogue import Row, order_of, recipe, run_quietly, table, write_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.exchange import Sizes
from datapipe.passes import duplicate_phases, near_phases
from datapipe.passes.rounds import rounds_of
from datapipe.recipe import Near, Recipe
from tests.plain_near import Document, Evidence, Rules, decide, evidence_of, shingles_of

SMALL = Sizes(map_bytes=1600, partition_bytes=400, slice_bytes=200)
"""A few records per task, and two levels from a few dozen on."""
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


@pytest.fixture
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    cut_small(monkeypatch)


def cut_small(patch: pytest.MonkeyPatch) -> None:
    """A few documents in every task, and two levels of exchanges."""
    patch.setattr(duplicate_phases, "SIZES", SMALL)
    patch.setattr(near_phases, "SIZES", SMALL)
    patch.setattr(near_phases, "GROUP_BYTES", 2000)
    patch.setattr(near_phases, "BLOCK_BYTES", 800)


CASES = given(corpora(), near_passes(), st.booleans())
UNHURRIED = settings(deadline=None, max_examples=6)


@UNHURRIED
@CASES
def test_what_stays_is_what_plain_python_says(rows: list[tuple[str, Row]], duplicates: str, small: bool) -> None:
    check_by_plain_python(rows, duplicates, small)


@pytest.mark.slow
@settings(UNHURRIED, max_examples=60)
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


def near_of(one: Recipe) -> Near:
    near = rounds_of(one)[-1].near
    assert near is not None
    return near


def rules_of(near: Near) -> Rules:
    bands, rows = near.banding
    return Rules(bands, rows, near.verify, near.containment, near.bucket_limit, near.compare == "signatures")


def documents_of(output: Path, one: Recipe) -> list[Document]:
    """The documents that the round compares, with the signatures that the stage has made of them."""
    near, owner = near_of(one), one.passes[-1]
    rounds = rounds_of(one)
    before = rounds[-2].name if len(rounds) > 1 else "decide"
    rows = table(output, "documents/extract/*.parquet")
    signed = table(output, "annotations/duplicates/*.parquet")
    routes = table(output, f"annotations/{before}/*.parquet")
    return [
        Document(
            row["id"], order_of(row, owner, row["id"]), shingles_of(row["text"], near.ngram), tuple(sign["signature"]),
            tuple(row[name] for name in near.scope_columns), route.get("exact_cluster_size") or 1,
        )
        for row, sign, route in zip(rows, signed, routes, strict=True)
        if route["drop_reason"] is None and sign["signature"] is not None
    ]  # fmt: skip


def evidence_in(output: Path) -> list[Evidence]:
    """By id of the worse document, then of the better one."""
    rows = table(output, "evidence/duplicates.near/*.parquet")
    found = [Evidence(**{key: value for key, value in row.items() if key != "is_accepted"}) for row in rows]
    assert [one.is_accepted for one in found] == [row["is_accepted"] for row in rows]
    return sorted(found, key=lambda one: (one.id, one.other_id))
