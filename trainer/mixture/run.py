"""`trainer mix run`: every run of a swarm that is not done yet, as Ray tasks or in this process."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from datapipe.output import RunError
from trainer.mixture.designing.growing import incomparable, listed
from trainer.mixture.load import loaded
from trainer.mixture.materials import read_materials
from trainer.mixture.results import FILE, write_results
from trainer.mixture.space import space_of
from trainer.mixture.swarm import read_swarm
from trainer.mixture.training_runs import Where, collected, train_runs


def run(
    file: Path, root: str | None, settings: Sequence[str], executor: Literal["ray", "inline"], num_cpus: int | None
) -> None:
    """Train them and write `results.jsonl`; what is done stays. Raises RunError behind all where some failed.

    Before anything is trained it raises RunError where text or settings are not those that the swarm was designed for.
    """
    experiment, output = loaded(file, settings, root)
    swarm = read_swarm(output)
    if experiment.proxy is None:
        raise RunError(f"{file}: proxy is missing: it says which models are trained")
    materials = read_materials(experiment, root)
    if differences := incomparable(experiment, materials, space_of(experiment, materials), swarm):
        raise RunError(
            f"{output}: its swarm is not that of this experiment: {listed(differences)}; put it back, or design a "
            "new swarm in another output"
        )
    try:
        where = Where(output, root, executor, num_cpus)
        results = train_runs(experiment, experiment.proxy, swarm.materials, swarm.runs, where)
    finally:  # what there is can be fitted, however the others end
        write_results(output, collected(output, swarm.runs))
    failed = [one for one in results if one.status == "failed"]
    if failed:
        raise RunError(
            f"{output / FILE}: {len(failed):,} of {len(results):,} runs failed; {failed[0].run}: {failed[0].why}; "
            "the same command tries them again"
        )
