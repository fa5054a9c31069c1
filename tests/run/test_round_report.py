"""`datapipe plan` says of every round of duplicates what it finds and what it takes."""

from pathlib import Path

import pytest
from catalogue import recipe, write_rows

from datapipe.plan_report import print_plan
from datapipe.round_report import STORED_BYTES_PER_DOCUMENT, Block, round_blocks


def blocks(near: str, documents: int) -> list[Block]:
    duplicates = f"  - {{name: duplicates, exact: {{}}, near: {near}, keep: [{{column: stars, order: descending}}]}}"
    one = recipe(Path("here"), ["a"], duplicates)
    return list(round_blocks(one, documents * STORED_BYTES_PER_DOCUMENT))


def test_it_tells_the_threshold_and_the_curve_of_the_signatures() -> None:
    """The numbers of FineWeb's 14 bands of 8 rows, as its tables have them."""
    steps = blocks("{}", 1)[1].steps.replace("\u00a0", " ")

    assert "14 bands of 8 rows, of shingles of 5 words" in steps
    assert "threshold 0.719: half of all pairs are found at Jaccard similarity 0.685" in steps
    assert "0.5: 5.3 %, 0.6: 21.1 %, 0.7: 56.5 %, 0.75: 77.2 %, 0.8: 92.4 %, 0.85: 98.8 %, 0.9: >99.9 %" in steps
    assert "every pair is compared on shingles, scope global: alike from 0.8 on (92.4 % found)\n" in steps
    assert "keep one · stars descending · id" in steps


def test_it_tells_what_else_counts_as_alike_and_among_which() -> None:
    steps = blocks("{containment: 0.9, scope: [source, language], bands: 20, rows: 13, unit: char, ngram: 24}", 1)[
        1
    ].steps

    assert "of shingles of 24 characters" in steps
    assert "scope source, language: alike from 0.8 on (67.7\u00a0% found), or contained in another from 0.9 on" in steps


def test_it_tells_the_bytes_that_cross() -> None:
    """A band of a document takes 16 bytes, a profile 5 words, one for the order, and one for each band."""
    _, shingles = blocks("{}", 1_000_000)
    _, signatures = blocks("{compare: signatures}", 1_000_000)

    crossing = "exchanged: 224\u00a0MB of bands; of documents with one in common 0 to 168\u00a0MB"
    assert f"{crossing} and shingles of 0.2 to 0.75 of their texts" in shingles.steps
    assert signatures.steps.endswith(crossing)


@pytest.mark.parametrize(
    ("documents", "labels"),
    [(1, "1 groups, bands in 1 partitions, one level, connected parts by one task"),
     (120_000_000, "connected parts by one task"),
     (10_000_000_000, "two levels, connected parts by rounds over files (beyond 120,000,000 documents)")],
)  # fmt: skip
def test_it_tells_whether_one_machine_finds_what_is_connected(documents: int, labels: str) -> None:
    assert blocks("{}", documents)[1].title.endswith(labels)


def test_the_plan_shows_every_round(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(tmp_path, "a", [{"text": "one"}])
    print_plan(recipe(tmp_path, ["a"], "  - {name: duplicates, exact: {}, url: {}, near: {}}"), str(tmp_path))

    shown = capsys.readouterr().out
    titles = [line.partition(":")[0] for line in shown.splitlines() if line.startswith("duplicates.")]
    assert titles == ["duplicates.url", "duplicates.exact", "duplicates.near"]
    assert "evidence/duplicates.near" in shown
