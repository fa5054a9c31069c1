"""The files of a shard lie row for row beside each other, or are refused."""

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datapipe.receipts import Count
from datapipe.recipe import Step
from datapipe.shard_files import (
    EARLY_DECISION_SCHEMA,
    QUARANTINED,
    DocumentWriter,
    Swept,
    Upstream,
    count_table,
    id_digest,
    language_names,
    open_aligned,
    shard_path,
    text_sizes,
    write_quarantine,
)
from datapipe.stages.select import Select
from datapipe.storage import writing_parquet

DOCUMENTS = pa.schema(
    [pa.field("id", pa.string()), pa.field("text", pa.large_string()), pa.field("text_bytes", pa.int64())]
)
READS = (
    Upstream("documents", "extract", ("id", "text_bytes")),
    Upstream("annotations", "measure", ("n", "quarantined")),
)
EARLY = Step("select", Select(()), early=True)


def documents(*texts: str, first: int = 0) -> pa.RecordBatch:
    ids = [f"web/0/{number}" for number in range(first, first + len(texts))]
    return pa.RecordBatch.from_pydict({"id": ids, "text": texts}, DOCUMENTS.remove(2))


def write_documents(folder: Path, *batches: pa.RecordBatch, steps: tuple[Step, ...] = ()) -> DocumentWriter:
    with DocumentWriter(str(folder), "extract", "web-000000-0000", DOCUMENTS, steps) as writer:
        for batch in batches:
            writer.write(Swept(batch, np.arange(batch.num_rows)))
    return writer


def write_annotations(folder: Path, name: str, groups: list[list[int]], digest: str, **more: list[list[bool]]) -> None:
    fields = [pa.field("n" if name == "measure" else name, pa.int64()), QUARANTINED]
    path = folder / shard_path("annotations", name, "web-000000-0000")
    with writing_parquet(str(path), pa.schema(fields), align=True) as (file, _):
        for number, group in enumerate(groups):
            flags = more["quarantined"][number] if more else [False] * len(group)
            file.write(
                pa.RecordBatch.from_arrays([pa.array(group, pa.int64()), pa.array(flags)], schema=pa.schema(fields))
            )
        file.add_metadata({"id_digest": digest})


def digest_of(folder: Path) -> str:
    return id_digest(str(folder), "web-000000-0000", READS[0])


def read(folder: Path, upstream: tuple[Upstream, ...] = READS) -> list[list[dict[str, object]]]:
    return [batch.to_pylist() for batch in open_aligned(str(folder), "web-000000-0000", upstream)]


def test_documents_are_counted_by_language_with_their_utf8_bytes(tmp_path: Path) -> None:
    writer = write_documents(tmp_path, documents("ab", "ä"), documents("", first=2))

    assert writer.rows_out == 3
    assert writer.bytes_out == 4
    assert count_table(writer.counts, writer.sizes) == (Count("", "", "", 3, 4),)
    table = pq.read_table(tmp_path / "documents/extract/web-000000-0000.parquet")
    assert table["text_bytes"].to_pylist() == [2, 2, 0]
    assert [output.path for output in writer.outputs] == [f"{tmp_path}/documents/extract/web-000000-0000.parquet"]


def test_a_pass_that_drops_early_has_a_file_of_decisions_even_when_nothing_was_dropped(tmp_path: Path) -> None:
    writer = write_documents(tmp_path, documents("ab"), steps=(EARLY,))

    assert [Path(output.path).parent.parent.name for output in writer.outputs] == ["documents", "decisions"]
    assert pq.read_schema(writer.outputs[1].path).names == EARLY_DECISION_SCHEMA.names


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_writer_that_fails_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(KeyError), DocumentWriter(str(tmp_path), "extract", "s", DOCUMENTS, (EARLY,)) as writer:
        writer.write(Swept(documents("ab"), np.arange(1)))
        raise KeyError

    assert writer.outputs == []
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_digest_of_ids_does_not_depend_on_how_the_rows_came_in_batches(tmp_path: Path) -> None:
    write_documents(tmp_path / "a", documents("x", "y", "z"))
    write_documents(tmp_path / "b", documents("x"), documents(), documents("y", "z", first=1))
    write_documents(tmp_path / "c", documents("x", "y"))

    assert digest_of(tmp_path / "a") == digest_of(tmp_path / "b")
    assert digest_of(tmp_path / "a") != digest_of(tmp_path / "c")


def test_columns_of_all_files_come_side_by_side_group_by_group(tmp_path: Path) -> None:
    large = "x" * (8 << 20)
    write_documents(tmp_path, documents(large), documents("y", "z", first=1))
    write_annotations(tmp_path, "measure", [[10], [20, 30]], digest_of(tmp_path))

    assert read(tmp_path) == [
        [{"id": "web/0/0", "text_bytes": 8 << 20, "n": 10, "quarantined": False}],
        [
            {"id": "web/0/1", "text_bytes": 1, "n": 20, "quarantined": False},
            {"id": "web/0/2", "text_bytes": 1, "n": 30, "quarantined": False},
        ],
    ]


def test_a_document_is_quarantined_when_any_pass_says_so(tmp_path: Path) -> None:
    write_documents(tmp_path, documents("a", "b", "c", "d"))
    digest = digest_of(tmp_path)
    write_annotations(tmp_path, "measure", [[1, 2, 3, 4]], digest, quarantined=[[True, False, True, False]])
    write_annotations(tmp_path, "look", [[5, 6, 7, 8]], digest, quarantined=[[True, True, False, False]])

    (rows,) = read(tmp_path, (*READS, Upstream("annotations", "look", ("look", "quarantined"))))

    assert [row["quarantined"] for row in rows] == [True, True, True, False]
    assert rows[1] == {"id": "web/0/1", "text_bytes": 1, "n": 2, "quarantined": True, "look": 6}


def test_all_columns_are_read_where_none_are_named(tmp_path: Path) -> None:
    write_documents(tmp_path, documents("a"))

    assert read(tmp_path, (Upstream("documents", "extract", None),)) == [
        [{"id": "web/0/0", "text": "a", "text_bytes": 1}]
    ]


@pytest.mark.parametrize("groups", [[[1, 2]], [[1], [2, 3]], [[1, 2, 3], []], []])
def test_annotations_with_other_row_groups_are_refused(tmp_path: Path, groups: list[list[int]]) -> None:
    write_documents(tmp_path, documents("a", "b", "c"))
    write_annotations(tmp_path, "measure", groups, digest_of(tmp_path))

    with pytest.raises(
        ValueError, match=r"documents/extract.* and .*annotations/measure.* do not hold the same documents"
    ):
        read(tmp_path)


def test_annotations_of_other_documents_are_refused(tmp_path: Path) -> None:
    write_documents(tmp_path, documents("a", "b"))
    write_annotations(tmp_path, "measure", [[1, 2]], "0" * 32)

    with pytest.raises(ValueError, match="do not hold the same documents"):
        read(tmp_path)


def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    write_documents(tmp_path, documents("a"))
    path = tmp_path / "documents/extract/web-000000-0000.parquet"
    path.write_bytes(b"x" * path.stat().st_size)

    with pytest.raises(OSError, match=f"damaged; run again with --verify: '{path}'"):
        read(tmp_path, READS[:1])


def test_one_flipped_bit_is_seen_when_it_is_read(tmp_path: Path) -> None:
    write_documents(tmp_path, documents("a stone in the river"))
    path = tmp_path / "documents/extract/web-000000-0000.parquet"
    data = bytearray(path.read_bytes())
    data[data.index(b"a stone in the river")] ^= 1
    path.write_bytes(data)

    with pytest.raises(OSError, match=f"damaged; run again with --verify: '{path}'"):
        read(tmp_path, [Upstream("documents", "extract", None)])


def test_a_footer_that_makes_no_sense_is_damage_too(tmp_path: Path) -> None:
    write_documents(tmp_path, documents("a"))
    path = tmp_path / "documents/extract/web-000000-0000.parquet"
    data = path.read_bytes()
    footer = int.from_bytes(data[-8:-4], "little")
    path.write_bytes(data[: -8 - footer] + b"x" * footer + data[-8:])

    with pytest.raises(OSError, match=f"damaged; run again with --verify: '{path}'"):
        read(tmp_path, READS[:1])


def test_nothing_in_quarantine_makes_no_file(tmp_path: Path) -> None:
    assert write_quarantine(str(tmp_path), "", "s", []) == []
    assert list(tmp_path.iterdir()) == []


def test_a_quarantine_that_is_empty_now_leaves_no_file_of_an_earlier_run(tmp_path: Path) -> None:
    row = {"id": "a", "file": None, "offset": None, "step": "letters", "error": "x"}
    (first,) = write_quarantine(str(tmp_path), "", "s", [row])
    write_quarantine(str(tmp_path), "", "s", [])

    assert not Path(first.path).exists()


def test_the_quarantine_of_a_later_pass_has_a_folder_of_its_own(tmp_path: Path) -> None:
    row = {"id": "a", "file": None, "offset": None, "step": "letters", "error": "x"}
    (first,) = write_quarantine(str(tmp_path), "", "s", [row])
    (later,) = write_quarantine(str(tmp_path), "measure", "s", [row, row])

    assert first.path == f"{tmp_path}/quarantine/s.parquet"
    assert later.path == f"{tmp_path}/quarantine/measure/s.parquet"
    assert pq.read_table(later.path).to_pylist() == [row, row]


def test_a_language_that_is_missing_counts_as_nothing() -> None:
    assert language_names(pa.RecordBatch.from_pydict({"language": ["en", None]})) == ["en", ""]
    assert language_names(documents("a", "b")) == ["", ""]


def test_sizes_of_texts_are_utf8_bytes() -> None:
    assert text_sizes(documents("", "a", "ä", "世", "🎉")).to_pylist() == [0, 1, 2, 3, 4]


def test_counts_come_in_order_and_keep_what_has_no_bytes() -> None:
    rows = Counter({("en", "select", "r"): 2, ("de", "", ""): 1})

    assert count_table(rows, Counter({("de", "", ""): 7})) == (
        Count("de", "", "", 1, 7),
        Count("en", "select", "r", 2, 0),
    )
