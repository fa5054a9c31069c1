"""The clusters of a run with their texts side by side, why a document fell, on the terminal and in the report."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from datapipe import load, run
from datapipe.duplicates.clusters import largest_clusters
from datapipe.duplicates.comparisons import compare_clusters
from datapipe.duplicates.falls import Fall, Pair, find_fall, pairs_of
from datapipe.duplicates.terminal import choose_round, print_alike, print_clusters, print_fate
from datapipe.loading.located_yaml import RecipeError
from datapipe.locating import Library, open_run
from datapipe.passes.rounds import rounds_of
from datapipe.receipts import read_receipt
from datapipe.report import write_report

RECIPE = """\
name: copies
output: out
holdout: {fraction: 0}
sources:
  - {name: web, reader: jsonl, paths: ["web/*.jsonl"]}
  - {name: old, reader: jsonl, paths: ["old/*.jsonl"]}
passes:
  - {name: extract, steps: []}
  - {name: duplicates, url: {}, exact: {normalize: folded}}
domains:
  - {name: all, weight: 1}
"""
MILL = "The old mill\u202e grinds wheat, slowly; and [red]</pre>{n} rivers <b>run</b> by it.\x1b[2J"
HILL = "A hill of {n} stones."


def write(folder: Path, source: str, *texts: str, url: str | None = None) -> None:
    path = folder / source / "a.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({"text": text, "url": url}) + "\n" for text in texts))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A run over texts that are equal but for case, digits and punctuation: four of the mill, two of the hill."""
    folder = tmp_path_factory.mktemp("copies")
    write(folder, "old", HILL.format(n=7), "alone", MILL.format(n=2))
    write(folder, "web", MILL.format(n=3).upper(), HILL.format(n=8), MILL.format(n=4), MILL.format(n=5), "x")
    (folder / "recipe.yaml").write_text(RECIPE)
    return open_run(run(load(folder / "recipe.yaml"), root=str(folder)))


def names(library: Library) -> dict[str, str]:
    """Ids by source and record: `web 0`."""
    files = sorted(Path(library.folder).glob("documents/extract/*.parquet"))
    found = [identifier for file in files for identifier in pq.read_table(file)["id"].to_pylist()]
    return {f"{one.partition('/')[0]} {int(one.rpartition('/')[2])}": one for one in found}


def test_documents_are_found_by_their_ids(library: Library) -> None:
    ids = names(library)
    assert library.texts([ids["old 1"], ids["web 4"], "web/0000000000000000/0000000000", "none/x/1"]) == {
        ids["old 1"]: "alone",
        ids["web 4"]: "x",
    }
    shard, row = library.find(ids["web 4"]) or ("", None)
    assert shard == "web-000000-0000" and row is not None and row["text"].to_pylist() == ["x"]


def test_the_largest_clusters_name_who_stayed_and_who_fell(library: Library) -> None:
    ids = names(library)
    receipts = [read_receipt(library.folder, "duplicates.exact", shard) for shard in library.all_shards()]
    mill, hill = largest_clusters(library.folder, [one for one in receipts if one], 5)
    assert (mill.survivor, mill.size, mill.fallen) == (ids["old 2"], 4, (ids["web 0"], ids["web 2"], ids["web 3"]))
    assert (hill.survivor, hill.size, hill.fallen) == (ids["old 0"], 2, (ids["web 1"],))
    found = largest_clusters(library.folder, [one for one in receipts if one], 1)
    assert found == [mill]
    assert largest_clusters(library.folder, [one for one in receipts if one], 5, survivors=[hill.survivor]) == [hill]


def test_texts_stand_beside_the_one_that_stayed(library: Library) -> None:
    ids = names(library)
    exact = rounds_of(library.recipe)[1]
    (hill,) = compare_clusters(library, exact, {ids["old 0"]: 2}, list(library.all_shards()), 3)
    (comparison,) = hill.comparisons
    assert (comparison.stayed, comparison.fell) == (ids["old 0"], ids["web 1"])
    assert [(one.kind, one.left, one.right) for one in comparison.pieces] == [
        ("equal", "A hill of ", "A hill of "),
        ("changed", "7 ", "8 "),
        ("equal", "stones.", "stones."),
    ]


def test_shards_that_nobody_looks_into_leave_a_cluster_without_texts(library: Library) -> None:
    ids = names(library)
    exact = rounds_of(library.recipe)[1]
    (hill,) = compare_clusters(library, exact, {ids["old 0"]: 2}, [], 3)  # the copy is in another source's shard
    assert hill.cluster.size == 2 and hill.comparisons == ()


def test_the_terminal_shows_them_and_nothing_acts_in_them(
    library: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    print_clusters(library.folder, None, 2)
    shown = capsys.readouterr().out
    ids = names(library)
    assert f"duplicates.exact, cluster 1: {ids['old 2']} stayed, of 4 documents" in shown
    assert f"duplicates.exact, cluster 2: {ids['old 0']} stayed, of 2 documents" in shown
    assert "A hill of [-7 -]stones." in shown and "A hill of [-8 -]stones." in shown
    assert "[red]" in shown and "\x1b[2J" not in shown and "\u202e" not in shown
    assert shown.count(f"{ids['web 0']} fell") == 1


def test_a_round_is_chosen_by_its_name(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    print_clusters(library.folder, "duplicates.url", 5)
    assert capsys.readouterr().out == "duplicates.url found no duplicates\n"
    with pytest.raises(RecipeError, match=r"^--round near: expected one of duplicates.url, duplicates.exact$"):
        choose_round(library, "near")
    with pytest.raises(RecipeError, match="needs a round of near-duplicates"):
        print_alike(library.folder, "-", None, 5)


def test_why_a_document_fell_or_did_not(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    ids = names(library)
    print_fate(library.folder, ids["web 1"])
    shown = capsys.readouterr().out
    assert f"{ids['web 1']} fell in duplicates.exact: {ids['old 0']} stayed, of 2 with the same text" in shown
    assert "A hill of [-7 -]stones." in shown

    print_fate(library.folder, ids["old 1"])
    assert capsys.readouterr().out == f"{ids['old 1']}: no round of duplicates dropped it\n"
    print_fate(library.folder, ids["old 2"])
    told = f"{ids['old 2']}: no round of duplicates dropped it\n  duplicates.exact: it stands for 4 documents\n"
    assert capsys.readouterr().out == told
    with pytest.raises(RecipeError, match="no document 'web/nowhere/1' was read"):
        print_fate(library.folder, "web/nowhere/1")


def test_the_report_shows_them_escaped(library: Library) -> None:
    write_report(library.folder)
    html = (Path(library.folder) / "report.html").read_text()
    assert 'A hill of </span><span class="changed">7 </span><span class="equal">stones.' in html
    assert "&lt;/pre&gt;" in html and "<b>run</b>" not in html


def test_a_pair_says_what_was_found() -> None:
    alike = Pair("web/b", "web/a", 11, 0.89286, 0.91234, 0.954, True, "alike")
    assert str(alike) == "alike: Jaccard similarity 0.912 (estimated 0.893), containment 0.954, 11 bands equal"
    by_signature = Pair("web/b", "web/a", 1, 0.5, None, None, False, "too different by signature")
    assert str(by_signature) == "too different by signature: Jaccard similarity estimated 0.500, 1 band equal"


def test_a_fall_of_an_equal_text_has_no_evidence(library: Library) -> None:
    ids = names(library)
    exact = rounds_of(library.recipe)[1]
    assert find_fall(library, exact, "web-000000-0000", ids["web 1"]) == Fall(exact, ids["web 1"], ids["old 0"], 2)
    assert find_fall(library, exact, "web-000000-0000", ids["web 4"]) is None
    assert list(pairs_of(library, exact, "web-000000-0000", ids["web 1"])) == []
