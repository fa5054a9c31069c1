"""Every pair of a block compared: on its shingles, or where an earlier run kept none on all permutations."""

from dataclasses import dataclass

from datapipe.dedup.near.records import NearForm
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Slice
from datapipe.receipts import Receipt


@dataclass(frozen=True)
class VerifyTask:
    """One block."""

    key: TaskKey
    pairs: Slice
    members: Slice
    shingles: tuple[Slice, ...]
    form: NearForm
    split: Split
    """Of the evidence, by group of shards."""


def verify_pairs(task: VerifyTask) -> Receipt:
    """Write evidence on every pair (by the row key of the worse document) and the matches, and the receipt.

    Two outputs, `exchange/{pass_name}.evidence/` and `.matches/` (one partition, sorted), each `{shard}.records`. Bands
    hit and estimated similarity come of signatures made anew of the shingles. `figures`: `{"pairs": {reason: n}}`.
    """
    raise NotImplementedError
