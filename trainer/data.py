"""The batches of a course: the next step's is read while one is computed.

There is no state but the number of samples seen: what a step holds follows from it and the course, whatever the number
of ranks, threads or rows of a micro batch.
"""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import takewhile
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from datapipe.output import RunError
from trainer.course import Course, Stretch
from trainer.tokens.reading import Reader
from trainer.tokens.row_buffer import Rows

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Batch:
    """One step's samples, as far as they are this rank's."""

    first: int
    """Samples [first, end) are the step's, over all ranks."""
    end: int
    rows: Rows
    """[samples of this rank, seq_len + 1], valid until the next batch is asked for."""
    wait_seconds: float = 0.0
    """How long the step had to wait for them."""


class Batches:
    """The batches of a course from some number of samples on; one is read while the one before is computed."""

    def __init__(
        self,
        reader: Reader,
        course: Course,
        samples_seen: int = 0,
        rank: int = 0,
        world: int = 1,
        is_pinned: bool = False,
    ) -> None:
        """Starts to read. Rank r of `world` gets rows [r * batch / world, (r + 1) * batch / world) of every step.

        Raises RunError where `world` does not divide a batch up to the next change of GPUs.
        """
        check_world(course, samples_seen, world)
        self._reader, self._rank, self._world, self._is_pinned = reader, rank, world, is_pinned
        self._steps = steps_after(course, samples_seen)
        self._buffers = [reader.buffer(0), reader.buffer(0)]
        self._thread = ThreadPoolExecutor(1, "read ahead")
        self._ahead = self._read_ahead()

    def __enter__(self) -> "Batches":
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __iter__(self) -> Iterator[Batch]:
        """Itself: a course is run through once."""
        return self

    def __next__(self) -> Batch:
        """The next step's batch. Raises what reading it raised."""
        if self._ahead is None:
            raise StopIteration
        start = time.perf_counter()
        batch = self._ahead.result()
        waited = time.perf_counter() - start
        self._ahead = self._read_ahead()
        return replace(batch, wait_seconds=waited)

    def close(self) -> None:
        """End the thread, once it has read what it is at. The reader stays open."""
        self._ahead = None
        self._thread.shutdown()

    def _read_ahead(self) -> "Future[Batch] | None":
        step = next(self._steps, None)
        return None if step is None else self._thread.submit(self._read, *step)

    def _read(self, first: int, end: int) -> Batch:
        """Into the buffer that the batch before last was in."""
        self._buffers.reverse()
        count = (end - first) // self._world
        if len(self._buffers[0].views) < count:
            self._buffers[0] = self._reader.buffer(count, self._is_pinned)
        return Batch(first, end, self._reader.read(first + self._rank * count, count, self._buffers[0]))


def steps_after(course: Course, samples_seen: int) -> Iterator[tuple[int, int]]:
    """The samples [first, end) of every step behind `samples_seen`. Raises RunError where that is inside of one."""
    for stretch in course.stretches:
        start = max(samples_seen, stretch.first)
        if start < stretch.end and (start - stretch.first) % stretch.batch:
            raise RunError(
                f"{samples_seen:,} samples seen is inside a step: those of {stretch.phase} have {stretch.batch:,} "
                f"samples each, from sample {stretch.first:,} on"
            )
        yield from ((first, first + stretch.batch) for first in range(start, stretch.end, stretch.batch))


def check_world(course: Course, samples_seen: int, world: int) -> None:
    """Raise RunError where so many cannot divide a batch up to the next change of GPUs."""
    ahead = [stretch for stretch in course.stretches if stretch.end > samples_seen]

    def on_the_same_gpus(stretch: Stretch) -> bool:
        return stretch.gpus == ahead[0].gpus

    for stretch in takewhile(on_the_same_gpus, ahead):
        if stretch.batch % world:
            raise RunError(f"{stretch.phase}: a batch of {stretch.batch:,} cannot be divided evenly by {world:,} ranks")


def tokens_to_device(rows: Rows, device: "torch.device | str") -> "torch.Tensor":
    """Rows of a batch as int64 ids on `device`, widened there. They may be read into anew once this returns."""
    import torch

    if rows.dtype == np.uint16:  # torch has few functions for it: the same bits as int16, and the sign taken off
        return torch.from_numpy(rows.view(np.int16)).to(device).to(torch.int64) & 0xFFFF
    return torch.from_numpy(rows).to(device).to(torch.int64, copy=True)
