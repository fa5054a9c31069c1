"""The output must be one folder for all nodes: the driver sets a mark in it, and every node looks for the mark.

Without it, each node would fill a folder of its own on its local disk, and the run would end in files not found.
"""

import contextlib
import errno
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from datapipe import storage
from datapipe.run import WarmUp, warm_up


@contextlib.contextmanager
def marked(folder: str) -> Iterator[str]:
    """Set a mark and yield its path. A name of its own for every run: two of them may share a folder in a store."""
    # Like a half-written file, so that the next run removes what a killed driver left.
    path = storage.join(folder, f".run-{uuid.uuid4().hex}{storage.TEMPORARY}")
    storage.write_bytes(path, b"Nodes that see this file share the output folder of a run.\n")
    try:
        yield path
    finally:
        storage.remove(path)


@dataclass(frozen=True)
class NodeCheck:
    """What a node must be able to do before its first task."""

    folder: str
    mark: str
    warm_up: WarmUp


def check_node(task: NodeCheck) -> None:
    """See the output folder, load models, compile kernels. Raises OSError where the folder is another one."""
    if not storage.exists(task.mark):
        message = "this node sees another folder there than the driver: the output must be on storage that all share"
        raise OSError(errno.ESTALE, message, task.folder)
    for step in task.warm_up.steps:
        for path in (getattr(step.stage, key) for key in getattr(step.stage, "files", ())):
            if path is not None and not storage.exists(path):
                raise OSError(errno.ENOENT, f"step {step.name!r} needs this file, and this node has no such file", path)
    warm_up(task.warm_up)
