"""`trainer run`: from the first step of a plan, or the last checkpoint of its output, to the plan's end."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from datapipe.observing.voice import Voice
from datapipe.output import RunError, locked, placed
from trainer.data import tokens_to_device
from trainer.plan import Plan
from trainer.processes.agreement import agree_on_plan
from trainer.processes.degrees import Degrees, degrees_of
from trainer.processes.health import watched
from trainer.processes.world import World, be_patient, join, leave, settled
from trainer.running.assembly import assembled
from trainer.running.divergence import divergence
from trainer.running.garbage import collect_at, collected_at_steps
from trainer.running.profiling import Profiling
from trainer.running.step import train_step
from trainer.running.stopping import EXIT_OF_SIGNAL, StopRequest, heard
from trainer.running.training import Training
from trainer.schedule import rate_at
from trainer.tokens.manifest_files import check_sums
from trainer.tokens.token_folder import folder_of_plan

if TYPE_CHECKING:
    from rich.console import Console

OTHER_GPUS = 3
"""Exit code where the next phase is for another number of GPUs: the same command at that number goes on."""


def run(
    plan: Plan,
    root: str | None = None,
    *,
    changed_plan: bool = False,
    threads: int | None = None,
    verify: bool = False,
    console: "Console | None" = None,
    stop: StopRequest | None = None,
) -> int:
    """Train by `plan` until it ends or somebody stops it: 0, 3 for other GPUs, 130 and 143 after a signal.

    `threads` compute on a CPU; without it as many as torch finds. `verify`: every byte of the tokens is compared with
    the manifest first. `stop` is asked after every step whether to end; without it, signals are heard. Raises
    RecipeError, RunError.
    """
    import torch
    from rich.console import Console

    if threads is not None:
        torch.set_num_threads(threads)
    output = Path(placed("output", plan.output, root))
    with ExitStack() as stack:
        world = stack.enter_context(joined(plan, output))
        shown = (console or Console(stderr=True)) if world.is_first else Console(quiet=True)
        world.on_first(lambda: stack.enter_context(locked(str(output))))
        with world.pulse.patient("comparing the tokens with their manifest"):
            world.on_first(lambda: check_sums(folder_of_plan(plan, root), Voice(shown)) if verify else None)
        training = assembled(plan, output, root, changed_plan, shown, world)
        with closing(training), training.progress, heard(stop) as request, collected_at_steps():
            training.begin(torch.get_num_threads())
            return train(training, request)


@contextmanager
def joined(plan: Plan, output: Path) -> Iterator[World]:
    """The other processes, met, watched and left again; traces of those that hang come into `output`. Raises RunError,
    also where they have other plans, or the plan cannot be run by so many."""
    limit_seconds = plan.execution.hang_minutes * 60
    world = join(limit_seconds)
    try:
        with watched(world, limit_seconds, output):
            agree_on_plan(world, plan)
            world = settled(world, _degrees(plan, world.size))
            be_patient()
            yield world
    finally:
        leave()


def _degrees(plan: Plan, processes: int) -> Degrees:
    """Raises RunError."""
    try:
        return degrees_of(plan.execution, processes)
    except ValueError as error:
        raise RunError(f"{plan.file}: expected {error}") from None


def train(run: Training, stop: StopRequest) -> int:
    """Take the steps of the course that are left; the exit code of the process. Raises RunError."""
    eos = run.reader.corpus.sizes.eos
    profiling = Profiling(run.plan.logs.profile_steps, run.output, run.world, run.progress.say)
    for stretch in run.stretches_ahead():
        if stretch.gpus not in (None, run.world.size):
            return _wait_for_gpus(run, stretch.gpus, stretch.phase)
        run.enter(stretch)
        with run.batches(stretch) as batches:
            for batch in batches:
                run.world.pulse.at(run.step + 1, "computing")
                start, rate = time.perf_counter(), rate_at(run.course.rates, batch.end)
                rows_NS = tokens_to_device(batch.rows, run.device)
                with profiling.at(run.step + 1):
                    result = train_step(
                        run.model, run.optimizer, rows_NS, rate, run.plan.optimizer, run.plan.execution, eos, run.world
                    )
                run.world.pulse.doing = "between steps"
                run.count(stretch.phase, batch, result, rate, time.perf_counter() - start)
                if why := divergence(run.tracked, run.plan.stop):
                    run.give_up(why)
                run.measure_and_save(batch, is_edge=batch.end == stretch.end)
                # One process may have heard it only.
                code, is_asked = divmod(run.world.largest(2 * (stop.exit_code or 0) + profiling.is_asked()), 2)
                if is_asked:
                    profiling.ask()
                if code and not run.is_over:
                    run.leave(f"signal {code - EXIT_OF_SIGNAL}")
                    return code
                collect_at(run.step)
    run.finish()
    return 0


def _wait_for_gpus(run: Training, gpus: int | None, phase: str) -> int:
    """The process ends where the next one has to be another size. Raises RunError before the first step."""
    message = f"{phase} is for {gpus:,} GPUs (gpus), this run has {run.world.size:,}"
    if run.samples_seen == 0:
        raise RunError(f"{run.plan.file}: {message}; start it on as many, or change it by --set")
    run.leave(message)
    run.progress.say(f"{message}: run the same command on as many to go on")
    return OTHER_GPUS
