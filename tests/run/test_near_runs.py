"""Whole runs with near-duplicates leave the same bytes however the work is cut, and after every accident."""

import dataclasses
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from catalogue import Row, documents, kept_ids, recipe, run_quietly, table, write_rows
from near_catalogue import cut_small
from workshop import redone, tree, written

from datapipe.executors import InlineExecutor
from datapipe.passes import near_labels

NEAR = (
    "  - {name: duplicates, near: {bands: 10, rows: 2, ngram: 2, verify: 0.5}, "
    "keep: [{column: stars, order: ascending}]}"
)
WORDS = ["mill", "stone", "river", "wheat", "grinds", "slowly", "water", "wheel", "flour", "sack", "miller", "bread"]

CUT_BYTES = 1200
"""Two shards of a file."""


def row(text: str, **columns: object) -> Row:
    """With an id of its source that all others have too."""
    return {
        **dict.fromkeys(["url", "date", "stars", "score", "good", "language"]),
        "source_id": "x",
        "text": text,
        **columns,
    }


def fill(folder: Path) -> None:
    """Two sources of three files: five texts with a word changed in each file, texts of their own, and short ones."""
    chance = random.Random(8)
    shared = [chance.choices(WORDS, k=16) for _ in range(5)]
    for source in ("left", "right"):
        for number in range(3):
            changed = [[*words[:number], f"{source}{number}", *words[number + 1 :]] for words in shared]
            own = [chance.choices([f"{source}{number}{word}" for word in WORDS], k=12) for _ in range(3)]
            short = [["mill"], [f"{source}{number}"], []]
            rows = [row(" ".join(words), stars=(number * 7 + place) % 5) for place, words in enumerate(changed)]
            write_rows(folder, source, rows + [row(" ".join(words)) for words in own + short], f"{number}")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over `fill`."""
    folder = tmp_path_factory.mktemp("once")
    fill(folder)
    again(folder)
    return folder


@pytest.fixture
def finished(once: Path, tmp_path: Path) -> Path:
    """A copy of that run, to be damaged or changed."""
    shutil.copytree(once, tmp_path, dirs_exist_ok=True)
    for path in (once / "input").rglob("*.jsonl"):
        shutil.copystat(path, tmp_path / path.relative_to(once))
    return tmp_path


def again(folder: Path, duplicates: str = NEAR, **options: object) -> Path:
    one = recipe(folder, ["left", "right"], duplicates, columns="[near_cluster_size]")
    return run_quietly(dataclasses.replace(one, cut_bytes=CUT_BYTES), folder, **options)


def test_of_each_text_one_copy_stays_and_of_what_is_short_too(once: Path) -> None:
    rows = table(once / "out", "shards/**/*.parquet")
    sizes = Counter(one["near_cluster_size"] for one in rows)

    # Five texts and the word `mill` in six files; a word in the three of a source, where digits do not count; three
    # texts of its own in each file; an empty one in each, which nothing is compared with.
    assert sizes == {6: 6, 3: 2, 1: 18, None: 6}
    assert [one["text"] for one in rows if one["near_cluster_size"] is None] == [""] * 6


def test_ids_of_the_source_may_repeat(once: Path) -> None:
    assert {one["source_id"] for one in table(once / "out", "shards/**/*.parquet")} == {"x"}
    assert len(documents(once / "out")) == 66


def test_every_document_that_fell_did_so_with_evidence(once: Path) -> None:
    evidence = {(one["id"], one["other_id"]): one for one in table(once / "out", "evidence/duplicates.near/*.parquet")}
    fallen = table(once / "out", "decisions/duplicates.near/*.parquet")
    kept = kept_ids(once / "out")

    assert len(fallen) == 6 * 5 + 2 * 2
    assert all(evidence[one["id"], one["duplicate_of"]]["is_accepted"] for one in fallen)
    assert {one["duplicate_of"] for one in fallen} <= kept
    assert not any(one["is_accepted"] for pair, one in evidence.items() if kept.issuperset(pair))


def test_the_cut_of_the_work_changes_no_byte(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tree(finished / "out")
    shutil.rmtree(finished / "out")
    cut_small(monkeypatch)
    again(finished)

    assert tree(finished / "out") == whole
    receipts = {path.name for path in (finished / "out/receipts").iterdir()}
    exchanged = ("bands", "profiles", "requests", "shingles", "verdicts", "evidence")
    assert {f"duplicates.near.{what}_relay" for what in exchanged} <= receipts


def test_labels_found_by_rounds_change_no_byte(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tree(finished / "out")
    shutil.rmtree(finished / "out")
    cut_small(monkeypatch)
    monkeypatch.setattr(near_labels, "MOST_DOCUMENTS", 4)
    monkeypatch.setattr(near_labels, "RANGE_DOCUMENTS", 4)
    again(finished)

    assert tree(finished / "out") == whole
    assert len(list((finished / "out/receipts/duplicates.near.labels_lesser_01").iterdir())) > 1
    told = [json.loads(path.read_text()) for path in (finished / "out/receipts/duplicates.near.labels").iterdir()]
    assert sum(one["rows_in"] for one in told) == sum(one["rows_out"] for one in told) > 0


def test_the_order_of_tasks_changes_no_byte(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tree(finished / "out")
    shutil.rmtree(finished / "out")
    cut_small(monkeypatch)
    map_in_order = InlineExecutor.map

    def map_backwards(self, function, tasks, resources):  # type: ignore[no-untyped-def]
        return map_in_order(self, function, list(tasks)[::-1], resources)

    monkeypatch.setattr(InlineExecutor, "map", map_backwards)
    again(finished)

    assert tree(finished / "out") == whole


@pytest.mark.usefixtures("ray_cluster")
def test_ray_writes_the_same_bytes(finished: Path) -> None:
    whole = tree(finished / "out")
    shutil.rmtree(finished / "out")
    again(finished, executor="ray")

    assert tree(finished / "out") == whole


def test_a_finished_run_does_nothing_again(finished: Path) -> None:
    before, whole = written(finished / "out"), tree(finished / "out")
    again(finished)

    assert redone(before, written(finished / "out")) == set()
    assert tree(finished / "out") == whole


LOST = [
    ("exchange/duplicates.near.bands/000000*", "bands/000000"),
    ("exchange/duplicates.near.buckets/000000*", "buckets/000000"),
    ("exchange/duplicates.near.labels/000000*", "labels/000000"),
    ("exchange/duplicates.near.profiles/000000*", "profiles/000000"),
    ("exchange/duplicates.near.pairing.members/000000*", "pairing/000000"),
    ("exchange/duplicates.near.shingles/000000*", "shingles/000000"),
    ("exchange/duplicates.near.verifying.matches/000000*", "verifying/000000-000000"),
    ("exchange/duplicates.near.choosing/000000*", "choosing/000000"),
    ("annotations/duplicates.near/left-000001-0000.parquet", "/left-000001-0000"),
    ("decisions/duplicates.near/right-000000-0000.parquet", "/right-000000-0000"),
    ("evidence/duplicates.near/right-000002-0000.parquet", "/right-000002-0000"),
]


@pytest.mark.parametrize(("lost", "task"), LOST)
def test_what_is_lost_is_made_again_and_nothing_else(finished: Path, lost: str, task: str) -> None:
    out = finished / "out"
    before, whole = written(out), tree(out)
    (path,) = out.glob(lost)
    path.unlink()
    again(finished)

    phase = f".{task}" if not task.startswith("/") else task
    assert redone(before, written(out)) == {f"duplicates.near{phase}.json"}
    assert tree(out) == whole
    assert path.exists()


@pytest.mark.parametrize(
    ("damage", "verify"),
    [(lambda data: data[:-9], False), (lambda data: bytes([data[0] ^ 0xFF]) + data[1:], True)],
    ids=["cut short", "of the right size"],
)
def test_what_is_damaged_is_found_and_made_again(
    finished: Path, damage: Callable[[bytes], bytes], verify: bool
) -> None:
    """With a byte turned round a file has the right size: only its sum tells."""
    out = finished / "out"
    before, whole = written(out), tree(out)
    for damaged, _ in LOST:
        (path,) = out.glob(damaged)
        path.write_bytes(damage(path.read_bytes()))
    again(finished, verify=verify)

    names = [task if task.startswith("/") else f".{task}" for _, task in LOST]
    assert redone(before, written(out)) == {f"duplicates.near{name}.json" for name in names}
    assert tree(out) == whole


def test_damage_is_told_by_the_file_that_has_it(finished: Path) -> None:
    out = finished / "out"
    path = out / "exchange/duplicates.near.bands/000000.records"
    path.write_bytes(b"\xff" + path.read_bytes()[1:])
    shutil.rmtree(out / "exchange/duplicates.near.buckets")

    with pytest.raises(OSError, match=r"again with --verify: '.*/duplicates\.near\.bands/000000\.records'"):
        again(finished)


@pytest.mark.parametrize(
    ("new", "phase", "not_again"),
    [
        (NEAR.replace("0.5", "0.6"), "verifying", "shingles"),
        (NEAR.replace("verify: 0.5", "verify: 0.5, bucket_limit: 2"), "pairing", "profiles"),
        (NEAR.replace("ascending", "descending"), "profiles", "bands"),
        (NEAR.replace("bands: 10, rows: 2", "bands: 5, rows: 4"), "bands", ""),
        (NEAR.replace("verify: 0.5", "verify: 0.5, scope: source"), "bands", ""),
    ],
)
def test_a_moved_setting_redoes_what_heeds_it_and_hashes_no_text_again(
    finished: Path, new: str, phase: str, not_again: str
) -> None:
    before = written(finished / "out")
    again(finished, new)
    moved = tree(finished / "out")

    passes = {name.partition("/")[0] for name in redone(before, written(finished / "out"))}
    assert f"duplicates.near.{phase}" in passes
    assert not passes & {"extract", "duplicates", "decide", f"duplicates.near.{not_again}"}
    shutil.rmtree(finished / "out")
    again(finished, new)
    assert tree(finished / "out") == moved


PROGRAM = """
import sys
from pathlib import Path
import pytest
from near_catalogue import cut_small
from test_near_runs import again
cut_small(pytest.MonkeyPatch())
again(Path(sys.argv[1]))
"""
MOMENTS = (
    "bands/000001", "bands_relay", "buckets/000001", "labels", "profiles/000001", "profiles_relay", "pairing/000001",
    "requests_relay", "shingles/000001", "shingles_relay", "verifying", "choosing/000001", "verdicts_relay",
    "evidence_relay", "/left-000001-0000",
)  # fmt: skip


@pytest.mark.slow
def test_a_run_killed_in_any_phase_ends_with_the_same_bytes(finished: Path) -> None:
    out = finished / "out"
    whole = tree(out)
    shutil.rmtree(out)
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    before: dict[str, int] = {}
    for moment in MOMENTS:
        reached = out / f"receipts/duplicates.near{'' if moment.startswith('/') else '.'}{moment}"
        files = [reached, reached.with_suffix(".json")]
        command = [sys.executable, "-c", PROGRAM, str(finished)]
        with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths}, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None and not any(one.exists() for one in files):
                time.sleep(0.002)
            process.kill()
        after = written(out)
        # What had a receipt is as it was.
        assert all(after.get(name) == stamp for name, stamp in before.items())
        before = after
    again(finished)

    assert tree(out) == whole
