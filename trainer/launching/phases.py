"""One launch after the other, each at the size of its phase, until the plan is done or somebody stops it."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from datapipe.output import RunError
from trainer.launching.job import Job
from trainer.launching.next_size import next_phase

if TYPE_CHECKING:
    from rich.console import Console

OTHER_GPUS = 3
"""What processes end with where the next phase is for another number of GPUs (`trainer.train`)."""
Launch = Callable[[Job, int], int]
"""Start so many processes and wait for them: their exit code. Raises RunError."""


def launched(
    job: Job,
    launch: Launch,
    processes: int,
    misfit: Callable[[int], str | None],
    console: "Console",
    elsewhere: str | None = None,
) -> int:
    """The exit code of the run: 3 only where this place has no room for the next phase.

    `processes` is for phases that say no `gpus`; `misfit` tells in words why so many cannot be started here. Raises
    RunError where that is so of the first phase. `elsewhere` is what to do where one launch cannot follow another.
    """
    size = _next(job, processes)[1]
    if why := misfit(size):
        raise RunError(f"{job.plan.file}: {_next(job, processes)[0]} is for {size:,} processes: {why}")
    while (code := launch(job, size)) == OTHER_GPUS:
        job = dataclasses.replace(job, verify=False, changed_plan=False)
        phase, size = _next(job, processes)
        if why := misfit(size) or elsewhere:
            console.print(f"{phase} is for {size:,} processes: {why}", markup=False, highlight=False, soft_wrap=True)
            return OTHER_GPUS
        console.print(f"{phase}: going on with {size:,} processes", markup=False, highlight=False, soft_wrap=True)
    return code


def _next(job: Job, processes: int) -> tuple[str, int]:
    """The phase that comes, and how many processes it is for. A run that is done starts once more, and says so."""
    phase = next_phase(job.plan, job.root)
    if phase is None:
        return job.plan.phases[-1].name, job.plan.phases[-1].gpus or processes
    return phase.name, phase.gpus or processes
