"""`trainer mix design`: the swarm of an experiment, chosen before anything runs."""

from collections.abc import Sequence
from pathlib import Path

from datapipe.output import RunError
from trainer.mixture.designing.cost import SwarmCost, swarm_cost
from trainer.mixture.designing.growing import check_same_design, more_runs, new_swarm
from trainer.mixture.designing.report import print_design
from trainer.mixture.experiment import Experiment
from trainer.mixture.load import loaded
from trainer.mixture.materials import read_materials
from trainer.mixture.results import read_results
from trainer.mixture.space import space_of
from trainer.mixture.swarm import FILE, Swarm, read_swarm, write_swarm


def design(file: Path, root: str | None, settings: Sequence[str], more: int | None) -> None:
    """Write `swarm.json`, or append `more` rows to it; print kinds of runs, expected standard errors and the cost.

    A swarm that is there is left as it is, and told again, if it was designed from the same settings. Raises
    RecipeError, RunError: it was not; new runs could not be compared with those that are there.
    """
    experiment, output = loaded(file, settings, root)
    materials = read_materials(experiment, root)
    space = space_of(experiment, materials)
    there = read_swarm(output) if (output / FILE).exists() else None
    notes: list[str] = []
    if more is not None:
        if there is None:
            raise RunError(f"{output / FILE}: not there, so there is nothing to append to: leave out --more")
        swarm = more_runs(experiment, materials, space, there, more)
    elif there is not None:
        notes = check_same_design(experiment, materials, space, there)
        swarm, notes = there, [f"{output / FILE} was there already, and stays as it is", *notes]
    else:
        swarm, notes = new_swarm(experiment, materials, space)
    cost = _cost(experiment, root, swarm, output, notes)
    if swarm is not there:
        write_swarm(output, swarm)
    print_design(experiment, space, swarm, cost, notes)


def _cost(experiment: Experiment, root: str | None, swarm: Swarm, output: Path, notes: list[str]) -> SwarmCost | None:
    """What the runs cost; None where there is no proxy, or nothing that it could be trained on yet, which is noted."""
    if experiment.proxy is None:
        return None
    try:
        return swarm_cost(experiment, experiment.proxy, root, swarm, read_results(output))
    except RunError as error:
        notes.append(f"what it costs is not known: {error}")
        return None
