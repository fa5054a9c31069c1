"""The last task of a round of near-duplicates: verdicts on a group of shards become routes, decisions and evidence."""

from dataclasses import dataclass

import pyarrow as pa

from datapipe.dedup.near.records import NearForm
from datapipe.exchange_files import Slice
from datapipe.receipts import Receipt
from datapipe.shard_files import Upstream


@dataclass(frozen=True)
class NearResolveTask:
    """Apply the verdicts on a group of shards."""

    folder: str
    pass_name: str
    """The round."""
    shard: str
    """Number of the group."""
    fingerprint: str
    step: str
    """The recipe's pass that the round belongs to."""
    size_column: str
    """Where the size of its cluster goes for a document that stays."""
    shards: tuple[str, ...]
    first_shard: int
    sources: tuple[str, ...]
    """The source of every shard,"""
    inputs: tuple[str, ...]
    """and the input fingerprint of each."""
    upstream: tuple[Upstream, ...]
    """Documents with sizes, languages, and texts if the index keeps shingles; signatures; all columns of the routes."""
    schema: pa.Schema
    """Of the routes."""
    verdicts: tuple[Slice, ...]
    evidence: tuple[Slice, ...]
    form: NearForm
    table: tuple[str, ...]
    """The sources in the order of their ranks."""
    ladder: tuple[float, ...]
    """Shares that may be held out."""
    seed: int
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""


def resolve_near_group(task: NearResolveTask) -> tuple[Receipt, ...]:
    """Write routes, decisions, evidence and index of every shard of the group, each with its receipt.

    Evidence lies in `evidence/{round}/{shard}.parquet`, the index in `indexes/{round}/{shard}.records`
    (`datapipe.dedup.near.index_records`) and, if shingles are kept, `indexes/{round}.shingles/{shard}.records`: of the
    documents that stay and have a signature. `rows_in`, `rows_out`, counts, cluster sizes as in the other rounds;
    `figures`: `{"index": {"records": n}}`.
    """
    raise NotImplementedError
