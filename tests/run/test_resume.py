"""A run that was interrupted, damaged or changed does again what is missing, and nothing else."""

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from workshop import Workshop, many, redone, rows, texts, tree, written

from datapipe.mixture import MixtureError

CARRYING = ("decide", "gather", "pack")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A run of two files in the first source and one in the second, with something of everything in them."""
    workshop = Workshop.at(tmp_path_factory.mktemp("once"))
    workshop.write("left/a.tsv", [*many(500, 1), "?", ("tale", "en", "BOOM"), ("tale", "en", "CRASH"), ""])
    workshop.write("left/b.tsv", many(60, 2))
    workshop.write("right/c.tsv", many(200, 3))
    workshop.run()
    return workshop


@pytest.fixture
def finished(once: Workshop, tmp_path: Path) -> Workshop:
    """A copy of that run, to be damaged or changed."""
    shutil.copytree(once.folder, tmp_path, dirs_exist_ok=True)
    return Workshop(tmp_path)


def passes(receipts: set[str]) -> set[str]:
    return {receipt.partition("/")[0] for receipt in receipts}


def test_there_is_something_of_everything(finished: Workshop) -> None:
    folders = {name.partition("/")[0] for name in tree(finished.out)}

    assert folders == {
        "documents", "annotations", "decisions", "quarantine", "survivors", "shards", "validation", "mixture.json"
    }  # fmt: skip
    assert {"left-000000-0000", "left-000000-0001", "left-000001-0000", "right-000000-0000"} == {
        path.stem for path in (finished.out / "documents/extract").iterdir()
    }


def test_a_finished_run_does_nothing_again(finished: Workshop) -> None:
    before, whole = written(finished.out), tree(finished.out)
    printed = finished.run()

    assert redone(before, written(finished.out)) == set()
    assert tree(finished.out) == whole
    assert "extract: 3/3 tasks" in printed
    assert printed.count("shards were finished before") == 6


def receipt_of(output: str) -> str:
    """The receipt that names an output file."""
    path = Path(output)
    if path.parts[0] == "survivors":
        return f"gather/{path.stem}.json"
    if path.parts[0] in ("shards", "validation"):
        return f"pack/{path.with_suffix('.json')}"
    pass_name = path.parts[1] if len(path.parts) == 3 else "extract"
    return f"{pass_name}/{path.stem}.json"


DAMAGES = ("delete", "empty", "cut short")


def damage(path: Path, how: str) -> None:
    """Delete a file, empty it, or cut off its last byte."""
    if how == "delete":
        path.unlink()
    else:
        os.truncate(path, 0 if how == "empty" else path.stat().st_size - 1)


def one_of_each(names: Iterable[str]) -> list[str]:
    """The last file of every folder."""
    return list({str(Path(name).parent): name for name in sorted(names)}.values())


@pytest.mark.parametrize("how", DAMAGES)
def test_lost_outputs_are_made_again_and_nothing_else(finished: Workshop, how: str) -> None:
    before, whole = written(finished.out), tree(finished.out)
    lost = one_of_each(whole)
    for name in lost:
        damage(finished.out / name, how)
    finished.run()

    assert tree(finished.out) == whole
    assert redone(before, written(finished.out)) == {receipt_of(name) for name in lost if name != "mixture.json"}


@pytest.mark.parametrize("how", DAMAGES)
def test_lost_receipts_are_made_again_and_nothing_else(finished: Workshop, how: str) -> None:
    before, whole = written(finished.out), tree(finished.out)
    lost = one_of_each(before)
    for name in lost:
        damage(finished.out / "receipts" / name, how)
    finished.run()

    assert tree(finished.out) == whole
    assert redone(before, written(finished.out)) == set(lost)


@pytest.mark.slow
def test_any_file_may_be_lost_alone(finished: Workshop) -> None:
    before, whole = written(finished.out), tree(finished.out)
    for number, name in enumerate([*whole, *(f"receipts/{name}" for name in before)]):
        damage(finished.out / name, DAMAGES[number % 3])
        finished.run()
        after = written(finished.out)

        assert tree(finished.out) == whole, name
        expected = name.removeprefix("receipts/") if name.startswith("receipts/") else receipt_of(name)
        assert redone(before, after) == (set() if name == "mixture.json" else {expected}), name
        before = after


def test_all_may_be_lost_at_once(finished: Workshop) -> None:
    whole = tree(finished.out)
    for number, name in enumerate([*whole, *(f"receipts/{name}" for name in written(finished.out))]):
        if number % 2:
            damage(finished.out / name, DAMAGES[number % 3])
    finished.run()

    assert tree(finished.out) == whole


def test_bytes_changed_behind_our_back_are_found_by_verify(finished: Workshop) -> None:
    before, whole = written(finished.out), tree(finished.out)
    names = ("documents/extract/left-000000-0001.parquet", "annotations/look/right-000000-0000.parquet",
             "survivors/left-000001-0000.parquet", "decisions/decide/left-000000-0000.parquet")  # fmt: skip
    for name in names:
        path = finished.out / name
        path.write_bytes(b"x" * path.stat().st_size)
    finished.run(verify=True)

    assert redone(before, written(finished.out)) == {receipt_of(name) for name in names}
    assert tree(finished.out) == whole


def test_everything_but_the_inputs_may_go(finished: Workshop) -> None:
    whole = tree(finished.out)
    for name in ("documents", "receipts", "shards", "plan.json", "run.json"):
        (finished.out / name).rename(finished.folder / f"gone-{name}")
    finished.run()

    assert tree(finished.out) == whole


def test_a_moved_threshold_decides_and_packs_again_and_reads_nothing(finished: Workshop) -> None:
    before = written(finished.out)
    finished.run("domains.english.rules.0.max=200")
    after = written(finished.out)

    assert passes(redone(before, after)) == set(CARRYING)
    assert {name for name in after if name.startswith("decide/")} <= redone(before, after)
    assert max(len(text) for text in texts(finished.out, "[sv][ha]*/english/*/*.parquet")) <= 200


def test_what_moves_back_comes_back(finished: Workshop) -> None:
    """Shards that only the moved threshold made are gone, so that nobody trains on them by a glob."""
    whole = tree(finished.out)
    finished.run("domains.others.by=language", "domains.english.rules.0.max=50")
    assert {path.name for path in (finished.out / "shards/others").iterdir() if any(path.iterdir())} == {
        "de", "th", "unknown"
    }  # fmt: skip
    finished.run()

    assert tree(finished.out) == whole


def test_a_moved_weight_changes_the_mixture_alone(finished: Workshop) -> None:
    before, whole = written(finished.out), tree(finished.out)
    finished.run("domains.english.weight=0.5", "domains.others.weight=0.5")

    assert redone(before, written(finished.out)) == set()
    changed = {name for name, digest in tree(finished.out).items() if whole[name] != digest}
    assert changed == {"mixture.json"}


def test_a_changed_option_redoes_its_pass_and_what_reads_it(finished: Workshop) -> None:
    """`look` does not read what `measure` wrote: it stays."""
    before = written(finished.out)
    finished.run("passes.measure.steps.letters.bonus=1")

    assert passes(redone(before, written(finished.out))) == {"measure", *CARRYING}


def test_a_changed_early_rule_reads_the_sources_again(finished: Workshop) -> None:
    before = written(finished.out)
    finished.run("passes.extract.steps.select.rules.0.none_of=[th]")

    assert passes(redone(before, written(finished.out))) == {"extract", "measure", "look", *CARRYING}
    assert {row["language"] for row in rows(finished.out, "decisions/extract/*.parquet")} == {"th"}


def test_a_first_pass_of_another_name_leaves_no_quarantine_behind(finished: Workshop) -> None:
    before = {path.name: path.read_bytes() for path in (finished.out / "quarantine").glob("*.parquet")}
    file = finished.folder / "right/c.tsv"
    text, moment = file.read_text(), file.stat().st_mtime_ns
    file.write_text(f"?\n{text}")
    finished.run("passes.0.name=read")
    assert len(list((finished.out / "quarantine").glob("*.parquet"))) == len(before) + 1

    file.write_text(text)
    os.utime(file, ns=(moment, moment))
    finished.run()
    assert {path.name: path.read_bytes() for path in (finished.out / "quarantine").glob("*.parquet")} == before


def test_an_edited_stage_of_the_users_own_runs_again_without_a_new_version(finished: Workshop) -> None:
    before = written(finished.out)
    own = finished.folder / "own.py"
    own.write_text(own.read_text().replace("len(text) + self.bonus", "2 * len(text) + self.bonus"))
    finished.run()

    assert passes(redone(before, written(finished.out))) >= {"extract", "measure", "decide"}
    (row, *_) = rows(finished.out, "shards/english/left/*.parquet")
    assert row["letter_count"] == 2 * len(row["text"])


def test_another_shard_size_packs_again(finished: Workshop) -> None:
    before = written(finished.out)
    finished.run("shard_bytes=200_000")

    assert passes(redone(before, written(finished.out))) <= {"gather", "pack"}


def test_more_columns_in_the_shards_decide_nothing_again(finished: Workshop) -> None:
    before = written(finished.out)
    finished.run("columns=[letter_count, vowel_fraction]")

    assert passes(redone(before, written(finished.out))) == {"gather", "pack"}


def test_a_new_file_is_added_and_nothing_before_it_is_made_again(finished: Workshop) -> None:
    before, whole = written(finished.out), tree(finished.out)
    finished.write("left/0-comes-first-by-name.tsv", many(80, 4))
    finished.run()
    made = redone(before, written(finished.out))

    assert {name for name in made if not name.startswith(("gather/", "pack/"))} == {
        f"{one}/left-000002-0000.json" for one in ("extract", "measure", "look", "decide")
    }
    kept = {name: digest for name, digest in whole.items() if name.startswith(("doc", "ann", "dec", "qua"))}
    assert kept.items() <= tree(finished.out).items()
    assert len(rows(finished.out, "documents/extract/left-000002-*.parquet")) > 0


def test_a_changed_file_redoes_its_group(finished: Workshop) -> None:
    before = written(finished.out)
    finished.write("left/b.tsv", many(61, 5))
    finished.run()
    made = redone(before, written(finished.out))

    assert {name for name in made if not name.startswith(("gather/", "pack/"))} == {
        f"{one}/left-000001-0000.json" for one in ("extract", "measure", "look", "decide")
    }


def test_a_touched_file_gives_the_same_bytes_again(finished: Workshop) -> None:
    whole = tree(finished.out)
    os.utime(finished.folder / "left/b.tsv", ns=(1, 1))
    before = written(finished.out)
    finished.run()

    assert "extract/left-000001-0000.json" in redone(before, written(finished.out))
    assert tree(finished.out) == whole


def test_a_file_that_is_gone_takes_its_documents_along(finished: Workshop) -> None:
    gone = {row["id"] for row in rows(finished.out, "documents/extract/left-000001-*.parquet")}
    (finished.folder / "left/b.tsv").unlink()
    before = written(finished.out)
    finished.run()

    assert passes(redone(before, written(finished.out))) <= {"gather", "pack"}
    packed = {row["id"] for row in rows(finished.out, "[sv][ha]*/*/*/*.parquet")}
    assert packed
    assert packed.isdisjoint(gone)


def test_a_file_that_shrinks_leaves_no_document_of_its_old_cuts(finished: Workshop) -> None:
    assert (finished.out / "documents/extract/left-000000-0001.parquet").exists()
    finished.write("left/a.tsv", many(20, 6))
    finished.run()

    packed = {row["id"] for row in rows(finished.out, "[sv][ha]*/*/*/*.parquet")}
    kept = {row["id"] for shard in ("left-000000-0000", "left-000001-0000", "right-000000-0000")
            for row in rows(finished.out, f"documents/extract/{shard}.parquet")}  # fmt: skip
    assert packed <= kept


def test_weights_that_cannot_be_met_leave_no_mixture_of_an_earlier_run(finished: Workshop) -> None:
    with pytest.raises(MixtureError, match="the cap is 1"):
        finished.run("domains.english.max_epochs=1")
    assert not (finished.out / "mixture.json").exists()
    before = written(finished.out)
    finished.run()

    assert redone(before, written(finished.out)) == set()
    assert (finished.out / "mixture.json").exists()


def test_a_run_that_dies_before_its_receipt_leaves_no_receipt_of_what_it_overwrote(
    finished: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new counts have the size of the old ones: whoever goes back to the old recipe must not find them."""
    whole = tree(finished.out)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib.import_module("datapipe.run"), "leave_receipt", die)
    with pytest.raises(KeyboardInterrupt):
        finished.run("passes.measure.steps.letters.bonus=1")
    monkeypatch.undo()
    changed = [name for name, digest in tree(finished.out).items() if whole[name] != digest]
    assert [Path(name).parent.name for name in changed] == ["measure"]
    finished.run()

    assert tree(finished.out) == whole


KILLER = """
import os, random, signal, sys, time
from pathlib import Path
from datapipe import load, run
from rich.console import Console
recipe, rounds = load(sys.argv[1]), int(sys.argv[2])
chance = random.Random(time.time_ns())
longest = 0.0
for _ in range(rounds):
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        run(recipe, root=sys.argv[3], console=Console(quiet=True))
        os._exit(0)
    time.sleep(chance.uniform(0.001, 0.25))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    print(f"{time.monotonic() - start:.3f} s, {'killed' if os.WIFSIGNALED(status) else 'was done'}")
"""


def killed(workshop: Workshop, rounds: int) -> str:
    """Start the run so many times and kill it at random moments; a process of its own, because Ray does not fork."""
    command = [sys.executable, "-c", KILLER, str(workshop.folder / "recipe.yaml"), str(rounds), str(workshop.folder)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("rounds", [5, pytest.param(60, marks=pytest.mark.slow)])
def test_a_run_killed_at_any_moment_ends_with_the_same_bytes(workshop: Workshop, rounds: int) -> None:
    workshop.write("left/a.tsv", [*many(600, 1), "?", ("tale", "en", "BOOM")])
    workshop.write("left/b.tsv", many(200, 2))
    workshop.write("right/c.tsv", many(300, 3))
    workshop.run("output=undisturbed")
    for _ in range(max(1, rounds // 5)):
        story = killed(workshop, 5)
        workshop.run()

        assert tree(workshop.out) == tree(workshop.folder / "undisturbed"), story
        assert list(workshop.out.rglob(".*.tmp")) == []
        if rounds > 5:
            (workshop.out).rename(workshop.folder / f"done-{os.urandom(4).hex()}")
