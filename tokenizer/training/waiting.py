"""One long step that cannot tell how far it is: what is being done, and for how long."""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from datapipe.observing.progress import LOG_SECONDS

if TYPE_CHECKING:
    from rich.console import Console


@contextlib.contextmanager
def waiting(step: str, console: "Console | None", every_seconds: float = LOG_SECONDS) -> Iterator[None]:
    """Show `step` and the time it takes while the block runs: a line that moves on a terminal, lines in a log.

    A step of less than `every_seconds` leaves nothing in a log.
    """
    if console is None:
        yield
    elif console.is_terminal:
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            progress.add_task(step, total=None)
            yield
    else:
        over = threading.Event()
        thread = threading.Thread(target=_log, args=(step, console, every_seconds, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _log(step: str, console: "Console", every_seconds: float, over: threading.Event) -> None:
    start = time.monotonic()
    while not over.wait(every_seconds):
        console.print(f"{step}, {time.monotonic() - start:,.0f} s", highlight=False, soft_wrap=True)
