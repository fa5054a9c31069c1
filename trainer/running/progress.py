"""How far a run is: a bar on a terminal, a line every 30 seconds in a log."""

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

LOG_SECONDS = 30.0
Say = Callable[[str], None]
"""Tell the user a line."""


class TrainingProgress:
    """Samples seen, the loss, the speed and the time left."""

    def __init__(self, console: Console, samples_seen: int, end: int, seq_len: int) -> None:
        """A process that begins at `samples_seen`, of a run that ends at `end`."""
        self._console, self._first, self._end, self._seq_len = console, samples_seen, end, seq_len
        self._start = self._said = time.monotonic()
        self._line = ""
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> "TrainingProgress":
        """Show the bar where there is a terminal."""
        if self._console.is_terminal:
            columns = (TextColumn("{task.description:>10}"), BarColumn(), TextColumn("{task.fields[line]}"))
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("", total=self._end, completed=self._first, line="")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Leave the last line behind."""
        if self._bar is not None:
            self._bar.stop()
        if self._line:
            self.say(self._line)

    def step(self, phase: str, step: int, samples_seen: int, loss: float, rate: float) -> None:
        """A step is done."""
        now = time.monotonic()
        seconds = max(now - self._start, 1e-6)
        per_second = (samples_seen - self._first) / seconds
        parts = [
            f"step {step:,}",
            f"{samples_seen * self._seq_len:,} tokens",
            f"loss {loss:.3f}",
            f"rate {rate:.2e}",
            f"{per_second * self._seq_len:,.0f} tokens/s",
            f"{time_left((self._end - samples_seen) / per_second)} left" if samples_seen < self._end else "done",
        ]
        self._line = f"{phase}: {', '.join(parts)}"
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=phase, completed=samples_seen, line=", ".join(parts))
        elif now - self._said >= LOG_SECONDS:
            self.say(self._line)
            self._said = now

    def say(self, line: str) -> None:
        """A line that stays."""
        self._console.print(line, highlight=False, soft_wrap=True, markup=False)


def time_left(seconds: float) -> str:
    """In the two largest units that say something."""
    minutes, hours = seconds / 60, seconds / 3600
    if hours >= 48:
        return f"{hours / 24:.1f} days"
    return f"{hours:.1f} h" if hours >= 2 else f"{minutes:.0f} min" if minutes >= 2 else f"{seconds:.0f} s"
