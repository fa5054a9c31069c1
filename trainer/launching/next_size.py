"""`trainer next`: for how many GPUs the next phase of a run is. No torch here: batch scripts ask before they start."""

from dataclasses import dataclass
from pathlib import Path

from datapipe.output import placed
from trainer.checkpointing.finding import Warn, last_sound, sized_record
from trainer.corpus import sizes_of
from trainer.plan import Plan
from trainer.schedule import phase_edges

DONE, ANY = "0", "any"
"""What `trainer next` prints where no steps are left, and where the phase says no `gpus`."""


@dataclass(frozen=True)
class NextPhase:
    """What a run goes on with."""

    name: str
    gpus: int | None
    """None: the plan does not say."""


def next_phase(plan: Plan, root: str | None, warn: Warn = lambda line: None) -> NextPhase | None:
    """That of the last sound checkpoint of the output, the first where there is none; None: no steps are left.

    Raises RunError, RecipeError.
    """
    found = last_sound(Path(placed("output", plan.output, root)), sized_record, warn)
    seen = found[1].samples_seen if found else 0
    edges = phase_edges(plan, sizes_of(plan, root).seq_len, seen)
    if not edges:
        return None
    phase = plan.phases[-len(edges)]
    return NextPhase(phase.name, phase.gpus)


def next_size(plan: Plan, root: str | None, warn: Warn) -> str:
    """The same for scripts: a number of GPUs, "any", or "0"."""
    phase = next_phase(plan, root, warn)
    if phase is None:
        return DONE
    return ANY if phase.gpus is None else str(phase.gpus)
