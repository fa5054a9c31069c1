"""From decisions to shards: every survivor in exactly one shard, in keyed order, in a folder that can exist."""

import dataclasses
import json
import shutil
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workshop import rows

from datapipe.passes.deciding import ROUTE_SCHEMA
from datapipe.passes.holdout import draws
from datapipe.passes.packing import (
    Gathered,
    GatherTask,
    PackTask,
    gather_shard,
    pack_shard,
    plan_packing,
    remove_stale,
    route_upstream,
    unit_folder,
)
from datapipe.receipts import Receipt, UnitCount, finished
from datapipe.shard_files import DocumentWriter, Swept, Upstream, id_digest, shard_path
from datapipe.storage import ROW_GROUP_BYTES, writing_parquet

DOCUMENTS = pa.schema(
    [pa.field("id", pa.string()), pa.field("text", pa.large_string()), pa.field("text_bytes", pa.int64())]
)
SCHEMA = DOCUMENTS.remove(2)
READS = Upstream("documents", "extract", tuple(DOCUMENTS.names))
Document = tuple[str | None, str]
"""Unit (None: dropped) and text."""


def gather(folder: Path, shards: list[list[Document]], share: float = 0.0) -> list[Receipt]:
    """Write input shards of one domain with their routes, and gather them."""
    receipts, number = [], 0
    for position, documents in enumerate(shards):
        shard = f"web-{position:06}-0000"
        ids = [f"{number + offset:04}" for offset in range(len(documents))]
        number += len(documents)
        texts = [text for _, text in documents]
        batch = pa.RecordBatch.from_pydict({"id": ids, "text": texts}, SCHEMA)
        with DocumentWriter(str(folder), "extract", shard, DOCUMENTS, ()) as writer:
            writer.write(Swept(batch, np.arange(batch.num_rows)))
        units = [unit for unit, _ in documents]
        route = {"drop_reason": ["x" if u is None else None for u in units], "unit": units}
        route["domain"] = [None if u is None else "all" for u in units]
        with writing_parquet(str(folder / shard_path("annotations", "decide", shard)), ROUTE_SCHEMA, align=True) as (
            f,
            _,
        ):
            f.write(pa.RecordBatch.from_pydict(route, ROUTE_SCHEMA))
            f.add_metadata({"id_digest": id_digest(str(folder), shard, READS)})
        shares = {("all", unit): share for unit in units if unit is not None}
        task = GatherTask(str(folder), shard, "f", "i", (READS, route_upstream()), SCHEMA, shares, 17)
        receipts.append(gather_shard(task))
    return receipts


def gathered(receipts: list[Receipt]) -> Gathered:
    """Their columns, the last receipt first."""
    columns = Gathered([one.shard for one in receipts], "f", [one.input_fingerprint for one in receipts])
    for receipt in reversed(receipts):
        columns.add(receipt)
    return columns


def pack(folder: Path, receipts: list[Receipt], shard_bytes: int, seed: int = 17) -> list[PackTask]:
    template = PackTask(str(folder), "f", "", "", "", "", 0, 0, 0, (), SCHEMA, seed)
    tasks = list(plan_packing(gathered(receipts), shard_bytes, template))
    for task in tasks:
        pack_shard(task)
    return tasks


def counted(*sizes: int, unit: str = "u") -> list[Receipt]:
    """Receipts of gathering that give a unit these bytes."""
    return [
        Receipt("gather", f"s{number:02}", "f", f"i{number}", units=(UnitCount("all", unit, 1, size, ()),))
        for number, size in enumerate(sizes)
    ]


def planned(receipts: list[Receipt], shard_bytes: int) -> list[PackTask]:
    template = PackTask("", "", "", "", "", "", 0, 0, 0, (), SCHEMA, 17)
    columns = gathered(receipts)
    tasks = list(plan_packing(columns, shard_bytes, template))
    assert columns.packed_count(shard_bytes) == len(tasks)
    return tasks


def test_boundaries_follow_from_prefix_sums_of_bytes() -> None:
    """400 bytes in shards of 150: two of 150, one of 100."""
    tasks = planned(counted(100, 50, 250), 150)

    assert [(task.start, task.end) for task in tasks] == [(0, 150), (150, 300), (300, 401)]
    assert [[(run.shard, run.base) for run in task.runs] for task in tasks] == [
        [("s00", 0), ("s01", 100)], [("s01", 100), ("s02", 150)], [("s02", 150)]
    ]  # fmt: skip
    assert [task.shard for task in tasks] == [f"shards/all/u/00000{number}" for number in range(3)]


def test_a_unit_that_fits_is_one_shard() -> None:
    assert [(task.start, task.end) for task in planned(counted(100, 50), 150)] == [(0, 151)]
    assert [(task.start, task.end) for task in planned(counted(100, 51), 150)] == [(0, 150), (150, 152)]


def test_documents_added_behind_move_no_edge() -> None:
    before, after = planned(counted(100, 100, 100), 120), planned(counted(100, 100, 100, 100), 120)

    assert [task.input_fingerprint for task in before[:2]] == [task.input_fingerprint for task in after[:2]]
    assert before[2].input_fingerprint != after[2].input_fingerprint


def test_a_unit_without_a_byte_is_one_shard() -> None:
    (task,) = planned(counted(0, 0), 150)

    assert (task.start, task.end, len(task.runs)) == (0, 1, 2)


def test_every_unit_and_split_has_shards_of_its_own() -> None:
    receipts = [
        Receipt("gather", "s", "f", "i", units=(UnitCount("b", "y", 1, 10, ()), UnitCount("a", "x", 1, 10, ())),
                held_out=(UnitCount("a", "x", 1, 5, ()),))
    ]  # fmt: skip

    assert [task.shard for task in planned(receipts, 100)] == [
        "shards/a/x/000000", "shards/b/y/000000", "validation/a/x/000000"
    ]  # fmt: skip


def test_a_changed_input_changes_only_the_shards_that_read_it() -> None:
    before = planned(counted(100, 100, 100, 100), 200)
    changed = counted(100, 100, 100, 100)
    changed[3] = dataclasses.replace(changed[3], input_fingerprint="new")
    after = planned(changed, 200)

    assert [a.input_fingerprint == b.input_fingerprint for a, b in zip(before, after, strict=True)] == [True, False]


@given(st.lists(st.integers(0, 60), max_size=40), st.integers(1, 100))
def test_the_runs_of_a_shard_are_those_with_a_document_that_may_begin_in_it(sizes: list[int], shard_bytes: int) -> None:
    bases = [sum(sizes[:number]) for number in range(len(sizes))]
    tasks = planned(counted(*sizes), shard_bytes)

    for task in tasks:
        needed = [n for n, base in enumerate(bases) if base < task.end and base + sizes[n] >= task.start]
        assert [(run.shard, run.base) for run in task.runs] == [(f"s{n:02}", bases[n]) for n in needed]
    assert [task.start for task in tasks[1:]] == [task.end for task in tasks[:-1]]
    assert all(task.end - task.start <= shard_bytes for task in tasks[:-1])


def test_a_document_belongs_to_the_shard_in_which_its_first_byte_lies(tmp_path: Path) -> None:
    """100 bytes in two shards of 50: documents begin at 0, 30, 60 and 90."""
    texts = ["a" * 30, "b" * 30, "c" * 30, "d" * 10]
    pack(tmp_path, gather(tmp_path, [[("u", text) for text in texts[:2]], [("u", text) for text in texts[2:]]]), 50)

    assert sorted(row["text"] for row in rows(tmp_path, "shards/all/u/000000.parquet")) == texts[:2]
    assert sorted(row["text"] for row in rows(tmp_path, "shards/all/u/000001.parquet")) == texts[2:]


def test_a_document_larger_than_a_shard_fills_several_and_stands_in_the_first(tmp_path: Path) -> None:
    """340 bytes in shards of at most 100: four of 85; the large one begins in the first and reaches the last."""
    tasks = pack(tmp_path, gather(tmp_path, [[("u", "a" * 10), ("u", "b" * 300), ("u", "c" * 30)]]), 100)

    found = [len(rows(tmp_path, f"shards/all/u/00000{number}.parquet")) for number in range(4)]
    assert found == [2, 0, 0, 1]
    assert [(tmp_path / f"{task.shard}.parquet").exists() for task in tasks] == [True, False, False, True]
    assert all(finished(str(tmp_path), "pack", task.shard, "f", task.input_fingerprint) for task in tasks)


def test_documents_without_text_are_packed_wherever_they_stand(tmp_path: Path) -> None:
    shards = [
        [("u", ""), ("u", "a" * 50), ("u", "")],
        [("u", "")],
        [("u", "b" * 50), ("u", "")],
        [("v", ""), ("v", "")],
    ]
    pack(tmp_path, gather(tmp_path, shards), 50)

    assert sorted(row["id"] for row in rows(tmp_path, "shards/all/*/*.parquet")) == [f"{n:04}" for n in range(8)]


Texts = st.integers(0, 30).map(lambda size: "x" * size)


def test_every_survivor_is_in_exactly_one_shard(tmp_path: Path) -> None:
    @settings(max_examples=12, deadline=None)
    @given(
        shards=st.lists(
            st.lists(st.tuples(st.sampled_from(["u", "v", None]), Texts | st.just("y" * 200)), max_size=12), min_size=1,
            max_size=3,
        ),
        shard_bytes=st.integers(1, 120),
        share=st.sampled_from([0.0, 0.3, 1.0]),
    )  # fmt: skip
    def check(shards: list[list[Document]], shard_bytes: int, share: float) -> None:
        shutil.rmtree(tmp_path)
        tasks = pack(tmp_path, gather(tmp_path, shards, share), shard_bytes)

        documents = list(chain(*shards))
        ids = [f"{number:04}" for number in range(len(documents))]
        held = dict(zip(ids, draws(ids, 17) < share, strict=True))
        for split, wanted in (("shards", False), ("validation", True)):
            for unit in ("u", "v"):
                found = [row["id"] for row in rows(tmp_path, f"{split}/all/{unit}/*.parquet")]
                expected = [
                    one for one, (u, _) in zip(ids, documents, strict=True) if u == unit and held[one] == wanted
                ]
                assert sorted(found) == expected
        for task in tasks:
            sizes = [len(row["text"]) for row in rows(tmp_path, f"{task.shard}.parquet")]
            assert sum(sizes) <= shard_bytes + max(sizes, default=0)

    check()


def test_the_order_inside_a_shard_is_keyed_and_not_that_of_the_input(tmp_path: Path) -> None:
    receipts = gather(tmp_path, [[("u", "x") for _ in range(100)]])
    pack(tmp_path, receipts, 1000)
    order = [row["id"] for row in rows(tmp_path, "shards/all/u/*.parquet")]
    ids = sorted(order)

    assert order == [ids[row] for row in np.argsort(draws(ids, 18))]
    assert order != ids
    assert order != [ids[row] for row in np.argsort(draws(ids, 17))], (
        "the order must not follow the draws of the holdout"
    )


def test_the_order_does_not_depend_on_how_the_input_was_cut(tmp_path: Path) -> None:
    one = [("u", "x") for _ in range(100)]
    pack(tmp_path / "a", gather(tmp_path / "a", [one]), 1000)
    pack(tmp_path / "b", gather(tmp_path / "b", [one[:30], one[30:31], [], one[31:]]), 1000)
    name = "shards/all/u/000000.parquet"

    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_another_seed_gives_another_order(tmp_path: Path) -> None:
    receipts = gather(tmp_path, [[("u", "x") for _ in range(100)]])
    pack(tmp_path, receipts, 1000)
    first = [row["id"] for row in rows(tmp_path, "shards/all/u/*.parquet")]
    shutil.rmtree(tmp_path / "receipts" / "pack")
    pack(tmp_path, receipts, 1000, seed=18)

    assert [row["id"] for row in rows(tmp_path, "shards/all/u/*.parquet")] != first


def test_survivors_lie_by_unit_with_an_index_in_the_footer(tmp_path: Path) -> None:
    large = "x" * (ROW_GROUP_BYTES - 1)
    documents = [("v", "b"), ("u", large), (None, "dropped"), ("u", "ccc"), ("u", large), ("v", "d")]
    (receipt,) = gather(tmp_path, [documents])

    file = pq.ParquetFile(tmp_path / "survivors/web-000000-0000.parquet")
    assert json.loads(file.metadata.metadata[b"units"]) == [["shards", "all", "u", 0, 3], ["shards", "all", "v", 3, 1]]
    groups = [file.read_row_group(group, ["id"])["id"].to_pylist() for group in range(4)]
    assert groups == [["0001"], ["0003"], ["0004"], ["0000", "0005"]]
    assert receipt.units == (
        UnitCount("all", "u", 3, 2 * ROW_GROUP_BYTES + 1, ()), UnitCount("all", "v", 2, 2, ())
    )  # fmt: skip
    assert (receipt.rows_out, receipt.bytes_out) == (5, 2 * ROW_GROUP_BYTES + 3)


def test_a_shard_of_which_nothing_stays_gives_nothing(tmp_path: Path) -> None:
    (receipt,) = gather(tmp_path, [[(None, "x")]])

    assert receipt.units == receipt.held_out == ()
    assert pack(tmp_path, [receipt], 100) == []


def test_gathering_and_packing_are_not_done_twice(tmp_path: Path) -> None:
    gather(tmp_path, [[("u", "x")]])
    (receipt,) = gather(tmp_path, [[("u", "x")]])
    (task,) = pack(tmp_path, [receipt], 100)

    assert receipt.reused
    assert pack_shard(task).reused


def test_shards_carry_the_declared_columns_only(tmp_path: Path) -> None:
    pack(tmp_path, gather(tmp_path, [[("u", "x")]]), 100)

    assert pq.read_schema(tmp_path / "shards/all/u/000000.parquet").names == ["id", "text"]


def test_shards_of_an_earlier_run_are_removed(tmp_path: Path) -> None:
    receipts = gather(tmp_path, [[("u", "x" * 60), ("u", "y" * 60), ("a/b", "z")]])
    pack(tmp_path, receipts, 60)
    again = pack(tmp_path, [dataclasses.replace(receipts[0], units=receipts[0].units[1:])], 1000)
    remove_stale(str(tmp_path), {task.shard for task in again})

    left = [path for path in (tmp_path / "shards").rglob("*") if path.is_file()]
    assert left == [tmp_path / "shards/all/u/000000.parquet"]
    assert len(list((tmp_path / "receipts/pack").rglob("*.json"))) == 1


def test_a_shard_that_has_no_document_any_more_leaves_no_file_behind(tmp_path: Path) -> None:
    """Two shards of 50, then one document that reaches into the second."""
    pack(tmp_path, gather(tmp_path, [[("u", "x" * 50), ("u", "y" * 50)]]), 50)
    assert (tmp_path / "shards/all/u/000001.parquet").exists()
    shutil.rmtree(tmp_path / "receipts")
    pack(tmp_path, gather(tmp_path, [[("u", "z" * 90)]]), 50)

    assert [row["text"] for row in rows(tmp_path, "shards/all/u/*.parquet")] == ["z" * 90]


@pytest.mark.parametrize(
    ("unit", "folder"),
    [
        ("python", "python"), ("C++", "C++"), ("C#", "C%23"), ("a/b", "a%2Fb"), ("..", "%2E."), (".", "%2E"),
        (".hidden", "%2Ehidden"), ("v1.0", "v1.0"), ("%2E", "%252E"), ("世", "%E4%B8%96"), ("Q #", "Q %23"),
        ("a=b", "a%3Db"), ("*", "%2A"), ("a\nb", "a%0Ab"), ("a\\b", "a%5Cb"), ("\0", "%00"), ("~", "~"),
    ],
)  # fmt: skip
def test_units_have_folders_that_can_exist(unit: str, folder: str) -> None:
    assert unit_folder("all", unit) == f"shards/all/{folder}"
    assert unit_folder("all", unit, "validation") == f"validation/all/{folder}"


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
def test_different_units_have_different_folders_in_their_domain(one: str, other: str) -> None:
    folders = [unit_folder("all", unit).removeprefix("shards/all/") for unit in (one, other)]

    assert (folders[0] == folders[1]) == (one == other)
    for folder in folders:
        assert "/" not in folder
        assert not folder.startswith(".")
        assert 0 < len(folder.encode()) <= 255


@pytest.mark.parametrize("unit", ["C#", "a/b", "..", "世" * 100, "x" * 300, " ", "%2F"])
def test_units_with_odd_names_are_packed_and_found(tmp_path: Path, unit: str) -> None:
    pack(tmp_path, gather(tmp_path, [[(unit, "one"), ("u", "two")]], share=0.5), 100)

    files = [path.relative_to(tmp_path) for path in tmp_path.rglob("*.parquet")]
    packed = [path for path in files if path.parts[0] in ("shards", "validation")]
    assert [len(path.parts) for path in packed] == [4, 4]
    assert sorted(row["text"] for row in rows(tmp_path, "[sv][ha]*/all/*/*.parquet")) == ["one", "two"]
