"""Ctrl-C and SIGTERM while training: the step at hand is finished and saved before the process ends."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

EXIT_OF_SIGNAL = 128
"""Exit codes of shells: this and the number of the signal, so 130 and 143."""
SAME_SECONDS = 1.0
"""Within which signals are one."""


@dataclass
class StopRequest:
    """Whether somebody wants the run to stop."""

    signal: int | None = None

    @property
    def exit_code(self) -> int | None:
        """Of a process that stops for it; None: nobody does."""
        return None if self.signal is None else EXIT_OF_SIGNAL + self.signal


@contextlib.contextmanager
def heard(request: StopRequest | None = None) -> Iterator[StopRequest]:
    """The first signal in the block is noted, a second one acts as it would have without us.

    One that comes at once after the first is the same: a terminal sends Ctrl-C to all processes, and a launcher among
    them passes it on. With a `request` that others fill, and outside the main thread, where no handler can be set,
    nothing is heard.
    """
    if request is not None:
        yield request
        return
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    noted_at = 0.0

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal noted_at
        if request.signal is None:
            request.signal, noted_at = number, time.monotonic()
        elif time.monotonic() - noted_at > SAME_SECONDS:
            restore()
            os.kill(os.getpid(), number)

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)

    for number in before:
        signal.signal(number, note)
    try:
        yield request
    finally:
        restore()
