"""`datapipe clean`: what it takes for leftovers, and that a rerun does nothing after it and holds the same bytes."""

import json
import shutil
from pathlib import Path

import pytest
from workshop import Workshop, many, redone, tree, written

from datapipe.housekeeping.clean import Leftovers, find_leftovers, remove
from datapipe.housekeeping.clean_report import clean
from datapipe.housekeeping.manifests import read_manifests
from datapipe.output import RunError, locked


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """A finished run over files of one, one and two cuts; one of them has a record in quarantine."""
    workshop = Workshop.at(tmp_path_factory.mktemp("made"))
    workshop.write("left/a.tsv", [*many(400, 1), "?"])
    workshop.write("left/b.tsv", many(400, 3))
    workshop.write("right/b.tsv", many(900, 2))
    workshop.run(SETTINGS)
    return workshop


@pytest.fixture
def finished(made: Workshop, tmp_path: Path) -> Workshop:
    """A copy of it."""
    shutil.copytree(made.folder, tmp_path, dirs_exist_ok=True)
    return Workshop(tmp_path)


SETTINGS = "max_error_fraction=0.5"


def found(workshop: Workshop, intermediates: bool = False) -> Leftovers:
    return find_leftovers(str(workshop.out), intermediates)


def files(leftovers: Leftovers) -> dict[str, list[str]]:
    return {one.name.partition(" ")[0]: one.files for one in leftovers.categories}


def on_disk(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_run_leaves_nothing_to_clean(finished: Workshop) -> None:
    left = found(finished)

    assert (left.categories, left.foreign, left.notes) == ([], [], [])
    assert left.kept_bytes == sum(path.stat().st_size for path in finished.out.rglob("*") if path.is_file())


def test_manifests_name_every_file_of_the_run(finished: Workshop) -> None:
    kinds = ("documents", "annotations", "decisions", "quarantine", "survivors", "shards", "validation")
    named = [path for one in read_manifests(str(finished.out)).values() for path in one.files]

    assert sorted(named) == sorted(path for path in on_disk(finished.out) if path.startswith(kinds))


def test_files_of_a_removed_source_and_a_rerun_that_does_nothing(finished: Workshop) -> None:
    (finished.folder / "left/b.tsv").unlink()
    finished.run(SETTINGS)
    whole, receipts = tree(finished.out), written(finished.out)
    gone = {name for name in whole if "left-000001-" in name}
    assert len(gone) == 7

    left = found(finished)
    assert set(files(left)) == {"shards"}
    assert gone <= set(files(left)["shards"])
    assert all("left-000001-" in path for path in files(left)["shards"])
    remove(left)
    assert found(finished).categories == []
    finished.run(SETTINGS)

    assert tree(finished.out) == {name: sum for name, sum in whole.items() if name not in gone}
    assert redone(receipts, written(finished.out)) == set()


def test_cuts_of_a_file_that_has_shrunk(finished: Workshop) -> None:
    finished.write("right/b.tsv", many(10, 2))
    finished.run(SETTINGS)

    stale = files(found(finished))["shards"]
    assert "documents/extract/right-000000-0001.parquet" in stale
    assert "documents/extract/right-000000-0000.parquet" not in stale
    assert "receipts/extract/right-000000-0001.json" in stale


def test_a_pass_that_was_renamed(finished: Workshop) -> None:
    path = finished.folder / "recipe.yaml"
    path.write_text(path.read_text().replace("name: look", "name: gaze"))
    finished.run(SETTINGS)
    whole = tree(finished.out)

    left = found(finished)
    assert set(files(left)) == {"passes"}
    assert {path.split("/")[0] for path in files(left)["passes"]} == {"annotations", "receipts", "passes"}
    assert all("/look" in path for path in files(left)["passes"])
    remove(left)
    assert not (finished.out / "annotations/look").exists()
    assert not (finished.out / "receipts/look").exists()
    receipts = written(finished.out)
    finished.run(SETTINGS)
    assert tree(finished.out) == {name: sum for name, sum in whole.items() if "/look/" not in name}
    assert redone(receipts, written(finished.out)) == set()


def test_files_that_are_gone_do_not_stop_a_run_with_other_passes(finished: Workshop) -> None:
    """The report, which shows texts of some shards, does not ask for those of the file that is gone."""
    (finished.folder / "left/b.tsv").unlink()
    path = finished.folder / "recipe.yaml"
    path.write_text(path.read_text().replace("name: look", "name: gaze"))
    finished.run(SETTINGS)

    assert set(files(found(finished))) == {"passes", "shards"}


def test_outputs_without_a_receipt_and_half_written_files(finished: Workshop) -> None:
    (finished.out / "documents/extract/left-000009-0000.parquet").write_bytes(b"12345")
    (finished.out / "shards/english/left/000099.parquet").write_bytes(b"123")
    (finished.out / "documents/extract/.left-000000-0000.parquet.0123.tmp").write_bytes(b"1234567")
    left = found(finished)

    assert files(left) == {
        "half-written": ["documents/extract/.left-000000-0000.parquet.0123.tmp"],
        "outputs": ["documents/extract/left-000009-0000.parquet", "shards/english/left/000099.parquet"],
    }
    assert left.bytes == 15


def test_what_is_not_ours_stays_and_is_told(finished: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    mine = ("notes.txt", "documents/extract/notes.txt", "shards/english/left/README.md", "mine/a-000000-0000.parquet")
    for name in mine:
        (finished.out / name).parent.mkdir(exist_ok=True)
        (finished.out / name).write_text("mine")
    (finished.out / "documents/extract/left-000009-0000.parquet").write_bytes(b"12345")
    before = on_disk(finished.out)

    assert sorted(found(finished).foreign) == sorted(mine)
    clean(str(finished.out), delete=True)
    assert before - on_disk(finished.out) == {"documents/extract/left-000009-0000.parquet"}
    assert "not ours, stays: " in capsys.readouterr().out


def test_tokens_are_left_alone_and_not_called_foreign(finished: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    kept = found(finished).kept_bytes
    folder = finished.out / "tokens/mine-8192"
    for name in ("manifest.json", "receipts/english/a/000000.json", "english/a/.000000.bin.1.tmp"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"0" * 500_000)
    before = on_disk(finished.out)

    left = found(finished)
    assert (left.categories, left.foreign, left.kept_bytes) == ([], [], kept)
    clean(str(finished.out), delete=True)
    assert on_disk(finished.out) == before
    assert "tokens/mine-8192 stays: 1.5 MB of `tokenizer encode`\n" in capsys.readouterr().out


def test_the_folder_of_another_command_is_refused_in_one_line(finished: Workshop) -> None:
    (finished.out / "plan.json").unlink()
    with pytest.raises(RunError, match=r"no plan\.json: written by `tokenizer`, not `datapipe run`\?"):
        found(finished)


def test_two_drivers_at_once_leave_nothing_that_would_be_taken_for_old(finished: Workshop) -> None:
    """On object stores both may finish, and each leaves the manifests of some passes."""
    for name in ("measure", "gather"):
        path = finished.out / "passes" / f"{name}.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "run": "the-other-one"}))

    assert found(finished).categories == []


def test_nothing_is_deleted_without_being_told_to(finished: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    (finished.out / "documents/extract/left-000009-0000.parquet").write_bytes(b"12345")
    before = on_disk(finished.out)

    clean(str(finished.out))
    assert on_disk(finished.out) == before
    assert "1 files, 0.0 MB: nothing is deleted yet: --yes deletes" in capsys.readouterr().out


def test_intermediates_of_a_finished_run_can_be_made_again(finished: Workshop) -> None:
    whole, receipts = tree(finished.out), written(finished.out)
    left = found(finished, intermediates=True)

    assert set(files(left)) == {"survivors"}
    assert all(path.startswith("survivors/") for path in files(left)["survivors"])
    remove(left)
    assert not (finished.out / "survivors").exists()
    finished.run(SETTINGS)
    assert tree(finished.out) == whole
    assert {name.partition("/")[0] for name in redone(receipts, written(finished.out))} == {"gather"}


def test_documents_of_an_earlier_generation_are_intermediates(workshop: Workshop) -> None:
    path = workshop.folder / "recipe.yaml"
    path.write_text(
        path.read_text().replace("  - name: measure\n", "  - name: again\n    steps: [trim]\n  - name: measure\n")
    )
    workshop.write("left/a.tsv", many(20, 1))
    workshop.write("right/b.tsv", many(20, 2))
    workshop.run()
    whole = tree(workshop.out)

    left = found(workshop, intermediates=True)
    assert files(left)["documents"] == [
        "documents/extract/left-000000-0000.parquet", "documents/extract/right-000000-0000.parquet"
    ]  # fmt: skip
    assert left.categories[-1].cost == "extract: the sources are read again"
    remove(left)
    workshop.run()
    assert tree(workshop.out) == whole


def test_a_run_that_has_not_finished_keeps_what_it_has_not_come_to(finished: Workshop) -> None:
    (finished.folder / "left/b.tsv").unlink()
    path = finished.folder / "recipe.yaml"
    path.write_text(path.read_text().replace("name: look", "name: gaze"))
    finished.write("right/b.tsv", many(901, 2))
    with pytest.raises(RunError):
        finished.run("max_error_fraction=0.001")

    left = found(finished)
    assert all(path.split("/")[1] == "extract" for path in files(left).pop("shards"))
    assert [one.name.partition(" ")[0] for one in left.categories] == ["shards"]
    assert left.notes == ["the latest run has not finished: what it has not come to yet stays"]
    with pytest.raises(RunError, match="the latest run has not finished: it still needs its intermediates"):
        found(finished, intermediates=True)


def test_a_run_that_failed_before_it_changed_anything_leaves_what_can_go_as_it_was(finished: Workshop) -> None:
    before = files(found(finished, intermediates=True))
    with pytest.raises(RunError, match="in quarantine"):
        finished.run("max_error_fraction=0.001")

    left = found(finished, intermediates=True)
    assert files(left) == before
    assert left.notes == ["a later run failed before it changed anything: this goes by the one before"]


def test_a_folder_that_a_run_writes_is_refused(finished: Workshop) -> None:
    with locked(str(finished.out)), pytest.raises(RunError, match=r"a run is writing .*out: process "):
        found(finished)
    left = found(finished)
    with locked(str(finished.out)), pytest.raises(RunError, match="another run is writing"):
        remove(left)


def test_a_folder_without_a_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"not the output folder of a run \(`datapipe runs .*` lists those below it\)"):
        find_leftovers(str(tmp_path))
    (tmp_path / "plan.json").write_text('{"name": "letters"}')
    with pytest.raises(RunError, match="no event log: run the recipe once more"):
        find_leftovers(str(tmp_path))


def test_what_duplicate_passes_write_is_known_and_their_exchanges_can_go(workshop: Workshop) -> None:
    """Repeated passages, and exact duplicates behind the rules: a generation of documents, exchanges, an index."""
    path = workshop.folder / "recipe.yaml"
    passes = "  - name: passages\n    repeated: {unit: line}\n  - name: duplicates\n    exact: {}\n"
    path.write_text(path.read_text().replace("  - name: measure\n", f"{passes}  - name: measure\n"))
    workshop.write("left/a.tsv", [*many(200, 1), *many(50, 1)])
    workshop.write("right/b.tsv", many(200, 2))
    workshop.run()
    whole, receipts = tree(workshop.out), written(workshop.out)

    left = found(workshop, intermediates=True)
    assert left.foreign == []
    assert set(files(left)) == {"survivors", "exchanges", "documents"}
    assert {path.split("/")[1] for path in files(left)["documents"]} == {"extract"}
    remove(left)
    workshop.run()
    assert tree(workshop.out) == whole
    again = {name.partition("/")[0] for name in redone(receipts, written(workshop.out))}
    assert {"extract", "gather"} <= again
    assert not again & {"measure", "look", "decide", "pack"}
    assert found(workshop).categories == []


def test_evidence_and_indexes_of_near_duplicates_stay_until_their_round_is_gone(workshop: Workshop) -> None:
    path = workshop.folder / "recipe.yaml"
    plain = path.read_text()
    near = "  - name: duplicates\n    near: {store_shingles: true}\n"
    path.write_text(plain.replace("  - name: measure\n", f"{near}  - name: measure\n"))
    workshop.write("left/a.tsv", [*many(200, 1), *many(50, 1)])
    workshop.write("right/b.tsv", many(200, 2))
    workshop.run()
    whole, receipts = tree(workshop.out), written(workshop.out)
    kept = {"evidence/duplicates.near", "indexes/duplicates.near", "indexes/duplicates.near.shingles"}

    left = found(workshop, intermediates=True)
    assert left.foreign == []
    assert set(files(left)) == {"survivors", "exchanges"}
    remove(left)
    assert kept <= {str(Path(name).parent) for name in on_disk(workshop.out)}
    workshop.run()
    assert tree(workshop.out) == whole
    assert "duplicates.near" not in {name.partition("/")[0] for name in redone(receipts, written(workshop.out))}

    path.write_text(plain)
    workshop.run()
    assert kept <= {str(Path(name).parent) for name in files(found(workshop))["passes"]}
