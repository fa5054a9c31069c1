"""`trainer mix design`: the swarm of an experiment, chosen before anything runs."""

from collections.abc import Sequence
from pathlib import Path

from datapipe.output import RunError
from trainer.mixture.designing.growing import check_same_design, more_runs, new_swarm
from trainer.mixture.designing.report import print_design
from trainer.mixture.load import loaded
from trainer.mixture.materials import read_materials
from trainer.mixture.space import space_of
from trainer.mixture.swarm import FILE, read_swarm, write_swarm


def design(file: Path, root: str | None, settings: Sequence[str], more: int | None) -> None:
    """Write `swarm.json`, or append `more` rows to it; print kinds of runs, expected standard errors and the cost.

    A swarm that is there is left as it is, and told again, if it was designed from the same settings. Raises
    RecipeError, RunError: it was not; new runs could not be compared with those that are there.
    """
    experiment, output = loaded(file, settings, root)
    materials = read_materials(experiment, root)
    space = space_of(experiment, materials)
    notes: list[str] = []
    if more is not None:
        if not (output / FILE).exists():
            raise RunError(f"{output / FILE}: not there, so there is nothing to append to: leave out --more")
        swarm = more_runs(experiment, materials, space, read_swarm(output), more)
        write_swarm(output, swarm)
    elif (output / FILE).exists():
        swarm = read_swarm(output)
        check_same_design(experiment, materials, space, swarm)
        notes = [f"{output / FILE} was there already, from the same settings: it stays as it is"]
    else:
        swarm, notes = new_swarm(experiment, materials, space)
        write_swarm(output, swarm)
    print_design(experiment, root, space, swarm, notes)
