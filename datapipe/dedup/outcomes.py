"""What the last task of a round of duplicates writes of a shard: routes and decisions, and the accounts of both."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe import storage
from datapipe.dedup.identities import ID_WORDS, Words, id_array
from datapipe.dedup.round_account import RoundAccount
from datapipe.dedup.survivors import OF_EARLIER_RUN
from datapipe.receipts import Receipt, Stopwatch, finished, leave_receipt
from datapipe.shard_files import DECISION_FIELDS, Upstream, id_digest, open_aligned, shard_path
from datapipe.storage import Output, ParquetFile, writing_parquet

Places = npt.NDArray[np.int64]

DUPLICATE_SCHEMA = pa.schema(
    [*DECISION_FIELDS, pa.field("duplicate_of", pa.string()), pa.field("cluster_size", pa.int64())]
)
"""Of the decisions of a round: with the id of the document that stayed, and how many there were with it."""


@dataclass(frozen=True)
class Judged:
    """A batch with the verdicts on it."""

    is_compared: npt.NDArray[np.bool_]
    is_dropped: npt.NDArray[np.bool_]
    sizes: npt.NDArray[np.int64]
    """Of the cluster, of every document that is compared."""
    survivors: Words
    """Ids of the survivors of the dropped documents."""


def judged(is_compared: pa.BooleanArray, ids: Words, counts: Words, verdicts: Words, found: Places) -> Judged:
    """What is told about the documents of a batch.

    `ids`, `counts`, `found`: of those that are compared their ids, how many documents each stands for already, and the
    row of its verdict, -1 where there is none. A verdict: the id of the survivor, the size of the cluster.
    """
    is_told = found >= 0
    told = verdicts[found[is_told]]
    is_loser = (told[:, :ID_WORDS] != ids[is_told]).any(axis=1) | (told[:, ID_WORDS] & OF_EARLIER_RUN != 0)
    sizes = counts.astype(np.int64)
    sizes[is_told] = (told[:, ID_WORDS] & ~OF_EARLIER_RUN).astype(np.int64)
    rows = np.flatnonzero(is_compared.to_numpy(zero_copy_only=False))
    all_sizes, is_dropped = np.zeros(len(is_compared), np.int64), np.zeros(len(is_compared), np.bool_)
    all_sizes[rows] = sizes
    is_dropped[rows[is_told]] = is_loser
    return Judged(is_compared.to_numpy(zero_copy_only=False), is_dropped, all_sizes, told[is_loser, :ID_WORDS])


@dataclass(frozen=True)
class Outcomes:
    """What all last tasks of a round have in common."""

    folder: str
    pass_name: str
    """The round."""
    fingerprint: str
    step: str
    """The recipe's pass that the round belongs to."""
    size_column: str
    """Where the size of its cluster goes for a document that stays."""
    upstream: tuple[Upstream, ...]
    """Documents with sizes and languages, what is compared, all columns of the routes before."""
    schema: pa.Schema
    """Of the routes."""
    table: tuple[str, ...]
    """The sources in the order of their ranks."""
    ladder: tuple[float, ...]
    """Shares that may be held out."""
    seed: int
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""

    def finished(self, shard: str, made_of: str) -> Receipt | None:
        """The receipt of a shard that is done."""
        return finished(self.folder, self.pass_name, shard, self.fingerprint, made_of, self.verify)

    def batches(self, shard: str) -> Iterator[pa.RecordBatch]:
        """The documents of a shard with all columns of `upstream`."""
        return open_aligned(self.folder, shard, self.upstream)

    @contextlib.contextmanager
    def writing(self, shard: str) -> Iterator["ShardOutcome"]:
        """The files of a shard being written."""
        paths = [
            storage.join(self.folder, shard_path(kind, self.pass_name, shard)) for kind in ("annotations", "decisions")
        ]
        with (
            writing_parquet(paths[0], self.schema, align=True) as (routes, outputs),
            writing_parquet(paths[1], DUPLICATE_SCHEMA) as (decisions, more_outputs),
        ):
            outcome = ShardOutcome(self, routes, decisions)
            yield outcome
            routes.add_metadata({"id_digest": id_digest(self.folder, shard, self.upstream[0])})
        outcome.outputs += [*outputs, *more_outputs]

    def leave(
        self,
        shard: str,
        made_of: str,
        outcome: "ShardOutcome",
        watch: Stopwatch,
        figures: Mapping[str, Mapping[str, int]] | None = None,
    ) -> Receipt:
        """Write the receipt of a shard."""
        named = Receipt(
            self.pass_name,
            shard,
            self.fingerprint,
            made_of,
            figures={name: dict(counts) for name, counts in (figures or {}).items()},
            outputs=tuple(outcome.outputs),
        )
        return leave_receipt(self.folder, outcome.account.added_to(named), watch)


class ShardOutcome:
    """Routes and decisions of one shard."""

    def __init__(self, common: Outcomes, routes: ParquetFile, decisions: ParquetFile) -> None:
        """Write to these two files."""
        self._common, self._routes, self._decisions = common, routes, decisions
        self.account = RoundAccount(common.pass_name, common.step, common.ladder, common.seed)
        self.outputs: list[Output] = []
        """The finished files; whoever writes more of the shard adds theirs."""

    def write(self, batch: pa.RecordBatch, verdicts: Judged) -> None:
        """Add a batch."""
        route = _route(batch, verdicts, self._common)
        self._routes.write(route)
        self._decisions.write(_decisions(batch, verdicts, self._common))
        self.account.add(batch, verdicts.is_dropped, route)
        compared = verdicts.is_compared
        self.account.add_clusters(verdicts.sizes[compared], verdicts.is_dropped[compared])


def _route(batch: pa.RecordBatch, verdicts: Judged, common: Outcomes) -> pa.RecordBatch:
    """The routes as they are now: what is dropped goes nowhere and has no sizes."""
    is_dropped = pa.array(verdicts.is_dropped)
    columns = {name: batch[name] for name in common.schema.names if name in batch.schema.names}
    sizes = pa.array(verdicts.sizes, mask=~verdicts.is_compared)
    if common.size_column in columns:  # of an earlier round: documents that this one does not compare keep theirs
        sizes = pc.coalesce(sizes, columns[common.size_column])
    columns[common.size_column] = sizes
    nowhere = {name: pc.if_else(is_dropped, None, column) for name, column in columns.items()}
    nowhere["drop_reason"] = pc.if_else(is_dropped, common.pass_name, columns["drop_reason"])
    return pa.RecordBatch.from_arrays([nowhere[name] for name in common.schema.names], schema=common.schema)


def _decisions(batch: pa.RecordBatch, verdicts: Judged, common: Outcomes) -> pa.RecordBatch:
    rows = np.flatnonzero(verdicts.is_dropped)
    columns = [
        batch["id"].take(pa.array(rows)),
        pa.array([common.step] * len(rows), pa.string()),
        pa.array([common.pass_name] * len(rows), pa.string()),
        pa.array([[common.pass_name]] * len(rows), pa.list_(pa.string())),
        id_array(verdicts.survivors, common.table),
        pa.array(verdicts.sizes[rows]),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=DUPLICATE_SCHEMA)
