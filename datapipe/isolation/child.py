"""The child in which a Ray worker has its tasks done: `python -m datapipe.isolation.child CONNECTION NOTE PARENT`."""

import functools
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import psutil

from datapipe.isolation.parent import Order
from datapipe.isolation.supervision import Supervision, supervised
from datapipe.isolation.watching import NOWHERE, Note, die_with
from datapipe.observing.peak_memory import begin_anew
from datapipe.run import attempted


def main(connection: Connection, note: Note) -> None:
    """Do tasks until the other end of the connection is closed."""
    work: Callable[[Any, str], Any] | None = None
    process = psutil.Process()
    at_start = process.memory_info().rss
    while True:
        try:
            order: Order = connection.recv()
        except EOFError:
            return
        supervision = Supervision(note, order.limits, order.care)
        with supervised(supervision):
            work = work if order.work is None else pickle.loads(order.work)  # noqa: S301
            result = attempted(functools.partial(_do, work, order))
        note.write(NOWHERE)
        body = _pickled(result) if isinstance(result, Exception) else pickle.dumps(result)
        grown = process.memory_info().rss - at_start
        is_good = not isinstance(result, Exception)
        connection.send_bytes(pickle.dumps((is_good, grown, tuple(supervision.incidents))))
        connection.send_bytes(body)


def _do(work: Callable[[Any, str], Any] | None, order: Order) -> Any:
    assert work is not None, "the first order brings its function"
    begin_anew()
    return work(pickle.loads(order.told), order.node)  # noqa: S301


def _pickled(error: Exception) -> bytes:
    """An exception with where it was raised; one that would not arrive goes as its text."""
    error.add_note("".join(traceback.format_exception(error)).rstrip())
    whole = attempted(lambda: pickle.dumps(pickle.loads(pickle.dumps(error))))  # noqa: S301
    if isinstance(whole, bytes):
        return whole
    told = RuntimeError(f"{type(error).__name__}: {error}")
    for one in error.__notes__:
        told.add_note(one)
    return pickle.dumps(told)


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is the driver's to answer
    die_with(numbers[2])
    main(Connection(numbers[0]), Note(os.fdopen(numbers[1], "r+b", buffering=0)))
