"""The first pass: files become shards of documents, cut by bytes, and reading goes on behind any finished cut."""

import dataclasses
import gzip
import shutil
from itertools import chain

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workshop import Workshop, many, redone, rows, tree, written

from datapipe.inputs import Group, InputFile, find_groups
from datapipe.passes.planning import plan_passes, read_schema
from datapipe.passes.reading import ReadTask, is_sampled, read_group
from datapipe.receipts import Count, Place, Receipt

OTHER = "sources.1.paths=[own.py]"


def task_for(workshop: Workshop, *setting: str, **changes: object) -> ReadTask:
    """The first task of the source `left`."""
    recipe = workshop.recipe(OTHER, *setting)
    plan = plan_passes(recipe)[0]
    (group, *_) = find_groups(recipe, {})["left"]
    source, schema = recipe.sources[0], read_schema(recipe)
    fixed = ReadTask(str(workshop.out), plan.name, group, source, "f", "i", plan.steps, schema, plan.schema, 65_536)
    return dataclasses.replace(fixed, **changes)  # type: ignore[arg-type]


def group_of(workshop: Workshop, *names: str) -> Group:
    """Files read together whatever their sizes."""
    paths = [workshop.folder / "left" / name for name in names]
    return Group("left", 0, tuple(InputFile(n, str(p), p.name, p.stat().st_size, "") for n, p in enumerate(paths)))


def thousand(count: int) -> list[tuple[str, str, str]]:
    """Documents of exactly 1,000 bytes of text, each with its number."""
    return [("tale", "en", f"{number:04}" + "x" * 996) for number in range(count)]


def read_texts(workshop: Workshop) -> list[list[str]]:
    """Texts by shard."""
    folder = workshop.out / "documents" / "extract"
    return [[row["text"] for row in rows(folder, path.name)] for path in sorted(folder.iterdir())]


def numbers(workshop: Workshop) -> list[list[int]]:
    return [[int(text[:4]) for text in shard] for shard in read_texts(workshop)]


def test_a_document_has_its_id_its_source_and_its_columns(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", [("tale", "en", " once "), ("", "", "upon")])
    (receipt,) = read_group(task_for(workshop))
    name_hash = task_for(workshop).group.files[0].name_hash

    first, second = rows(workshop.out, "documents/extract/left-000000-0000.parquet")
    assert first == {
        "id": f"left/{name_hash}/0000000000", "source": "left", "source_id": None, "url": None, "date": None,
        "media_type": "text/plain", "encoding": None, "text": "once", "kind": "tale", "language": "en", "text_bytes": 4,
    }  # fmt: skip
    assert (second["id"][-2:], second["kind"], second["language"]) == ("01", None, None)
    assert receipt.counts == (Count("", "", "", 1, 4), Count("en", "", "", 1, 4))
    assert (receipt.rows_in, receipt.rows_out, receipt.bytes_in, receipt.bytes_out) == (2, 2, 10, 8)
    assert receipt.bytes_read == (workshop.folder / "left/a.tsv").stat().st_size
    assert receipt.next is None


def test_a_column_that_another_source_has_is_null_here(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", [("tale", "en", "once")])
    recipe = workshop.recipe(OTHER)
    schema = pa.schema([*read_schema(recipe), pa.field("stars", pa.int64())])
    plan = plan_passes(recipe)[0]
    read_group(task_for(workshop, read_schema=schema, schema=pa.schema([*plan.schema, pa.field("stars", pa.int64())])))

    assert rows(workshop.out, "documents/extract/*.parquet")[0]["stars"] is None


def test_a_shard_ends_after_the_delivery_that_fills_it(workshop: Workshop) -> None:
    """100 lines a delivery are 100,000 bytes of text, more than the 65,536 of a cut."""
    workshop.write("left/a.tsv", thousand(250))
    receipts = read_group(task_for(workshop))

    assert [receipt.shard for receipt in receipts] == [f"left-000000-000{cut}" for cut in range(3)]
    assert [receipt.rows_out for receipt in receipts] == [100, 100, 50]
    assert [receipt.bytes_in for receipt in receipts] == [100_000, 100_000, 50_000]
    line = 1000 + len("tale\ten\t\n")
    assert [receipt.next for receipt in receipts] == [Place(0, 100 * line, 0, 100), Place(0, 200 * line, 0, 200), None]
    assert numbers(workshop) == [list(range(100)), list(range(100, 200)), list(range(200, 250))]


def test_small_deliveries_are_gathered_before_the_steps_run(workshop: Workshop) -> None:
    """10 lines a delivery: six hold 60,000 bytes of text (with their other columns below 65,536), seven fill a cut."""
    workshop.write("left/a.tsv", thousand(250))
    receipts = read_group(task_for(workshop, "sources.0.reader={lines: {rows: 10}}"))

    assert [receipt.rows_out for receipt in receipts] == [70, 70, 70, 40]


def test_a_file_that_ends_with_a_cut_leaves_no_empty_shard_behind(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", thousand(200))
    receipts = read_group(task_for(workshop))

    assert [receipt.rows_out for receipt in receipts] == [100, 100]
    assert receipts[-1].next is None


def test_small_files_become_one_shard(workshop: Workshop) -> None:
    for name, count in {"a": 2, "b": 0, "c": 1}.items():
        workshop.write(f"left/{name}.tsv", thousand(count))
    (receipt,) = read_group(task_for(workshop))

    assert receipt.rows_out == 3
    assert numbers(workshop) == [[0, 1, 0]]
    assert [row["id"][-1] for row in rows(workshop.out, "documents/extract/*.parquet")] == ["0", "1", "0"]


def test_an_empty_file_is_a_shard_without_documents(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", [])
    (receipt,) = read_group(task_for(workshop))

    assert (receipt.rows_in, receipt.rows_out, receipt.next) == (0, 0, None)
    assert read_texts(workshop) == [[]]


def test_lines_that_are_no_documents_are_counted_by_what_they_are(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", ["", ("tale", "en", "one"), "", ("tale", "en", "two"), "", "", ""])
    (receipt,) = read_group(task_for(workshop, "sources.0.reader={lines: {rows: 2}}"))

    assert receipt.passed_over == {"blank line": 5}
    assert (receipt.rows_in, receipt.rows_out) == (2, 2)
    assert [row["id"][-1] for row in rows(workshop.out, "documents/extract/*.parquet")] == ["0", "1"]


def test_a_record_that_cannot_be_read_goes_to_quarantine_with_its_place(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", [("tale", "en", "one"), "?", ("tale", "en", "two")])
    (receipt,) = read_group(task_for(workshop))
    name_hash = task_for(workshop).group.files[0].name_hash

    assert rows(workshop.out, "quarantine/left-000000-0000.parquet") == [
        {
            "id": f"left/{name_hash}/0000000001",
            "file": "a.tsv",
            "offset": 12,
            "step": "read",
            "error": "a line of doubt",
        }
    ]
    assert (receipt.rows_in, receipt.rows_out, receipt.quarantined) == (3, 2, 1)
    assert [row["id"][-1] for row in rows(workshop.out, "documents/extract/*.parquet")] == ["0", "2"]


def test_a_document_that_a_step_breaks_on_goes_to_quarantine_with_its_id(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", [("tale", "en", "one"), ("tale", "en", "CRASH"), "?", ("tale", "en", "two")])
    (receipt,) = read_group(task_for(workshop))

    found = rows(workshop.out, "quarantine/left-000000-0000.parquet")
    assert [(row["id"][-1], row["file"], row["step"], row["error"]) for row in found] == [
        ("2", "a.tsv", "read", "a line of doubt"),
        ("1", None, "trim", "ValueError: crashed"),
    ]
    assert (receipt.rows_in, receipt.rows_out, receipt.quarantined) == (4, 2, 2)
    assert read_texts(workshop) == [["one", "two"]]


def test_what_leaves_early_is_decided_here_and_accounted(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", [("tale", "xx", "gone away"), ("tale", "en", "here"), ("tale", "", "kept")])
    (receipt,) = read_group(task_for(workshop))

    (row,) = rows(workshop.out, "decisions/extract/left-000000-0000.parquet")
    assert (row["id"][-1], row["drop_reason"], row["failed"]) == (
        "0",
        "extract.language.none_of",
        ["extract.language.none_of"],
    )
    assert (row["step"], row["language"], row["excerpt"]) == ("select", "xx", "gone away")
    assert receipt.counts == (
        Count("", "", "", 1, 4),
        Count("en", "", "", 1, 4),
        Count("xx", "select", "extract.language.none_of", 1, 9),
    )
    assert receipt.failed == {"extract.language.none_of": 1}


@pytest.mark.parametrize("setting", ["sources.0.reader=lines", "sources.0.reader={lines: {rows: 7}}"])
def test_reading_goes_on_behind_any_cut_with_the_same_bytes(workshop: Workshop, setting: str) -> None:
    workshop.write("left/a.tsv", [*many(1500, 3), "?", "", *many(30, 4)])
    task = task_for(workshop, setting)
    receipts = read_group(task)
    whole = tree(workshop.out)
    assert len(receipts) > 3
    for cut in range(len(receipts)):
        for receipt in receipts[cut:]:
            (workshop.out / "receipts" / "extract" / f"{receipt.shard}.json").unlink()
            for output in receipt.outputs:
                (workshop.out / output.path).unlink()
        again = read_group(task)

        assert [receipt.reused for receipt in again] == [True] * cut + [False] * (len(receipts) - cut)
        assert tree(workshop.out) == whole
        assert [receipt.next for receipt in again] == [receipt.next for receipt in receipts]


def test_only_the_cut_that_is_missing_is_made_again(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", thousand(450))
    task = task_for(workshop)
    read_group(task)
    before, whole = written(workshop.out), tree(workshop.out)
    for cut in (1, 3):
        (workshop.out / f"documents/extract/left-000000-000{cut}.parquet").unlink()

    again = read_group(task)

    assert [receipt.reused for receipt in again] == [True, False, True, False, True]
    assert redone(before, written(workshop.out)) == {"extract/left-000000-0001.json", "extract/left-000000-0003.json"}
    assert tree(workshop.out) == whole


def test_a_cut_may_fall_into_any_file_of_a_group(workshop: Workshop) -> None:
    for name, count in {"a": 30, "b": 250, "c": 20, "d": 0}.items():
        workshop.write(f"left/{name}.tsv", thousand(count))
    task = task_for(workshop, group=group_of(workshop, "a.tsv", "b.tsv", "c.tsv", "d.tsv"))
    receipts = read_group(task)
    whole = tree(workshop.out)

    assert [receipt.rows_out for receipt in receipts] == [130, 100, 70]
    assert [receipt.next and receipt.next.file for receipt in receipts] == [1, 1, None]
    for receipt in receipts[1:]:
        (workshop.out / receipt.outputs[0].path).unlink()
    assert [receipt.reused for receipt in read_group(task)] == [True, False, False]
    assert tree(workshop.out) == whole


def test_a_changed_fingerprint_makes_every_cut_anew(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", thousand(250))
    task = task_for(workshop)
    read_group(task)

    assert [one.reused for one in read_group(dataclasses.replace(task, fingerprint="g"))] == [False] * 3
    assert [one.reused for one in read_group(dataclasses.replace(task, input_fingerprint="j"))] == [False] * 3


def test_verify_makes_anew_what_was_changed_behind_our_back(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", thousand(250))
    task = task_for(workshop)
    read_group(task)
    whole = tree(workshop.out)
    path = workshop.out / "documents/extract/left-000000-0001.parquet"
    path.write_bytes(b"x" * path.stat().st_size)

    assert [one.reused for one in read_group(task)] == [True] * 3
    assert [one.reused for one in read_group(dataclasses.replace(task, verify=True))] == [True, False, True]
    assert tree(workshop.out) == whole


def sample_ids(workshop: Workshop, share: float | None) -> tuple[list[str], tuple[Receipt, ...]]:
    receipts = read_group(task_for(workshop, sample=share, folder=str(workshop.out / f"s{share}")))
    return [row["id"] for row in rows(workshop.out / f"s{share}", "documents/extract/*.parquet")], receipts


def test_a_sample_is_chosen_by_id_and_grows_into_a_larger_one(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", thousand(1000))
    everything, _ = sample_ids(workshop, None)
    tenth, receipts = sample_ids(workshop, 0.1)
    half, _ = sample_ids(workshop, 0.5)

    assert tenth == [one for one in everything if is_sampled(one, 0.1)]
    assert set(tenth) < set(half) < set(everything)
    assert 70 <= len(tenth) <= 130  # 100 by chance, with a deviation of 9.5
    assert 440 <= len(half) <= 560
    assert sum(receipt.bytes_in for receipt in receipts) == 1000 * len(tenth)


def test_the_account_of_a_sample_adds_up(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", [*many(500, 5), "?", ("tale", "en", "CRASH")])
    _, (receipt, *others) = sample_ids(workshop, 0.3)

    assert others == []
    assert receipt.rows_in == receipt.quarantined + sum(count.rows for count in receipt.counts)


def test_nothing_and_everything_are_samples_too() -> None:
    assert not is_sampled("a/0/0", 0.0)
    assert is_sampled("a/0/0", 1.0)


def test_compressed_files_are_read_by_their_reader(workshop: Workshop) -> None:
    """The stream that a reader opens is the file as stored."""
    path = workshop.write("left/a.tsv", [("tale", "en", "one")])
    opened = InputFile(0, str(path), "a.tsv", path.stat().st_size, "").opened()
    with opened.open() as stream:
        assert stream.read() == b"tale\ten\tone\n"
    gz = workshop.folder / "a.gz"
    gz.write_bytes(gzip.compress(b"data"))
    with InputFile(0, str(gz), "a.gz", gz.stat().st_size, "").opened().open() as stream:
        assert gzip.decompress(stream.read()) == b"data"


def test_any_files_come_out_whole_and_in_order_whatever_is_lost_between(workshop: Workshop) -> None:
    workshop.write("left/0.tsv", [])
    base = task_for(workshop, "sources.0.reader={lines: {rows: 3}}")

    @settings(max_examples=25, deadline=None)
    @given(
        files=st.lists(st.lists(st.integers(0, 90), max_size=15), min_size=1, max_size=3),
        cut_bytes=st.integers(1, 400),
        lost=st.sets(st.integers(0, 30)),
    )
    def check(files: list[list[int]], cut_bytes: int, lost: set[int]) -> None:
        shutil.rmtree(workshop.out, ignore_errors=True)
        names = [f"{number}.tsv" for number in range(len(files))]
        for name, sizes in zip(names, files, strict=True):
            workshop.write(f"left/{name}", [("tale", "en", "x" * size) for size in sizes])
        task = dataclasses.replace(base, group=group_of(workshop, *names), cut_bytes=cut_bytes)
        receipts = read_group(task)
        whole = tree(workshop.out)

        shards = [[len(text) for text in shard] for shard in read_texts(workshop)]
        assert list(chain(*shards)) == list(chain(*files))
        assert all(sum(shard) >= cut_bytes for shard in shards[:-1])
        places = [(receipt.next.file, receipt.next.offset) for receipt in receipts if receipt.next]
        assert len(places) == len(receipts) - 1
        assert places == sorted(set(places))
        for number in lost & set(range(len(receipts))):
            (workshop.out / receipts[number].outputs[0].path).unlink()
        assert [one.reused for one in read_group(task)] == [number not in lost for number in range(len(receipts))]
        assert tree(workshop.out) == whole

    check()
