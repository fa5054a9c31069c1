"""The saves of a run, one after the other: at once or while training goes on, by one process or by many.

A checkpoint is written into a hidden folder, each process its part of it. When all are done, and have told each other
so between two steps, the first one writes `state.json` and gives the folder its name.
"""

import concurrent.futures
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist
from torch import Tensor

from datapipe.output import RunError
from trainer.checkpoint import State, check_room, save, write_record
from trainer.checkpointing.folders import FOLDER, begun, name_of, place
from trainer.checkpointing.record import Record
from trainer.processes.world import SAVES, World

if TYPE_CHECKING:
    from torch.distributed.checkpoint.staging import DefaultStager

    from trainer.checkpointing.writing import PartWriter

LIMIT = timedelta(hours=2)
"""Of waiting for the others' parts. A process that is gone is noticed at once, a hung one by the run itself."""


@dataclass
class Running:
    """A save that is being written."""

    target: Path
    folder: Path
    """Hidden, and to become the target."""
    record: Record
    writer: "PartWriter"
    done: "concurrent.futures.Future[object] | None" = None
    """None where it is written at once."""


@dataclass
class Saves:
    """Those of a run; all of its processes have to call the same, in the same order."""

    output: Path
    world: World
    running: Running | None = None
    """One at most, so that the host holds one copy at most."""
    group: dist.ProcessGroup | None = field(default=None, repr=False)
    """What is said between the threads that write is no part of what is said between steps."""
    stager: "DefaultStager | None" = field(default=None, repr=False)

    def save(self, state: State, is_diverged: bool = False) -> Path:
        """Write a checkpoint; the folder that stands there from now on. Raises RunError, as `checkpoint.save` does."""
        self.finish()
        if self.world.size == 1:
            return save(self.output, state, is_diverged)
        from torch.distributed.checkpoint.state_dict_saver import save as save_parts

        running, tensors = self._begun(state, is_diverged), _tensors(state)
        group = self._group()
        return self._finished(running, lambda: save_parts(tensors, storage_writer=running.writer, process_group=group))

    def begin(self, state: State) -> None:
        """Begin to write a checkpoint: when this returns it has a copy of its own, and training may go on. Raises
        RunError."""
        from torch.distributed.checkpoint.staging import DefaultStager, StagingOptions
        from torch.distributed.checkpoint.state_dict_saver import async_save

        self.finish()
        warnings.filterwarnings("ignore", "torch.distributed is disabled")  # one process is no mistake
        if self.stager is None:  # which keeps its copy for the next one: new memory takes longer than copying
            self.stager = DefaultStager(StagingOptions(torch.cuda.is_available(), False, False, False))
        self.running = running = self._begun(state)
        future = async_save(
            _tensors(state),
            storage_writer=running.writer,
            process_group=self._group(),
            async_stager=self.stager,
            no_dist=self.world.size == 1,
        )
        assert isinstance(future, concurrent.futures.Future)
        running.done = future

    def finish(self, wait: bool = True) -> Path | None:
        """The folder of the checkpoint that was begun, if there is one, and all have written their parts; with `wait`
        it is waited for. Raises RunError."""
        running = self.running
        if running is None or running.done is None:
            return None
        if not wait and self.world.largest(not running.done.done()):
            return None
        self.running = None
        return self._finished(running, running.done.result)

    def close(self) -> None:
        """Let go of what is half done; the run has failed where there is any."""
        running, self.running = self.running, None
        if running is not None:
            if running.done is not None:
                concurrent.futures.wait([running.done])
            if self.world.is_first:
                shutil.rmtree(running.folder, ignore_errors=True)
        if self.stager is not None:
            self.stager.close()

    def _begun(self, state: State, is_diverged: bool = False) -> Running:
        from trainer.checkpointing.writing import PartWriter

        target = self.output / FOLDER / name_of(state.record.samples_seen, is_diverged)
        needed = sum(one.numel() * one.element_size() for one in _tensors(state).values())
        folder = self.world.on_first(lambda: _opened(target, needed))
        moments = frozenset(state.optimizer)
        writer = PartWriter(folder, moments, self.world.rank, self.world.size, only_finite=not is_diverged)
        return Running(target, folder, state.record, writer)

    def _group(self) -> dist.ProcessGroup | None:
        if self.group is None and self.world.size > 1:
            self.group = dist.new_group(backend="gloo", timeout=LIMIT, group_desc=SAVES)
        return self.group

    def _finished(self, running: Running, write: Callable[[], object]) -> Path:
        """All have written their parts, or none has: the checkpoint takes its place. Raises RunError."""
        try:
            with self.world.pulse.patient("saving"):  # disks may be slow
                self.world.together(lambda: _written(running.target, write, self.world.size))
                self.world.on_first(lambda: _placed(running))
        except BaseException:
            if self.world.is_first:
                shutil.rmtree(running.folder, ignore_errors=True)
            raise
        return running.target


def _tensors(state: State) -> dict[str, Tensor]:
    return {**state.model, **state.optimizer}


def _opened(target: Path, needed: int) -> Path:
    """A hidden folder on a disk that has room. Raises RunError."""
    check_room(target, needed)
    try:
        return begun(target)
    except OSError as error:
        raise _not_saved(target, error.strerror or str(error)) from None


def _written(target: Path, write: Callable[[], object], processes: int) -> None:
    """Write, or wait until it is written. Raises RunError, naming the process that failed."""
    from torch.distributed.checkpoint.api import CheckpointException

    try:
        write()
    except CheckpointException as failure:
        rank, (error, _) = min(failure.failures.items())
        why = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
        where = f"rank {rank} of {processes}: " if processes > 1 else ""
        raise _not_saved(target, f"{where}{why.splitlines()[0]}") from None


def _placed(running: Running) -> None:
    """The record, and then the name. Raises RunError."""
    try:
        for name, written in running.writer.files.items():
            if (running.folder / name).stat().st_size != written.bytes:
                raise _not_saved(running.target, f"{name} has another size on the first process")
        write_record(running.folder, running.record, running.writer.files)
        place(running.folder, running.target)
    except FileNotFoundError as error:
        why = f"{error.filename} is not on the host of the first process: all must see one output folder"
        raise _not_saved(running.target, why) from None
    except OSError as error:
        raise _not_saved(running.target, error.strerror or str(error)) from None


def _not_saved(target: Path, why: str) -> RunError:
    return RunError(f"{target}: not saved: {why}; the checkpoints before are as they were")
