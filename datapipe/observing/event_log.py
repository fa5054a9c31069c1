"""The event log of a run folder: `events.jsonl`, on object stores numbered parts in `events/`. Only drivers write it.

Events are kept in memory and written every few seconds by a thread, so that a shard costs the driver some
microseconds. A killed driver loses those seconds, and may leave a torn line, which readers skip.
"""

import contextlib
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Protocol

from pyarrow import fs

from datapipe import storage
from datapipe.housekeeping.disk import free_bytes
from datapipe.observing.events import Event, Pulse, Record, RunFailed, RunInterrupted, decode, encode

FILE = "events.jsonl"
FOLDER = "events"
FLUSH_SECONDS = 2.0
PART_SECONDS = 30.0
MAX_PART_SECONDS = 300.0
PULSE_SECONDS = 30.0
TAIL_BYTES = 1 << 16
"""Enough for the last lines of a log."""
SIGNALLED = 128
"""An exit code above it tells of a signal, as of shells."""
READS_AT_ONCE = 16
"""Parts that a reader fetches side by side."""


class Sink(Protocol):
    """Where lines go."""

    def write(self, lines: bytes, /) -> int:
        """Write some of them, at the end; how many bytes were taken. Raises OSError."""

    def close(self) -> None:
        """Nothing more comes."""


def _appending(path: str) -> FileIO:
    """A local file to append lines to."""
    file = FileIO(path, "a+")
    size = os.fstat(file.fileno()).st_size
    if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
        file.write(b"\n")  # a killed driver's torn line must not swallow our first one
    return file


class _Parts:
    """Objects are never appended to: each write makes the next one."""

    def __init__(self, folder: str, run: str) -> None:
        self._prefix, self._number = storage.join(folder, FOLDER, run), 0

    def write(self, lines: bytes, /) -> int:
        storage.write_bytes(f"{self._prefix}-{self._number:06}.jsonl", lines)
        self._number += 1
        return len(lines)

    def close(self) -> None:
        pass


class EventLog:
    """The log of one run, open for writing. Use as a context manager; whoever writes holds the folder's lock."""

    def __init__(self, folder: str) -> None:
        """Begin a run in `folder`, which exists if it is local. Raises OSError."""
        self.run = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{secrets.token_hex(2)}"
        self.folder = folder
        self._is_remote = "://" in folder
        self._sink: Sink = _Parts(folder, self.run) if self._is_remote else _appending(storage.join(folder, FILE))
        self._start = self._flushed = self._pulsed = time.monotonic()
        self._waiting = bytearray()
        self._adding, self._writing = threading.Lock(), threading.Lock()
        self._is_over = threading.Event()
        self._is_failing = False
        self._thread = threading.Thread(target=self._write_on, name="event-log", daemon=True)

    def __enter__(self) -> "EventLog":
        """Start to write."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Note what ended the run, unless it ended well, and write what is left."""
        if isinstance(error, Exception):
            self.add(RunFailed(type(error).__name__, str(error)))
        elif error is not None:
            self.add(RunInterrupted(_signal(error)))
        self._is_over.set()
        self._thread.join()
        self.flush()
        self._sink.close()
        if self._waiting:
            print(f"warning: the last {len(self._waiting):,} bytes of the event log are lost", file=sys.stderr)

    def add(self, event: Event) -> None:
        """Note that it has happened now."""
        now, wall = time.monotonic(), time.time()
        moment = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(wall))}.{int(wall % 1 * 1000):03}Z"
        line = encode(Record(self.run, moment, round(now - self._start, 3), event))
        with self._adding:
            self._waiting += line

    def flush(self) -> None:
        """Write what waits. When the storage refuses, say so once and keep it for the next time."""
        with self._writing:
            with self._adding:
                lines, self._waiting = bytes(self._waiting), bytearray()
            try:
                while lines:
                    lines = lines[self._sink.write(lines) :]
                self._is_failing = False
            except OSError as error:
                with self._adding:
                    self._waiting[:0] = lines
                if not self._is_failing:
                    print(f"warning: the event log cannot be written, trying again: {error}", file=sys.stderr)
                self._is_failing = True
            self._flushed = time.monotonic()

    def _write_on(self) -> None:
        while not self._is_over.wait(FLUSH_SECONDS):
            now = time.monotonic()
            if now - self._pulsed >= PULSE_SECONDS:
                self._pulsed = now
                with contextlib.suppress(OSError):  # whoever writes there will say what is wrong with it
                    self.add(Pulse(free_bytes(self.folder)))
            if now - self._flushed >= self._pause(now):
                self.flush()

    def _pause(self, now: float) -> float:
        """Seconds between two writes. Parts become rarer in a long run: a week leaves some 2,000 of them."""
        return min(max(PART_SECONDS, (now - self._start) / 100), MAX_PART_SECONDS) if self._is_remote else 0.0


def _signal(error: BaseException) -> str:
    """The signal that an exception came of: exit codes above 128 tell it."""
    if isinstance(error, SystemExit) and isinstance(error.code, int) and error.code > SIGNALLED:
        return signal.Signals(error.code - SIGNALLED).name
    return "SIGINT" if isinstance(error, KeyboardInterrupt) else type(error).__name__


def read_records(folder: str) -> Iterator[Record]:
    """Every record of the log, in order, run after run; none where there is no log. Raises OSError."""
    for line in _lines(folder):
        record = decode(line)
        if record is not None:
            yield record


def _lines(folder: str) -> Iterator[bytes]:
    if "://" not in folder:
        with contextlib.suppress(FileNotFoundError), Path(folder, FILE).open("rb") as file:
            yield from file
        return
    with ThreadPoolExecutor(READS_AT_ONCE) as pool:
        for part in pool.map(storage.read_bytes, _parts(folder)):
            yield from part.splitlines()


def _parts(folder: str) -> list[str]:
    """The parts of the log, run after run: by the store's clock, since the drivers' may have jumped."""
    filesystem, inner = storage.locate(storage.join(folder, FOLDER))
    found = filesystem.get_file_info(fs.FileSelector(inner, allow_not_found=True))
    parts = [info for info in found if info.base_name.endswith(".jsonl")]
    ended: dict[str, int] = {}
    for info in parts:
        run = info.base_name.rpartition("-")[0]
        ended[run] = max(ended.get(run, 0), info.mtime_ns)
    parts.sort(key=lambda info: (ended[info.base_name.rpartition("-")[0]], info.base_name))
    return [storage.join(folder, FOLDER, info.base_name) for info in parts]


def last_record(folder: str) -> Record | None:
    """The latest record, without reading the log. None where there is none."""
    tail = b""
    if "://" in folder:
        parts = _parts(folder)
        tail = storage.read_bytes(parts[-1]) if parts else b""
    else:
        with contextlib.suppress(FileNotFoundError), Path(folder, FILE).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            tail = file.read()
    return next((record for line in reversed(tail.splitlines()) if (record := decode(line))), None)
