"""Whatever changes between two runs with near-duplicates, the second leaves the files of a fresh run."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from catalogue import Row, kept_ids, recipe, run_quietly, table, write_rows
from test_near_against import row, window
from workshop import tree

from datapipe.passes import near_phases
from datapipe.recipe import Recipe

SETTINGS = "ngram: 1, bands: 64, rows: 1, store_shingles: true"
STARS = "keep: [{column: stars, order: descending}]"
OLD = [row(window(0, 40)), row(window(300, 40))]
NEW = [
    # Pages a few words apart, one inside another, and one that is alone. The last one has 0.82 in common with one of
    # the earlier run, and signatures estimate it as 0.72.
    [row(window(100, 40), stars=5), row(window(101, 40), stars=3), row(window(700, 40), stars=2)],
    [
        row(window(110, 40), stars=1),
        row(window(105, 10), stars=4),
        row(window(1, 40), stars=5),
        row(window(304, 40), stars=5),
    ],
]


def fill(folder: Path) -> None:
    for number, rows in enumerate(NEW):
        write_rows(folder, "web", rows, f"{number}")


def the_run(folder: Path, settings: str = "", stars: int = 0) -> Recipe:
    """Against an earlier run in the same folder."""
    near = f"near: {{{SETTINGS}, against: [earlier]{settings}}}"
    one = recipe(folder, ["web"], f"  - {{name: duplicates, {near}, {STARS}}}", columns="[near_cluster_size]")
    (domain,) = one.domains
    (rules,) = domain.rules
    (rule,) = rules.rules
    moved = dataclasses.replace(rules, rules=(dataclasses.replace(rule, min=stars),))
    return dataclasses.replace(one, domains=(dataclasses.replace(domain, rules=(moved,)),))


def earlier(folder: Path, rows: list[Row], settings: str = SETTINGS) -> None:
    write_rows(folder, "old", rows)
    one = recipe(folder, ["old"], f"  - {{name: duplicates, near: {{{settings}}}}}", "earlier")
    run_quietly(one, folder)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("histories")
    earlier(folder, OLD)
    fill(folder)
    run_quietly(the_run(folder), folder)
    return folder


def evidence(folder: Path) -> set[tuple[str, str, float | None, str]]:
    rows = table(folder / "out", "evidence/duplicates.near/*.parquet")
    return {(one["id"], one["other_id"], one["jaccard"], one["reason"]) for one in rows}


def nothing(folder: Path) -> None:
    pass


def a_text(folder: Path) -> None:
    """Another word in the one copy: shingles change, and neither routes nor who is compared."""
    words = window(101, 40).split()
    write_rows(folder, "web", [NEW[0][0], row(" ".join(["other", *words[1:]]), stars=3), NEW[0][2]], "0")


def a_new_copy(folder: Path) -> None:
    """It ties documents of other shards together."""
    write_rows(folder, "web", [row(window(105, 40), stars=9)], "3")


def what_earlier_runs_kept(folder: Path) -> None:
    earlier(folder, [row(window(102, 40)), row(window(300, 40))])


def what_earlier_runs_kept_of_it(folder: Path) -> None:
    """The same documents and signatures, without shingles."""
    earlier(folder, OLD, SETTINGS.replace(", store_shingles: true", ""))


@pytest.mark.parametrize(
    ("change", "settings", "stars"),
    [
        (a_text, "", 0),
        (a_new_copy, "", 0),
        (what_earlier_runs_kept, "", 0),
        (what_earlier_runs_kept_of_it, "", 0),
        (nothing, "", 4),
        (nothing, ", containment: 1.0", 0),
        (nothing, ", compare: signatures", 0),
        (nothing, ", verify: 0.5", 0),
    ],
)
def test_a_run_after_a_change_leaves_what_a_fresh_one_leaves(
    once: Path, tmp_path: Path, change: Callable[[Path], None], settings: str, stars: int
) -> None:
    shutil.copytree(once, tmp_path, dirs_exist_ok=True)
    for path in (once / "input").rglob("*.jsonl"):
        shutil.copystat(path, tmp_path / path.relative_to(once))
    before, found = kept_ids(tmp_path / "out"), evidence(tmp_path)
    change(tmp_path)
    check_against_a_fresh_one(the_run(tmp_path, settings, stars), tmp_path)

    assert (kept_ids(tmp_path / "out"), evidence(tmp_path)) != (before, found)  # the change matters


@pytest.mark.parametrize("block_bytes", [1200, 1 << 20])
def test_groups_whose_own_documents_are_as_they_were_are_looked_at_again(
    once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block_bytes: int
) -> None:
    """Of a chain every second page stays. A new first one turns that round up to its end, which it shares no word with.

    Another new one is like a page that was alone.
    """
    monkeypatch.setattr(near_phases, "GROUP_BYTES", 1)
    monkeypatch.setattr(near_phases, "BLOCK_BYTES", block_bytes)
    shutil.copytree(once / "earlier", tmp_path / "earlier")
    fill(tmp_path)
    chain = [row(window(800 + 4 * link, 40), stars=90 - link) for link in range(-1, 12)]
    write_rows(tmp_path, "web", chain[1:], "chain")
    run_quietly(the_run(tmp_path), tmp_path)
    before, found = stays(tmp_path, chain[-1]), evidence(tmp_path)
    write_rows(tmp_path, "web", [chain[0], row(window(703, 40), stars=9)], "new")
    check_against_a_fresh_one(the_run(tmp_path), tmp_path)

    assert stays(tmp_path, chain[-1]) is not before
    assert evidence(tmp_path) > found


def stays(folder: Path, one: Row) -> bool:
    return one["text"] in {kept["text"] for kept in table(folder / "out", "shards/**/*.parquet")}


def check_against_a_fresh_one(one: Recipe, folder: Path) -> None:
    run_quietly(one, folder)
    after = tree(folder / "out")
    shutil.rmtree(folder / "out")
    run_quietly(one, folder)
    assert after == tree(folder / "out")
