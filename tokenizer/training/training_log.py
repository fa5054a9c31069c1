"""What SentencePiece says while it trains, made into progress: a bar on a terminal, a line every 30 s in a log."""

import re
import threading
import time
from types import TracebackType
from typing import IO, TYPE_CHECKING

from datapipe.observing.progress import LOG_SECONDS
from tokenizer.training.sentencepiece_child import ERROR, PEAK

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

MERGED = re.compile(rb"Merged: freq=\d+ merges=(\d+) |Completed (\d+) merge steps")
STEPS = {
    b"Loading corpus": "reading rows",
    b"Normalizing sentences": "counting characters",
    b"Tokenizing input": "splitting rows",
}
"""Lines of the log, and what is being done from then on."""


class TrainingLog:
    """Reads the log of a training that runs, in a thread of its own, and shows how far it is."""

    def __init__(self, stream: IO[bytes], vocab_size: int, console: "Console | None") -> None:
        """Of a training of `vocab_size` pieces; shown on `console`, if there is one."""
        self._stream, self._vocab_size, self._console = stream, vocab_size, console
        self._step = "starting"
        self._start = time.monotonic()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._show, daemon=True)]
        self._status: Status | None = None
        self.merges = self.peak_bytes = 0
        self.error = self.last_line = ""

    def __enter__(self) -> "TrainingLog":
        """Read, and show."""
        if self._console is not None and self._console.is_terminal:
            self._status = self._console.status(self.line())
            self._status.start()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Wait for the end of the log: it comes with the end of the process."""
        self._threads[0].join()
        self._over.set()
        if self._status is not None:
            self._status.stop()
        if kind is None and self._console is not None and not self.error:
            self._say()

    def line(self) -> str:
        """What is being done, how far it is, for how long."""
        seconds = time.monotonic() - self._start
        if not self.merges:
            return f"{self._step}, {seconds:,.0f} s"
        peak = f", {self.peak_bytes / 1e6:,.0f} MB at the peak" if self.peak_bytes else ""
        return f"{self.merges:,} merges, {seconds:,.1f} s{peak}"

    def _read(self) -> None:
        for line in self._stream:
            found = MERGED.search(line)
            if found:
                self.merges = int(found[1] or found[2])
            elif line.startswith(PEAK.encode()):
                self.peak_bytes = int(line[len(PEAK) :])
            elif line.startswith(ERROR.encode()):
                self.error = line.decode(errors="replace").strip()
            else:
                self._step = next((step for words, step in STEPS.items() if words in line), self._step)
            self.last_line = line.decode(errors="replace").strip() or self.last_line

    def _show(self) -> None:
        """On a terminal twice a second, else now and then: silence would look like standstill."""
        while not self._over.wait(0.5 if self._status is not None else LOG_SECONDS):
            if self._status is not None:
                self._status.update(f"train {self._vocab_size:,}: {self.line()}")
            elif self._console is not None:
                self._say()

    def _say(self) -> None:
        assert self._console is not None
        self._console.print(f"train {self._vocab_size:,}: {self.line()}", highlight=False, soft_wrap=True)
