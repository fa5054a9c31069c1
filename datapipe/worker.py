"""What a worker process does around a task: one thread, a machine made ready once, what tasks share kept.

It knows no cluster: `datapipe.executors` sends `Work` to every process once, and then of each task only its own part.
"""

import contextlib
import dataclasses
import fcntl
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datapipe.output import RunError


@dataclass(frozen=True)
class Preparation:
    """A function to run once on each node, before the node's first task."""

    function: Callable[[Any], object]
    task: Any
    key: str
    """Of the run: a node that was made ready for another run is not ready for this one."""


@dataclass(frozen=True)
class Change:
    """A task told by the fields that are not the very objects of the first task's."""

    values: dict[str, Any]


def changed(first: Any, task: Any) -> Any:
    """`task` without what it shares with `first`, where both are of one dataclass; any other task as it is.

    Steps, schemas and rules are the same objects in all tasks of a pass: tens of kilobytes beside some hundred bytes.
    """
    if type(task) is not type(first) or not dataclasses.is_dataclass(task):
        return task
    pairs = ((one.name, getattr(task, one.name)) for one in dataclasses.fields(task))
    return Change({name: value for name, value in pairs if value is not getattr(first, name)})


@dataclass(frozen=True)
class Work:
    """What the tasks of one pass have in common."""

    function: Callable[[Any], Any]
    first: Any
    """The first task: the others are told by how they differ from it."""
    preparation: Preparation | None = None

    def __call__(self, told: Any, node: str) -> Any:
        """Do one task, told as by `changed`, on the node of this name. Raises what the function raises."""
        _use_one_thread()
        if self.preparation is not None:
            _prepare(self.preparation, node)
        return self.function(dataclasses.replace(self.first, **told.values) if isinstance(told, Change) else told)


def _use_one_thread() -> None:
    """pyarrow's and numpy's own threads would multiply with the workers."""
    import pyarrow

    pyarrow.set_cpu_count(1)
    pyarrow.set_io_thread_count(2)


OLD_SECONDS = 7 * 86400
"""Age at which a node's stamp goes: clusters come and go, and a node without a stamp is only made ready once more."""

_PREPARED: set[str] = set()
"""Keys of the runs that this process knows its node to be ready for."""


def _prepare(preparation: Preparation, node: str) -> None:
    """Run the preparation unless a process of this node has; the node's other processes wait for it.

    So kernels are compiled once per machine, and nodes that join in the middle of a run are made ready like the first.
    """
    if preparation.key in _PREPARED:
        return
    folder = Path(tempfile.gettempdir()) / f"corpusmill-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    _forget_old_nodes(folder)
    with (folder / f"{node}.ready").open("a+") as stamp:
        fcntl.flock(stamp, fcntl.LOCK_EX)
        stamp.seek(0)
        if stamp.read() != preparation.key:
            _run_on(preparation, node)
            stamp.truncate(0)
            stamp.write(preparation.key)
    _PREPARED.add(preparation.key)


def _forget_old_nodes(folder: Path) -> None:
    for stamp in folder.glob("*.ready"):
        with contextlib.suppress(FileNotFoundError):  # another process was quicker
            if time.time() - stamp.stat().st_mtime > OLD_SECONDS:
                stamp.unlink()


def _run_on(preparation: Preparation, node: str) -> None:
    try:
        preparation.function(preparation.task)
    except OSError as error:
        what = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
        raise RunError(f"node {os.uname().nodename} ({node[:8]}): {what}") from error
