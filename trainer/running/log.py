"""What a run writes down: a line of `log.jsonl` for every event, and the same record for every other sink.

Every record has `kind`, `samples_seen`, `step` and `time` (seconds since 1970). Kinds, and what else they have:

    start       parameters, device, threads, gpus, changes (lines, of --changed-plan): a process begins or goes on
    step        loss (nats per token), grad_norm, rate, tokens_per_s, mfu, step_seconds, data_wait_seconds, tokens,
                shares {domain: [given so far, planned so far]}; seconds are means since the line before; of several
                processes slowest {rank, seconds, median}: computing and reading, without waiting for each other
    skipped     loss, grad_norm, in_a_row: the gradient was not finite, weights are as they were (null: not finite)
    spike       of ("loss" or "grad_norm"), value, usual, distances: far above the usual; the first of some in a row
    straggler   rank, host, seconds, median, steps: it was slower than the others over so many steps
    validation  domains and units: {name: {loss, bits_per_byte, tokens, bytes}}; units by domain
    phase       phase, batch, gpus: it begins
    checkpoint  one of these samples_seen is about to be written
    stop        why: the process ends before the plan does
    end         the plan is done

A run that goes on from a checkpoint cuts off what was written after it: but for `start`, the log reads as if nothing
had happened.
"""

import contextlib
import json
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from datapipe import storage
from datapipe.output import RunError

FILE = "log.jsonl"
Record = Mapping[str, Any]


class Sink(Protocol):
    """Where records go."""

    def write(self, record: Record) -> None:
        """Take one."""

    def flush(self) -> None:
        """What was taken survives the machine."""

    def close(self) -> None:
        """The process ends."""


class JsonLines:
    """`log.jsonl` of an output folder."""

    def __init__(self, folder: str) -> None:
        """Append to what is there."""
        self._file = (Path(folder) / FILE).open("a", encoding="utf-8")

    def write(self, record: Record) -> None:
        """A line, which a killed process leaves whole. Raises RunError, as the others do."""
        with self._told():
            self._file.write(f"{json.dumps(_finite(record), ensure_ascii=False, allow_nan=False)}\n")
            self._file.flush()

    def flush(self) -> None:
        """On the disk."""
        with self._told():
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """The last line is written."""
        with self._told():
            self._file.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            how = "run the same command again when that is mended: it goes on from the last checkpoint"
            raise RunError(f"{self._file.name}: {error.strerror}; {how}") from None


class Log:
    """All sinks of a run."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        """Write to each of them."""
        self._sinks = sinks

    def add(self, kind: str, samples_seen: int, step: int, record: Record) -> None:
        """Write a record down."""
        whole = {"kind": kind, "samples_seen": samples_seen, "step": step, "time": round(time.time(), 3), **record}
        for sink in self._sinks:
            sink.write(whole)

    def flush(self) -> None:
        """What was added survives the machine, as the checkpoint that follows does."""
        for sink in self._sinks:
            sink.flush()

    def close(self) -> None:
        """Nothing follows."""
        for sink in self._sinks:
            sink.close()


def _finite(value: Any) -> Any:
    """JSON has no infinity and no NaN: null stands for both."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(one) for key, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list | tuple) else value


def read_log(folder: str) -> list[dict[str, Any]]:
    """All records of a run; a last line that a crash cut short is none. Raises RunError where the file is damaged."""
    return list(records_of(folder))


def records_of(folder: str) -> Iterator[dict[str, Any]]:
    """The same, one by one."""
    path = Path(folder) / FILE
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith("\n"):  # what was cut short
                return
            try:
                yield dict(json.loads(line))
            except (ValueError, TypeError):
                raise RunError(f"{path}:{number}: no record of a log: {line[:80].rstrip()!r}") from None


def _is_checkpoint(record: Record, samples_seen: int | None) -> bool:
    return (record["kind"], record["samples_seen"]) == ("checkpoint", samples_seen)


def cut_log(folder: str, samples_seen: int | None) -> bool:
    """Forget what was written after a checkpoint; None: there is none to go on from, and all goes.

    False where the line of that checkpoint is not there, so that the log lacks something of what came before it.
    """
    found = read_log(folder) if samples_seen is not None else []
    kept = [one for one in found if one["samples_seen"] <= (samples_seen or 0)]
    last = max((place for place, one in enumerate(kept, 1) if _is_checkpoint(one, samples_seen)), default=len(kept))
    kept = kept[:last]  # what stands behind it is about to be written anew
    text = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in kept)
    path = Path(folder) / FILE
    if path.exists() and path.read_bytes() != text.encode():
        storage.write_bytes(str(path), text.encode())
    return samples_seen is None or any(_is_checkpoint(one, samples_seen) for one in kept)
