"""Where the time and the memory of single steps go: traces of torch's profiler, one of each process, in `profiles/`.

Steps are those of `logs.profile_steps`, and the one after somebody has made an empty file `profile` in the output
folder (`touch OUTPUT/profile`): it is removed when the step begins. Traces open in Perfetto or chrome://tracing.
On a GPU a snapshot of its memory lies beside each, for https://pytorch.org/memory_viz.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch

from datapipe.output import RunError
from trainer.processes.world import World

FOLDER, REQUEST = "profiles", "profile"
LOOK_SECONDS = 1.0
"""At most so often the output folder is looked at: it may be on another machine."""


class Profiling:
    """The steps of one process."""

    def __init__(self, steps: Sequence[int], output: Path, world: World, say: Callable[[str], None]) -> None:
        """What the plan asks for; `say` tells the user where it fails."""
        self._steps, self._output, self._world, self._say = frozenset(steps), output, world, say
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
        """The step is computed in the block. It counts also where its trace cannot be written."""
        if step not in self._steps and not self._is_next:
            yield
            return
        self._is_next = False
        on_gpu = self._world.device.type == "cuda"
        if on_gpu:
            torch.cuda.memory._record_memory_history()
        with torch.profiler.profile(profile_memory=True, record_shapes=True) as profile:
            yield
        try:
            self._world.together(lambda: self._write(step, profile))
        except RunError as error:
            self._say(f"step {step:,} is not profiled: {error}")
        if on_gpu:
            torch.cuda.memory._record_memory_history(enabled=None)

    def _write(self, step: int, profile: torch.profiler.profile) -> None:
        """The files of this process. Raises RunError."""
        name = self._output / FOLDER / f"step-{step:09}" / f"rank-{self._world.rank:05}"
        try:
            name.parent.mkdir(parents=True, exist_ok=True)
            if self._world.device.type == "cuda":
                torch.cuda.memory._dump_snapshot(str(name.with_suffix(".pickle")))  # type: ignore[no-untyped-call]
            profile.export_chrome_trace(str(name.with_suffix(".json.gz")))
        except OSError as error:
            raise RunError(f"{name}: {error.strerror or error}") from None
