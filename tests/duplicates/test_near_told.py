"""What a round of near-duplicates has done is told with its evidence; and a source that it empties stops the run."""

import io
import json
import random
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from datapipe import load, run
from datapipe.duplicates.falls import find_fall
from datapipe.duplicates.terminal import print_alike, print_clusters, print_fate
from datapipe.explain import explain_document
from datapipe.locating import Library, open_run
from datapipe.output import RunError
from datapipe.passes.rounds import rounds_of
from datapipe.report import print_report

RECIPE = """\
name: near
output: out
holdout: {fraction: 0}
sources:
  - {name: old, reader: jsonl, paths: ["old.jsonl"]}
  - {name: web, reader: jsonl, paths: ["web.jsonl"]}
passes:
  - {name: extract, steps: [text_statistics: {}]}
  - name: duplicates
    exact: {}
    near: {bands: 60, rows: 1, containment: 0.95}
    keep: [{column: word_count, order: descending}]
domains: [{name: all, weight: 1}]
"""
Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


def words(count: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    return [f"{chance.choice('bcdfgh')}{chance.choice('aeiou')}{chance.choice('lmnrst')}o" for _ in range(count)]


def shingles(text: str) -> set[tuple[str, ...]]:
    found = text.split()
    return {tuple(found[k : k + 5]) for k in range(len(found) - 4)}


def jaccard(left: str, right: str) -> float:
    a, b = shingles(left), shingles(right)
    return len(a & b) / len(a | b)


ORIGINAL = " ".join(words(400, 1))
EDITED = " ".join([*words(400, 1)[:300], "changed", *words(400, 1)[301:]])
PART = " ".join(words(400, 1)[20:140])
TEXTS = {"old 0": ORIGINAL, "old 1": " ".join(words(400, 2)), "web 0": EDITED, "web 1": PART, "web 2": ORIGINAL}
TEXTS |= {f"web {3 + k}": " ".join(words(50, 10 + k)) for k in range(5)}
TEXTS["web 8"] = EDITED


def write(folder: Path, recipe: str, texts: dict[str, str]) -> Path:
    for source in ("old", "web"):
        own = [text for name, text in texts.items() if name.startswith(source)]
        (folder / f"{source}.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in own))
    (folder / "recipe.yaml").write_text(recipe)
    return folder / "recipe.yaml"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A run over a text, an edited copy of it, a part of it, an exact copy, and others."""
    folder = tmp_path_factory.mktemp("near")
    return open_run(run(load(write(folder, RECIPE, TEXTS)), root=str(folder), console=Console(file=io.StringIO())))


@pytest.fixture(scope="module")
def ids(library: Library) -> dict[str, str]:
    """By source and record, as in TEXTS."""
    files = sorted(Path(library.folder).glob("documents/extract/*.parquet"))
    found = [identifier for file in files for identifier in pq.read_table(file)["id"].to_pylist()]
    return {f"{one.partition('/')[0]} {int(one.rpartition('/')[2])}": one for one in found}


def test_a_fall_has_the_evidence_of_its_pair(library: Library, ids: dict[str, str]) -> None:
    near = rounds_of(library.recipe)[1]
    edited = find_fall(library, near, "web-000000-0000", ids["web 0"])
    assert edited is not None
    assert (edited.survivor, edited.size) == (ids["old 0"], 5)
    (pair,) = edited.pairs
    assert (pair.id, pair.other_id, pair.reason, pair.is_accepted) == (ids["web 0"], ids["old 0"], "alike", True)
    assert pair.jaccard == pytest.approx(jaccard(ORIGINAL, EDITED))

    part = find_fall(library, near, "web-000000-0000", ids["web 1"])
    assert part is not None
    assert part.pairs[0].reason == "contained in the other"
    assert part.pairs[0].containment == 1
    assert part.pairs[0].jaccard == pytest.approx(jaccard(ORIGINAL, PART))


def test_the_command_shows_the_cluster_and_why_each_fell(
    library: Library, ids: dict[str, str], capsys: Printed
) -> None:
    print_clusters(library.folder, None, 5)
    shown = capsys.readouterr().out
    assert f"duplicates.near, cluster 1: {ids['old 0']} stayed, of 5 documents" in shown
    assert "[-changed -]" in shown and "alike: Jaccard similarity 0." in shown

    print_fate(library.folder, ids["web 2"])
    assert f"{ids['web 2']} fell in duplicates.exact: {ids['old 0']} stayed" in capsys.readouterr().out

    print_fate(library.folder, ids["web 8"])
    shown = capsys.readouterr().out
    assert f"{ids['web 8']} fell in duplicates.exact: {ids['web 0']} stayed, of 2 with the same text" in shown
    assert f"{ids['web 0']} fell in duplicates.near: {ids['old 0']} stayed and stands for 5 documents" in shown

    print_fate(library.folder, ids["old 0"])
    assert "\n  duplicates.near: it stands for 5 documents\n" in capsys.readouterr().out

    print_fate(library.folder, ids["web 0"])
    shown = capsys.readouterr().out
    assert (
        f"{ids['web 0']} fell in duplicates.near: {ids['old 0']} stayed and stands for 5 documents\n  alike: Jaccard"
        in shown
    )

    explain_document(library.folder, ids["web 1"])
    told = f"but dropped by duplicates.near: {ids['old 0']} stayed and stands for 5 documents; contained in the other: "
    shown = capsys.readouterr().out
    assert told in shown
    assert re.search(r"\n  signature = \[(\d+, ){4}…\], \d+ values\n", shown)


def test_texts_are_found_by_one_like_them(
    library: Library, ids: dict[str, str], capsys: Printed, tmp_path: Path
) -> None:
    (tmp_path / "given.txt").write_text(EDITED)
    print_alike(library.folder, str(tmp_path / "given.txt"), None, 3)
    shown = capsys.readouterr().out
    assert "of 11 documents" in shown and "1.000" in shown
    assert f"{ids['web 0']} (dropped: duplicates.near)" in shown


def test_report_and_card_say_what_was_compared(library: Library, capsys: Printed) -> None:
    print_report(library.folder)
    printed = " ".join(capsys.readouterr().out.split())
    html = (Path(library.folder) / "report.html").read_text()
    card = (Path(library.folder) / "card.md").read_text()
    assert "duplicates.near" in printed and "pairs:" in printed
    assert "contained in the other" in html and '<span class="changed">changed </span>' in html
    assert (
        "nearly equal texts: Jaccard similarity of 5-grams of words at least 0.8, or 0.95 of the shorter contained"
        in html
    )
    assert "Near-duplicates were not removed" not in card
    assert "first by word\\_count (descending), at last by id" in card
    assert "2 of 9 documents; old 0 of 2, web 2 of 7" in card
    assert "Pairs compared: 1 alike, 2 contained in the other." in card


def test_what_an_earlier_run_has_kept_is_named_without_its_text(
    library: Library, ids: dict[str, str], capsys: Printed, tmp_path: Path
) -> None:
    recipe = RECIPE.replace("rows: 1,", f"rows: 1, against: [{library.folder}],")
    path = write(
        tmp_path, recipe, {"old 0": "new words here", "web 0": "x " * 50, "web 1": EDITED, "web 2": EDITED + " end"}
    )
    later = open_run(run(load(path), root=str(tmp_path), console=Console(file=io.StringIO())))

    print_fate(later.folder, ids["web 1"])  # the document of this run that has the same id
    shown = capsys.readouterr().out
    assert f"{ids['web 1']} fell in duplicates.near: {ids['old 0']} stayed" in shown
    assert "alike by signature: Jaccard similarity estimated" in shown
    assert f"beside {ids['web 1']}: the text of the other one is in an earlier run" in shown
    assert "new words here" not in shown

    print_clusters(later.folder, None, 5)
    assert "is in an earlier run" in capsys.readouterr().out


def test_a_source_that_loses_too_much_stops_the_run_until_it_is_acknowledged(tmp_path: Path) -> None:
    page = words(60, 5)
    copies = {f"web {k}": " ".join([*page, f"visitor{k}"]) for k in range(1100)}
    path = write(tmp_path, RECIPE, {"old 0": ORIGINAL, **copies})
    console = Console(file=io.StringIO(), width=160)
    with pytest.raises(RunError, match=r"^duplicates.near: source 'web' loses 1,\d+ of 1,100 documents"):
        run(load(path), root=str(tmp_path), console=console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "its largest clusters" in shown and " ".join(page[:5]) in shown
    receipts = tmp_path / "out" / "receipts" / "duplicates.near"
    before = {path.name: path.stat().st_mtime_ns for path in receipts.iterdir()}

    run(load(path, ["passes.1.near.acknowledged=[web]"]), root=str(tmp_path), console=console)

    assert {path.name: path.stat().st_mtime_ns for path in receipts.iterdir()} == before
    assert "which the recipe acknowledges" in console.file.getvalue()  # type: ignore[attr-defined]
