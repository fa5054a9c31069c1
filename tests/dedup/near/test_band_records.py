"""The exchange gets a record for every band of every document that is compared, and the same for earlier runs."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from datapipe import storage
from datapipe.dedup.near.bands import BandTask, EarlierBandTask, gather_bands, gather_earlier_bands
from datapipe.dedup.near.index_records import index_records
from datapipe.dedup.near.records import NearForm
from datapipe.dedup.near.row_keys import first_key
from datapipe.dedup.near.signed_documents import scope_hashes
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Slice, read_slice, write_records
from datapipe.kernels.shingling import Shingling
from datapipe.receipts import Receipt
from datapipe.shard_files import Upstream, shard_path

FORM = NearForm(Shingling(), 2, 3, ("language",), 16, 0.8, None, "shingles", (), ())
UPSTREAM = (
    Upstream("documents", "extract", ("id", "language")),
    Upstream("annotations", "duplicates", ("signature",)),
    Upstream("annotations", "routes", ("drop_reason",)),
)
SPLIT = Split(4, 0, 4)
Document = tuple[str, list[int] | None, str | None]
"""Language, signature, drop reason."""


def write_shard(folder: Path, shard: str, documents: list[Document], group_rows: int = 2) -> None:
    languages, signatures, reasons = zip(*documents, strict=True)
    ids = [f"web/{0:016x}/{row:010}" for row in range(len(documents))]
    tables = (
        {"id": pa.array(ids), "language": pa.array(languages, pa.string())},
        {"signature": pa.array(signatures, pa.list_(pa.uint32(), 6))},
        {"drop_reason": pa.array(reasons, pa.string())},
    )
    for one, columns in zip(UPSTREAM, tables, strict=True):
        batch = pa.RecordBatch.from_pydict(columns)
        path = storage.join(str(folder), shard_path(one.kind, one.pass_name, shard))
        with storage.writing_parquet(path, batch.schema, align=True) as (file, _):
            for start in range(0, len(documents), group_rows):
                file.write(batch.slice(start, group_rows))


def records_in(folder: Path, receipt: Receipt) -> dict[int, set[int]]:
    """The row keys with each band key, after a look at whether keys are in their partitions."""
    (output,) = receipt.outputs
    found: dict[int, set[int]] = {}
    for partition in range(SPLIT.count):
        for key, row in read_slice(Slice(str(folder / output.path), partition), 2).tolist():
            assert key >> 62 == partition
            found.setdefault(key, set()).add(row)
    return found


def task_key(folder: Path, phase: str) -> TaskKey:
    return TaskKey(str(folder), f"near.{phase}", "000000", "f", "i")


def test_documents_that_are_kept_meet_in_their_equal_bands(tmp_path: Path) -> None:
    one, half = [1, 2, 3, 4, 5, 6], [1, 2, 3, 0, 0, 0]
    write_shard(tmp_path, "web-0", [("en", one, None), ("en", one, "rule"), ("en", None, None), ("en", half, None)])
    write_shard(tmp_path, "web-1", [("de", one, None), ("en", half, None), ("en", one, None)])
    task = BandTask(task_key(tmp_path, "bands"), ("web-0", "web-1"), 7, UPSTREAM, FORM, SPLIT)
    receipt = gather_bands(task)

    first, second = first_key(7), first_key(8)
    assert sorted(map(sorted, records_in(tmp_path, receipt).values())) == [
        [first, first + 3, second + 1, second + 2],  # 1, 2, 3
        [first, second + 2],  # 4, 5, 6
        [first + 3, second + 1],  # 0, 0, 0
        [second],
        [second],
    ]
    assert (receipt.rows_in, receipt.rows_out) == (5, 10)
    assert receipt.figures == {"documents": {"web-0": 4, "web-1": 3}}
    assert gather_bands(task).reused


def test_a_group_in_which_nothing_is_kept_has_no_bands(tmp_path: Path) -> None:
    write_shard(tmp_path, "web-0", [("en", None, None), ("en", [1] * 6, "rule")])
    receipt = gather_bands(BandTask(task_key(tmp_path, "bands"), ("web-0",), 0, UPSTREAM, FORM, SPLIT))

    assert records_in(tmp_path, receipt) == {}
    assert receipt.figures == {"documents": {"web-0": 2}}


def test_what_an_earlier_run_kept_has_the_band_keys_that_it_had(tmp_path: Path) -> None:
    signature = [1, 2, 3, 4, 5, 6]
    write_shard(tmp_path, "web-0", [("en", signature, None)])
    own = gather_bands(BandTask(task_key(tmp_path, "bands"), ("web-0",), 0, UPSTREAM, FORM, SPLIT))
    scopes = scope_hashes(pa.record_batch({"language": ["en"]}), FORM.scope)
    zero = np.zeros(1, np.uint64)
    kept = index_records(np.zeros((1, 2), np.uint64), scopes, zero, zero, np.array([signature], np.uint32))
    path = str(tmp_path / "index.records")
    write_records(path, kept, np.zeros(1, np.uint32), 1)
    files = (Slice(path, 0), Slice(path, 0))
    task = EarlierBandTask(task_key(tmp_path, "earlier_bands"), files, 5, FORM, SPLIT)
    receipt = gather_earlier_bands(task)

    earlier = {first_key(5, True), first_key(6, True)}
    assert records_in(tmp_path, receipt) == dict.fromkeys(records_in(tmp_path, own), earlier)
    assert (receipt.rows_in, receipt.rows_out) == (2, 4)
