"""SIGTERM (`ray job stop`, Slurm, Kubernetes): the process goes through the ends of all its blocks, exits with 143."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

TERMINATED = 143
"""Exit code, as of shells: 128 + the signal."""

_ending: list[SystemExit] = []
"""What the handler has raised last."""
_blocks: list[None] = []
"""One for each block of `held_back` that the process is in."""


def terminate(number: int, frame: FrameType | None) -> None:
    """The handler. Who sent the signal may not wait for the ends of all blocks: what there is to say is said first.

    Tasks are cancelled, and the lock of the output is freed, by those ends. Raises SystemExit.
    """
    os.write(sys.stderr.fileno(), b"terminated; run the same command again to go on where it stopped\n")
    _ending[:] = [SystemExit(TERMINATED)]
    raise _ending[0]


@contextlib.contextmanager
def code_kept() -> Iterator[None]:
    """A SystemExit of `terminate` leaves the block with its code: Ray makes one with code 1 of it."""
    try:
        yield
    except SystemExit as ending:
        raise (_ending[0] if _ending else ending) from None


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """A SIGTERM that comes in the block is answered at its end, by the handler of its beginning.

    Threads that begin in the block never take the signal, processes that begin there do. Not in the main thread, where
    no handler can be set: nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.getsignal(signal.SIGTERM)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    _blocks.append(None)
    try:
        yield
    finally:
        _blocks.pop()
        if handler is not None:  # None: set by no Python, and not ours to set
            signal.signal(signal.SIGTERM, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _let_through() -> None:
    """A child process inherits what is blocked, and would hear no SIGTERM for as long as it lives."""
    if _blocks:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


os.register_at_fork(after_in_child=_let_through)
