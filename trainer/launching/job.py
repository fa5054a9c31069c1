"""What a launcher gives each process of a run to do, and what it hears back. No torch here: it travels pickled."""

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from datapipe.loading.located_yaml import RecipeError
from datapipe.mixture import MixtureError
from datapipe.output import RunError, placed
from trainer.plan import Plan
from trainer.processes.judge import LostProcessError

if TYPE_CHECKING:
    from rich.console import Console

    from trainer.running.stopping import StopRequest


@dataclass(frozen=True)
class Job:
    """`trainer run` with its options. The plan itself travels, not its file, which other nodes need not have."""

    plan: Plan
    root: str | None = None
    changed_plan: bool = False
    threads: int | None = None
    verify: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a process has ended by itself; one that was killed says nothing."""

    code: int
    error: str | None = None
    """What was wrong, in one line, where the code is 1."""


def placed_job(job: Job) -> Job:
    """The same whatever folder its processes work in. Raises RunError for an output that would be lost."""
    placed("output", job.plan.output, job.root)
    root = job.root or os.environ.get("CORPUSMILL_ROOT") or str(Path.cwd())
    return dataclasses.replace(job, root=root if "://" in root else str(Path(root).absolute()))


def perform(job: Job, console: "Console | None" = None, stop: "StopRequest | None" = None) -> Outcome:
    """Be one process of the run. What is wrong with plan, data or storage is told, and not raised: no retry helps.

    Raises LostProcessError where another process has ended first.
    """
    from trainer.train import run

    try:
        code = run(
            job.plan,
            root=job.root,
            changed_plan=job.changed_plan,
            threads=job.threads,
            verify=job.verify,
            console=console,
            stop=stop,
        )
    except LostProcessError:  # a retry does help: to the launcher this process has failed too
        raise
    except (RecipeError, RunError, MixtureError) as error:
        return Outcome(1, str(error))
    except OSError as error:
        return Outcome(1, f"{error.filename or 'storage'}: {error.strerror or error}")
    return Outcome(code)


def together(outcomes: dict[int, Outcome]) -> int:
    """The exit code of all processes, by rank. Raises RunError with what the first of them says was wrong."""
    errors = [outcomes[rank].error for rank in sorted(outcomes) if outcomes[rank].error is not None]
    if errors:
        raise RunError(str(errors[0]))
    return max(outcome.code for outcome in outcomes.values())
