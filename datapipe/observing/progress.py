"""Progress of a pass: a bar on a terminal, a line every 30 seconds in a log."""

import threading
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from datapipe.accounts import counts_records
from datapipe.receipts import Receipt

LOG_SECONDS = 30.0


class PassProgress:
    """Counts of one pass as its shards finish."""

    def __init__(self, name: str, total_bytes: int, total_shards: int, console: Console) -> None:
        """`total_bytes` of input (stored bytes for the first pass, else text), 0 where unknown."""
        self._name, self._total_bytes, self._total_shards = name, total_bytes, total_shards
        self._console = console
        self._start = time.monotonic()
        self._shards = self._rows_in = self._rows_out = self._done_bytes = self._text_bytes = 0
        self._reused_shards = self._reused_bytes = 0
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._over = threading.Event()

    def __enter__(self) -> "PassProgress":
        """Show the bar where there is a terminal."""
        if self._console.is_terminal:
            columns = (TextColumn("{task.description:>10}"), BarColumn(), TextColumn("{task.fields[line]}"))
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self._name, total=max(self._total_shards, 1), line="")
        else:
            threading.Thread(target=self._log, daemon=True).start()
        return self

    def _log(self) -> None:
        """A line now and then, whether or not any task has finished: silence would look like standstill."""
        while not self._over.wait(LOG_SECONDS):
            self._say(self.line())

    def _say(self, line: str) -> None:
        self._console.print(f"{self._name}: {line}", highlight=False, soft_wrap=True)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Leave one line behind."""
        self._over.set()
        if self._bar is not None:
            self._bar.stop()
        if kind is None:
            self._say(self.line(is_over=True))

    def add(self, receipt: Receipt, done_bytes: int, tasks: int = 1) -> None:
        """A shard is done: by this run, or (`reused`) by an earlier one. `done_bytes` are of the pass's input."""
        text_bytes = receipt.bytes_in or receipt.bytes_out
        self._shards += tasks
        self._rows_in += receipt.rows_in
        self._rows_out += receipt.rows_out
        self._done_bytes += done_bytes
        self._text_bytes += text_bytes
        if receipt.reused:
            self._reused_shards += 1
            self._reused_bytes += text_bytes
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._shards, line=self.line())

    def line(self, is_over: bool = False) -> str:
        """Documents or records, MB, MB/s, kept %, time left (or, when it is over, taken)."""
        seconds = max(time.monotonic() - self._start, 1e-6)
        kept = f"{100 * self._rows_out / self._rows_in:.1f} % kept" if self._rows_in else "nothing yet"
        is_phase = counts_records(self._name)
        parts = [
            f"{self._shards}/{self._total_shards} tasks",
            f"{self._rows_in:,} records in, {self._rows_out:,} out" if is_phase else f"{self._rows_in:,} documents",
        ]
        if self._text_bytes:  # some passes read no text
            speed = (self._text_bytes - self._reused_bytes) / 1e6 / seconds
            parts += [f"{self._text_bytes / 1e6:,.1f} MB", f"{speed:,.1f} MB/s"]
        parts += [] if is_phase else [kept]
        if self._reused_shards:
            parts.append(
                f"{self._reused_shards:,} shard{'s were' if self._reused_shards > 1 else ' was'} finished before"
            )
        left = None if is_over else self._seconds_left(seconds)
        return ", ".join(parts) + (f", {left:,.0f} s left" if left else f", {seconds:,.1f} s")

    def _seconds_left(self, seconds: float) -> float | None:
        done = self._done_bytes / self._total_bytes if self._total_bytes else self._shards / max(self._total_shards, 1)
        return seconds * (1 - done) / done if 0 < done < 1 else None
