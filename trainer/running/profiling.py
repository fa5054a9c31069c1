"""Where the time and the memory of single steps go: traces of torch's profiler, one of each process, in `profiles/`.

Steps are those of `logs.profile_steps`, and the one after somebody has made an empty file `profile` in the output
folder (`touch OUTPUT/profile`): it is removed when the step begins. Traces open in Perfetto or chrome://tracing.
On a GPU a snapshot of its memory lies beside each, for https://pytorch.org/memory_viz.
"""

import contextlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from trainer.processes.world import World

FOLDER, REQUEST = "profiles", "profile"
LOOK_SECONDS = 1.0
"""At most so often the output folder is looked at: it may be on another machine."""


class Profiling:
    """The steps of one process."""

    def __init__(self, steps: Sequence[int], output: Path, world: World) -> None:
        """What the plan asks for."""
        self._steps, self._output, self._world = frozenset(steps), output, world
        self._looked = 0.0
        self._is_next = False

    def is_asked(self) -> bool:
        """Whether somebody wants the next step; rank 0 alone looks."""
        now = time.monotonic()
        if not self._world.is_first or now - self._looked < LOOK_SECONDS:
            return False
        self._looked = now
        return (self._output / REQUEST).exists()

    def ask(self) -> None:
        """All processes know of it: the next step it is."""
        self._is_next = True
        if self._world.is_first:
            (self._output / REQUEST).unlink(missing_ok=True)

    @contextlib.contextmanager
    def at(self, step: int) -> Iterator[None]:
        """The step is computed in the block."""
        if step not in self._steps and not self._is_next:
            yield
            return
        self._is_next = False
        name = self._output / FOLDER / f"step-{step:09}" / f"rank-{self._world.rank:05}"
        name.parent.mkdir(parents=True, exist_ok=True)
        on_gpu = self._world.device.type == "cuda"
        if on_gpu:
            torch.cuda.memory._record_memory_history()
        with torch.profiler.profile(profile_memory=True, record_shapes=True) as profile:
            yield
        if on_gpu:
            torch.cuda.memory._dump_snapshot(str(name.with_suffix(".pickle")))  # type: ignore[no-untyped-call]
            torch.cuda.memory._record_memory_history(enabled=None)
        profile.export_chrome_trace(str(name.with_suffix(".json.gz")))
