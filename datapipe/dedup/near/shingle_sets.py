"""The shingles of the documents in pairs, by block: the one look at text that comparing takes."""

from dataclasses import dataclass

from datapipe.dedup.near.records import NearForm
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Slice
from datapipe.receipts import Receipt
from datapipe.shard_files import Upstream


@dataclass(frozen=True)
class ShingleTask:
    """The documents of a group of shards that some block needs."""

    key: TaskKey
    shards: tuple[str, ...]
    first_shard: int
    upstream: tuple[Upstream, ...]
    """Documents with their text."""
    requests: tuple[Slice, ...]
    form: NearForm
    split: Split
    """By block key."""


def gather_shingles(task: ShingleTask) -> Receipt:
    """Write the sets of shingles, in one file or, so that memory stays bounded, in several; and the receipt.

    Only row groups with a requested document are read. `bytes_in`: texts read of requested documents, `rows_out`:
    sets written; `figures`: `{"shingles": {"shingles": n, "bytes": as written, "text_bytes": of those documents}}`.
    """
    raise NotImplementedError


@dataclass(frozen=True)
class EarlierShingleTask:
    """The documents of some files of earlier runs that a block needs: shingles if they were kept, else signatures."""

    key: TaskKey
    files: tuple[Slice, ...]
    shingles: tuple[Slice | None, ...]
    """Of every file, the one of its shingles if the run kept them."""
    first_file: int
    requests: tuple[Slice, ...]
    form: NearForm
    split: Split


def gather_earlier_shingles(task: EarlierShingleTask) -> Receipt:
    """The same for documents of earlier runs."""
    raise NotImplementedError
