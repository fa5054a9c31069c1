"""Documents that stand for many near-duplicates are written to the shards for training more than once."""

import itertools
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop import rows

from datapipe.accounts import PassAccount
from datapipe.fingerprints import pass_fingerprints
from datapipe.loading.load import loads
from datapipe.loading.located_yaml import RecipeError
from datapipe.passes.copies import Repeat, places, repeat_of
from datapipe.passes.deciding import ROUTE_SCHEMA
from datapipe.passes.holdout import draws
from datapipe.passes.losses import told
from datapipe.passes.packing import (
    Gathered,
    GatherTask,
    PackTask,
    gather_shard,
    pack_shard,
    plan_packing,
    route_upstream,
)
from datapipe.passes.planning import gather_upstream
from datapipe.receipts import Receipt, UnitCount
from datapipe.shard_files import DocumentWriter, Swept, Upstream, id_digest, shard_path
from datapipe.storage import writing_parquet

FINEWEB_2 = Repeat("near_cluster_size", ((1, 1), (2, 2), (3, 3), (5, 5), (100, 8), (1000, 1)))
SCHEMA = pa.schema([pa.field("id", pa.string()), pa.field("text", pa.large_string())])
DOCUMENTS = SCHEMA.append(pa.field("text_bytes", pa.int64()))
ROUTES = ROUTE_SCHEMA.append(pa.field("near_cluster_size", pa.int64()))
READS = Upstream("documents", "extract", tuple(DOCUMENTS.names))
SHARES = {("all", "u"): 0.0}
TABLE = "{2: 2, 100: 8, 5: 5}"
RECIPE = f"""
name: r
output: out
sources: [{{name: a, reader: jsonl, paths: [nothing]}}]
passes:
  - {{name: extract, steps: []}}
  - {{name: d, exact: {{}}, near: {{repeat: {TABLE}}}}}
domains: [{{name: all, weight: 1}}]
"""
ONCE = RECIPE.replace(f"{{repeat: {TABLE}}}", "{}")


@pytest.mark.parametrize(
    ("size", "times"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 5), (99, 5), (100, 8), (999, 8), (1000, 1), (10**6, 1)]
)
def test_the_table_of_fineweb_2_is_read_as_it_stands(size: int, times: int) -> None:
    assert FINEWEB_2.times(pa.array([size])).tolist() == [times]


def test_what_the_table_does_not_reach_is_written_once() -> None:
    repeat = Repeat("near_cluster_size", ((3, 7),))

    assert repeat.times(pa.array([None, 1, 2, 3], pa.int64())).tolist() == [1, 1, 1, 7]


def test_a_recipe_says_it_in_any_order() -> None:
    assert repeat_of(loads(RECIPE)) == Repeat("near_cluster_size", ((2, 2), (5, 5), (100, 8)))
    assert repeat_of(loads(ONCE)) is None


@pytest.mark.parametrize(
    ("repeat", "message"),
    [
        ("{two: 2}", "two: expected an integer, found 'two'"),
        ("{0: 1}", "0: expected at least 1, found '0'"),
        ("{2: 0}", "2: expected at least 1, found 0"),
        ("{2: 101}", "2: expected at most 100, found 101"),
        ("[2]", "expected a mapping"),
    ],
)
def test_a_table_of_anything_else_is_refused(repeat: str, message: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(message)):
        loads(RECIPE.replace(TABLE, repeat))


def test_two_tables_are_refused() -> None:
    twice = RECIPE.replace("domains:", f"  - {{name: e, near: {{repeat: {TABLE}}}}}\ndomains:")

    with pytest.raises(RecipeError, match=r"passes\.2\.near\.repeat: pass 'd' says already how often to repeat"):
        loads(twice)


def test_a_changed_table_packs_anew_and_decides_nothing_again() -> None:
    before = pass_fingerprints(loads(RECIPE))
    after = pass_fingerprints(loads(RECIPE.replace(TABLE, "{2: 3}")))

    assert {name for name in before if before[name] != after[name]} == {"gather", "pack"}


def test_the_sizes_are_read_where_they_are_needed_though_no_shard_carries_them() -> None:
    routes = gather_upstream(loads(RECIPE))[-1]

    assert (routes.pass_name, routes.columns) == ("d.near", (*ROUTE_SCHEMA.names, "near_cluster_size"))
    assert gather_upstream(loads(ONCE))[-1].columns == tuple(ROUTE_SCHEMA.names)


@given(st.lists(st.integers(1, 9), max_size=40))
def test_a_document_keeps_its_place_and_its_copies_have_others(times: list[int]) -> None:
    keys = draws([f"{number}" for number in range(len(times))], 17)
    found = places(np.repeat(keys, times))

    firsts = list(itertools.accumulate([0, *times[:-1]])) if times else []
    assert found[firsts].tolist() == keys.tolist()
    assert 0 <= found.min(initial=0) <= found.max(initial=0) < 1
    assert len(set(found.tolist())) == sum(times)


def test_copies_lie_far_from_each_other() -> None:
    """Eight multiples of the golden ratio are at least 0.0901 = 5 * 0.618 mod 1 apart, and at most 0.2361."""
    found = np.sort(places(np.full(8, 0.5)))

    gaps = np.diff(found, append=found[0] + 1)
    assert gaps.min() == pytest.approx(0.0901, abs=1e-4)
    assert gaps.max() == pytest.approx(0.1459, abs=1e-4)


def gather(folder: Path, sizes: list[int | None], repeat: Repeat | None, share: float = 0.0) -> Receipt:
    """A shard of documents of three bytes that stand for so many each."""
    count = len(sizes)
    ids = [f"{number:04}" for number in range(count)]
    batch = pa.RecordBatch.from_pydict({"id": ids, "text": [f"{number:03}" for number in range(count)]}, SCHEMA)
    with DocumentWriter(str(folder), "extract", "a-000000-0000", DOCUMENTS, ()) as writer:
        writer.write(Swept(batch, np.arange(count)))
    route = {"drop_reason": [None] * count, "domain": ["all"] * count, "unit": ["u"] * count}
    path = str(folder / shard_path("annotations", "d.near", "a-000000-0000"))
    with writing_parquet(path, ROUTES, align=True) as (file, _):
        file.write(pa.RecordBatch.from_pydict({**route, "near_cluster_size": sizes}, ROUTES))
        file.add_metadata({"id_digest": id_digest(str(folder), "a-000000-0000", READS)})
    upstream = (READS, route_upstream("d.near", ("near_cluster_size",)))
    shares = dict.fromkeys(SHARES, share)
    return gather_shard(GatherTask(str(folder), "a-000000-0000", "f", "i", upstream, SCHEMA, shares, 17, repeat))


def pack(folder: Path, receipt: Receipt, shard_bytes: int = 1 << 20) -> list[list[str]]:
    """The ids in every output shard for training."""
    gathered = Gathered([receipt.shard], "f", ["i"])
    gathered.add(receipt)
    template = PackTask(str(folder), "f", "", "", "", "", 0, 0, 0, (), SCHEMA, 17)
    tasks = list(plan_packing(gathered, shard_bytes, template))
    for task in tasks:
        pack_shard(task)
    return [[row["id"] for row in rows(folder, f"{task.shard}.parquet")] for task in tasks if task.split == "shards"]


def test_a_document_is_written_as_often_as_the_table_says(tmp_path: Path) -> None:
    (found,) = pack(tmp_path, gather(tmp_path, [1, 2, 4, None, 1000], FINEWEB_2))

    assert Counter(found) == {"0000": 1, "0001": 2, "0002": 3, "0003": 1, "0004": 1}


def test_receipts_count_what_is_written(tmp_path: Path) -> None:
    """1 + 2 + 3 documents of three bytes, of three."""
    receipt = gather(tmp_path, [1, 2, 4], FINEWEB_2)

    assert receipt.units == (UnitCount("all", "u", 6, 18, ()),)
    assert (receipt.rows_in, receipt.rows_out, receipt.bytes_out) == (3, 6, 18)


def test_copies_stand_among_the_others_which_keep_their_order(tmp_path: Path) -> None:
    sizes = [5 if number % 10 == 0 else 1 for number in range(100)]
    (once,) = pack(tmp_path / "once", gather(tmp_path / "once", list(sizes), None))
    (often,) = pack(tmp_path / "often", gather(tmp_path / "often", list(sizes), FINEWEB_2))

    assert len(often) == 140
    single = [one for one in often if int(one) % 10]
    assert single == [one for one in once if int(one) % 10]
    assert sum(a == b for a, b in itertools.pairwise(often)) < 3


def test_copies_may_lie_in_several_shards(tmp_path: Path) -> None:
    """Ten documents of three bytes, written five times each: 150 bytes in shards of 50, 17 documents begin in each."""
    found = pack(tmp_path, gather(tmp_path, [5] * 10, FINEWEB_2), 50)

    assert [len(one) for one in found] == [17, 17, 16]
    assert Counter(itertools.chain(*found)) == {f"{number:04}": 5 for number in range(10)}


def test_validation_has_every_document_once(tmp_path: Path) -> None:
    receipt = gather(tmp_path, [5] * 10, FINEWEB_2, share=1.0)

    assert (receipt.units, receipt.held_out) == ((), (UnitCount("all", "u", 10, 30, ()),))
    assert pack(tmp_path, receipt) == []
    assert len(rows(tmp_path, "validation/all/u/*.parquet")) == 10


def test_without_a_table_nothing_changes(tmp_path: Path) -> None:
    plain = gather(tmp_path / "a", [1, 2, 4], None)
    ones = gather(tmp_path / "b", [1, 2, 4], Repeat("near_cluster_size", ((1, 1),)))

    assert [out.sha256 for out in plain.outputs] == [out.sha256 for out in ones.outputs]


def test_copies_are_no_documents_that_were_lost() -> None:
    """Six of eight passed the rules; two were duplicates, four stayed, and these are written ten times."""
    accounts = {name: PassAccount() for name in ("extract", "decide", "gather")}
    accounts["extract"].add(Receipt("extract", "a-0-0", "", "", rows_in=8), "a")
    accounts["decide"].add(Receipt("decide", "a-0-0", "", "", units=(UnitCount("all", "u", 6, 60, ()),)), "a")
    gathered = Receipt("gather", "a-0-0", "", "", rows_in=4, rows_out=10, units=(UnitCount("all", "u", 10, 99, ()),))
    accounts["gather"].add(gathered, "a")

    assert told(loads(RECIPE), accounts) == (
        "of 8 documents read: 2 dropped by rules or of no domain, 2 dropped as duplicates, 4 left"
    )
