"""What a task is known by, and what it leaves: the beginning and the end of every task of a round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datapipe import storage
from datapipe.receipts import Receipt, Stopwatch, finished, leave_receipt
from datapipe.relays import exchange_path
from datapipe.storage import Output


@dataclass(frozen=True)
class TaskKey:
    """Where the receipt of a task lies, and what it must say for the work to count as done."""

    folder: str
    pass_name: str
    """The round and the phase: `duplicates.near.bands`."""
    shard: str
    """Name of the receipt: number of a group or partition."""
    fingerprint: str
    """Of the phase,"""
    input_fingerprint: str
    """and of what the task reads."""
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""

    def finished(self) -> Receipt | None:
        """The receipt if the work is done (`datapipe.receipts.finished`)."""
        return finished(self.folder, self.pass_name, self.shard, self.fingerprint, self.input_fingerprint, self.verify)

    def path(self, kind: str = "", part: int | None = None) -> str:
        """Where an output for the exchange goes: `exchange/{pass_name}.{kind}/{shard}.records`.

        Of several of a kind: `{shard}-{part:04}.records`.
        """
        name = self.shard if part is None else f"{self.shard}-{part:04}"
        return storage.join(self.folder, exchange_path(".".join(filter(None, [self.pass_name, kind])), name))

    def leave(
        self,
        watch: Stopwatch,
        outputs: Sequence[Output],
        *,
        rows_in: int = 0,
        rows_out: int = 0,
        bytes_in: int = 0,
        largest_clusters: Mapping[str, int] | None = None,
        figures: Mapping[str, Mapping[str, int]] | None = None,
    ) -> Receipt:
        """Write the receipt: the work is done."""
        receipt = Receipt(
            self.pass_name,
            self.shard,
            self.fingerprint,
            self.input_fingerprint,
            rows_in=rows_in,
            rows_out=rows_out,
            bytes_in=bytes_in,
            largest_clusters=dict(largest_clusters or {}),
            figures={name: dict(counts) for name, counts in (figures or {}).items()},
            outputs=tuple(outputs),
        )
        return leave_receipt(self.folder, receipt, watch)
