"""Watch a process at work: what it says it is at, how much CPU time it spends on it, how much memory it holds.

The watched process writes what it is at into a `Note`, a small file that both have mapped: a record costs it about a
microsecond, and the note outlives it. The watcher kills what exceeds its limits. Nothing of Arrow or numba is imported
here: a Ray worker only watches.
"""

import ctypes
import mmap
import os
import signal
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import BinaryIO, Literal, NamedTuple, Protocol

import psutil

POLL_SECONDS = 0.05
ENDING_SECONDS = 5.0
STILL_SECONDS = 600.0
STILL_CPU_SECONDS = 0.5
"""A step that for so long takes less CPU time than this waits for something that will not come; reading may wait."""
NOTE_BYTES = 8192
MAX_TEXT_BYTES = 2000
"""Of each of the three texts of a note; a longer one (an id may hold any path) is cut."""
HEADER = struct.Struct("<QdcHHH")
GIB = 1 << 30
FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Signals that somebody else sends (a scheduler, the kernel short of memory): no evidence against a record."""

NOWHERE, AT_STEP, AT_ROW, AT_READ = b" ", b"s", b"r", b"f"


class Entry(NamedTuple):
    """What a note says."""

    sequence: int = 0
    """Changes with every note."""
    budget: float = 0.0
    """CPU seconds that may be spent on it; 0: any, and memory is nobody's fault either."""
    kind: bytes = NOWHERE
    task: str = ""
    step: str = ""
    what: str = ""
    """Id of the row, or of the first row of the batch, or the file being read."""


class Note:
    """The mapped file: one writer, one reader."""

    def __init__(self, file: BinaryIO) -> None:
        """Map `file`, which must be NOTE_BYTES long."""
        self._file = file
        self._map = mmap.mmap(file.fileno(), NOTE_BYTES)
        self._sequence = 0
        self._task = b""

    @classmethod
    def new(cls) -> "Note":
        """An empty one, without a name in any folder."""
        file = tempfile.TemporaryFile()  # noqa: SIM115
        file.truncate(NOTE_BYTES)
        return cls(file)

    def fileno(self) -> int:
        """The file, to be handed to a child."""
        return self._file.fileno()

    def begin(self, task: str) -> None:
        """A task begins; nothing of it is at fault yet."""
        self._task = _bytes(task)
        self.write(NOWHERE)

    def write(self, kind: bytes, budget: float = 0.0, step: str = "", what: str = "") -> None:
        """Say what is at hand."""
        # Processes forked off write on: the number must not begin anew in each.
        self._sequence = HEADER.unpack_from(self._map)[0] + 1
        step_bytes, what_bytes = _bytes(step), _bytes(what)
        lengths = (len(self._task), len(step_bytes), len(what_bytes))
        data = HEADER.pack(self._sequence, budget, kind, *lengths) + self._task + step_bytes + what_bytes
        self._map[: len(data)] = data

    def read(self) -> Entry:
        """What was said last."""
        sequence, budget, kind, *lengths = HEADER.unpack_from(self._map)
        texts, begin = [], HEADER.size
        for length in lengths:
            texts.append(self._map[begin : begin + length].decode("utf-8", "replace"))
            begin += length
        return Entry(sequence, budget, kind, *texts)

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()
        self._file.close()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")[:MAX_TEXT_BYTES]


@dataclass(frozen=True)
class Death:
    """How a process ended that should not have."""

    kind: Literal["cpu", "memory", "crashed", "killed"]
    """`killed`: by a signal from outside."""
    error: str
    entry: Entry
    """What it was at."""
    peak_bytes: int


class Process(Protocol):
    """A child of this process."""

    pid: int

    def poll(self) -> int | None:
        """Exit code, or minus the signal that ended it; None while it runs."""

    def kill(self) -> None:
        """End it."""


class Fork:
    """A copy of this process that does one thing and ends."""

    def __init__(self, work: Callable[[], None]) -> None:
        """Do `work` in the copy."""
        parent = os.getpid()
        self._code: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            try:
                die_with(parent)
                work()
                os._exit(0)
            finally:  # whatever was raised: nothing of the original may go on here
                os._exit(1)

    def poll(self) -> int | None:
        """Exit code, or minus the signal that ended it; None while it runs."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def kill(self) -> None:
        """End it, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when `parent` dies (Linux; elsewhere it ends when its pipe does)."""
    if sys.platform == "linux":
        set_death_signal = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>
        ctypes.CDLL(None, use_errno=True).prctl(set_death_signal, signal.SIGKILL)
    if os.getppid() != parent:  # it died before
        os._exit(1)


class _Meter:
    """CPU time spent on what a note says, and since when hardly any was."""

    def __init__(self, examined: psutil.Process) -> None:
        self._examined = examined
        self._sequence = -1
        self._begun = self._moved = self._moved_at = 0.0

    def fault(self, entry: Entry, spent: float) -> str | None:
        """What is wrong, when the process has spent so many CPU seconds in all."""
        now = time.monotonic()
        if entry.sequence != self._sequence:
            self._sequence, self._begun = entry.sequence, spent
            self._moved, self._moved_at = spent, now
        elif spent - self._moved >= STILL_CPU_SECONDS:
            self._moved, self._moved_at = spent, now
        if entry.budget and spent - self._begun > entry.budget:
            return f"took more than {entry.budget:g} s of CPU"
        is_still = entry.kind in (AT_STEP, AT_ROW) and now - self._moved_at > STILL_SECONDS
        # One that waits for processes of its own watches those itself.
        return f"stood still for {STILL_SECONDS:g} s" if is_still and not self._examined.children() else None


def watch(connection: Connection, process: Process, note: Note, memory_bytes: int) -> bytes | Death:
    """The next message of a process, or how it died, perhaps by our hand. `memory_bytes` 0: no limit."""
    peak = 0
    examined = psutil.Process(process.pid)
    meter = _Meter(examined)
    while not connection.poll(POLL_SECONDS):
        entry = note.read()
        code = process.poll()
        if code is not None:
            return _death(code, entry, peak)
        try:
            times, memory = examined.cpu_times(), examined.memory_info().rss
            fault = meter.fault(entry, times.user + times.system)
        except psutil.Error:  # it is about to end
            continue
        peak = max(peak, memory)
        if fault is not None:
            return _kill(process, Death("cpu", fault, entry, peak))
        if entry.budget and memory_bytes and memory > memory_bytes:
            error = f"needed more than {memory_bytes / GIB:.1f} GiB"
            return _kill(process, Death("memory", error, entry, peak))
    try:
        return connection.recv_bytes()
    except (EOFError, ConnectionError):
        return _death(_ended(process), note.read(), peak)


def _kill(process: Process, death: Death) -> Death:
    process.kill()
    _ended(process)
    return death


def _ended(process: Process) -> int:
    """The exit code of a process that was killed or has closed its pipe; if it lives on all the same, it is killed."""
    deadline = time.monotonic() + ENDING_SECONDS
    while (code := process.poll()) is None:
        if time.monotonic() > deadline:
            process.kill()
        time.sleep(0.002)
    return code


def _death(code: int, entry: Entry, peak: int) -> Death:
    if code >= 0:
        return Death("crashed", f"crashed: exited with code {code}", entry, peak)
    number = -code
    name = signal.Signals(number).name if number in set(signal.Signals) else "unknown"
    kind: Literal["crashed", "killed"] = "killed" if number in FROM_OUTSIDE else "crashed"
    return Death(kind, f"crashed: signal {number} ({name})", entry, peak)
