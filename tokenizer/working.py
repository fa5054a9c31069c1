"""Opening a folder to work in: its lock, its event log, the executor, and the check that all nodes see it."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

import pyarrow as pa

from datapipe.executors import Executor, InlineExecutor, RayExecutor
from datapipe.housekeeping.disk import RESERVE_BYTES
from datapipe.observing.event_log import EventLog
from datapipe.observing.run_log import run_started
from datapipe.observing.voice import Voice
from datapipe.output import Trial, locked
from datapipe.run import WarmUp
from datapipe.running import Work
from datapipe.shared_folder import NodeCheck, check_node, marked
from datapipe.termination import code_kept

if TYPE_CHECKING:
    from rich.console import Console


@contextlib.contextmanager
def working(
    folder: str,
    name: str,
    fingerprints: Mapping[str, str],
    warm_up: tuple[Callable[[], None], ...] = (),
    *,
    executor: Literal["ray", "inline"] = "inline",
    num_cpus: int | None = None,
    root: str | None = None,
    verify: bool = False,
    disk_reserve_gib: float = RESERVE_BYTES / 2**30,
    console: "Console | None" = None,
) -> Iterator[Work]:
    """Work in `folder`, which no other process does meanwhile. `fingerprints`: of every pass that it may run.

    `warm_up` is called once on every node, so that many tasks at once find their kernels compiled. The caller adds
    `RunFinished` to the log when all is done. Raises RunError.
    """
    from rich.console import Console

    shown = console or Console(stderr=True)
    voice = Voice(shown)
    chosen: Executor = InlineExecutor() if executor == "inline" else RayExecutor(num_cpus, (), voice)
    with locked(folder, voice), EventLog(folder) as log, marked(folder) as mark, code_kept():
        log.add(run_started(folder, name, Trial(), dict(fingerprints), executor))
        voice.note_in(log)
        log.flush()
        reserve = round(disk_reserve_gib * 2**30)
        work = Work(folder, chosen, shown, log, root, verify, disk_reserve_bytes=reserve)
        chosen.on_every_node(check_node, NodeCheck(folder, mark, WarmUp((), pa.schema([]), warm_up)))
        yield work
