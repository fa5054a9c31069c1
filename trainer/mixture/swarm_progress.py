"""How far a swarm is: a bar on a terminal, a line every 30 seconds in a log."""

import threading
import time
from collections import Counter
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from trainer.mixture.results import Result
from trainer.running.progress import LOG_SECONDS, time_left


class SwarmProgress:
    """Runs that came to an end, by how, and the time that the others will take."""

    def __init__(self, console: Console, runs: int, workers: int) -> None:
        """`runs` to be trained, so many at once."""
        self._console, self._runs, self._workers = console, runs, workers
        self._start = time.monotonic()
        self._ended: Counter[str] = Counter()
        self._busy = 0.0
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._over = threading.Event()

    def __enter__(self) -> "SwarmProgress":
        """Show the bar where there is a terminal."""
        if self._console.is_terminal:
            self._bar = Progress(BarColumn(), TextColumn("{task.fields[line]}"), console=self._console, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=self._runs, line=self.line())
        else:
            threading.Thread(target=self._log, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Leave one line behind."""
        self._over.set()
        if self._bar is not None:
            self._bar.stop()
        if kind is None:
            self.say(f"{self.line()}; {self.busy_fraction:.0%} of {self._workers:,} at work")

    @property
    def busy_fraction(self) -> float:
        """Of the time of all workers since the beginning, what they trained in."""
        return self._busy / (self._workers * max(time.monotonic() - self._start, 1e-6))

    def add(self, result: Result, busy_seconds: float) -> None:
        """A run has come to an end."""
        self._ended[result.status] += 1
        self._busy += busy_seconds
        if result.status != "done":
            self.say(f"run {result.run} {'has ' * (result.status != 'diverged')}{result.status}: {result.why}")
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._ended.total(), line=self.line())

    def line(self) -> str:
        """Runs, and time left, or taken where none is."""
        ended, seconds = self._ended.total(), time.monotonic() - self._start
        others = [f"{count:,} {status}" for status, count in sorted(self._ended.items()) if status != "done"]
        parts = [f"{ended:,} of {self._runs:,} runs", *others]
        if ended < self._runs:
            left = time_left(seconds * (self._runs - ended) / ended) if ended else "an unknown time"
            return ", ".join([*parts, f"{left} left"])
        return ", ".join([*parts, f"{seconds:,.1f} s"])

    def say(self, line: str) -> None:
        """A line that stays."""
        self._console.print(line, highlight=False, soft_wrap=True, markup=False)

    def _log(self) -> None:
        while not self._over.wait(LOG_SECONDS):
            self.say(self.line())
