"""Progress of `trainer fetch`: a bar on a terminal, a line now and then in a log."""

import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from datapipe.observing.progress import LOG_SECONDS

if TYPE_CHECKING:
    from rich.console import Console


class Sized(Protocol):
    """A file that is to be copied."""

    @property
    def bytes(self) -> int | None:
        """How many, where that is known."""


class FetchProgress:
    """Files and bytes as they are copied. Threads may share it."""

    def __init__(self, missing: Sequence[Sized], done: int, console: "Console") -> None:
        """Of files of which `done` more are there already."""
        from rich.progress import BarColumn, Progress, TextColumn

        self._done, self._files, self._console = done, len(missing), console
        self._total = sum(one.bytes or 0 for one in missing)
        self._copied = self._bytes = 0
        self._lock, self._start, self._said = threading.Lock(), time.monotonic(), time.monotonic()
        columns = (TextColumn("{task.description:>10}"), BarColumn(), TextColumn("{task.fields[line]}"))
        self._bar = Progress(*columns, console=console, transient=True) if console.is_terminal else None

    def __enter__(self) -> "FetchProgress":
        """Show the bar where there is a terminal."""
        if self._bar is not None:
            self._bar.start()
            self._bar.add_task("fetch", total=self._total or 1, line="")
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Leave one line behind."""
        if self._bar is not None:
            self._bar.stop()
        if kind is None:
            self._say(f"{self.line()}, {time.monotonic() - self._start:,.1f} s")

    def add_bytes(self, count: int) -> None:
        """So many more were copied."""
        with self._lock:
            self._bytes += count
            self._show()

    def add_file(self) -> None:
        """One more file is whole."""
        with self._lock:
            self._copied += 1
            self._show()

    def line(self) -> str:
        """Files, GB and MB/s."""
        seconds = max(time.monotonic() - self._start, 1e-6)
        before = f", {self._done:,} were there" if self._done else ""
        speed = f"{self._bytes / 1e6:,.1f} MB, {self._bytes / 1e6 / seconds:,.1f} MB/s"
        return f"{self._copied:,}/{self._files:,} files{before}, {speed}"

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._bytes, line=self.line())
        elif time.monotonic() - self._said >= LOG_SECONDS:
            self._said = time.monotonic()
            self._say(self.line())

    def _say(self, line: str) -> None:
        self._console.print(f"fetch: {line}", highlight=False, soft_wrap=True)
