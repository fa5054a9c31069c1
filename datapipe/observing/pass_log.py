"""What the driver notes of one pass while its receipts come in: events, and in the end what the pass is made of."""

import time
from collections import Counter
from types import TracebackType

from datapipe.accounts import source_of
from datapipe.housekeeping.manifests import PassManifest, read_manifest, write_manifest
from datapipe.observing.event_log import EventLog
from datapipe.observing.events import PassFinished, PassStarted, ShardFinished, ShardsReused
from datapipe.receipts import Receipt

REUSED_SECONDS = 5.0
"""At most this often the shards finished before are told of, together."""


class PassLog:
    """The events of one pass. A context manager: the pass is finished when the block ends well."""

    def __init__(self, log: EventLog, name: str, tasks: int, total_bytes: int) -> None:
        """Note the start."""
        self._log, self._name = log, name
        self._manifests: dict[str, PassManifest] = {}
        self._start = self._told = time.monotonic()
        self._reused: Counter[str] = Counter()
        self._reused_quarantine: Counter[str] = Counter()
        log.add(PassStarted(name, tasks, total_bytes))

    def __enter__(self) -> "PassLog":
        """Go on."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Note the end."""
        self._tell_reused()
        if kind is None:
            for manifest in self._manifests.values():
                write_manifest(self._log.folder, manifest)
            self._log.add(PassFinished(self._name, round(time.monotonic() - self._start, 3)))

    def add(self, receipt: Receipt, input_bytes: int, tasks: int) -> None:
        """Note a shard; `input_bytes` and `tasks` are what it adds to those of the pass."""
        self._manifest(receipt.pass_name).add(receipt)
        text_bytes = receipt.bytes_in or receipt.bytes_out
        stored = sum(output.bytes for output in receipt.outputs)
        if receipt.reused:
            self._reused.update(
                shards=1, tasks=tasks, rows_in=receipt.rows_in, rows_out=receipt.rows_out, text_bytes=text_bytes,
                input_bytes=input_bytes, stored_bytes=stored,
            )  # fmt: skip
            self._reused_quarantine[source_of(receipt.shard)] += receipt.quarantined
            if time.monotonic() - self._told >= REUSED_SECONDS:
                self._tell_reused()
            return
        self._log.add(
            ShardFinished(
                self._name,
                receipt.shard,
                seconds=receipt.seconds,
                cpu_seconds=receipt.cpu_seconds,
                peak_mb=receipt.peak_mb,
                rows_in=receipt.rows_in,
                rows_out=receipt.rows_out,
                text_bytes=text_bytes,
                input_bytes=input_bytes,
                stored_bytes=stored,
                quarantined=receipt.quarantined,
                tasks=tasks,
                node=receipt.node,
            )
        )

    def _manifest(self, name: str) -> PassManifest:
        """The manifest of the pass that receipts go by; it goes on where tasks of the same name came before."""
        if name not in self._manifests:
            known = read_manifest(self._log.folder, name)
            is_ours = known is not None and known.run == self._log.run
            self._manifests[name] = known if known and is_ours else PassManifest(self._log.run, name)
        return self._manifests[name]

    def _tell_reused(self) -> None:
        if self._reused:
            quarantined = {source: count for source, count in self._reused_quarantine.items() if count}
            self._log.add(ShardsReused(self._name, **self._reused, quarantined=quarantined))
        self._reused.clear()
        self._reused_quarantine.clear()
        self._told = time.monotonic()
