"""The rows of a swarm beside anchors, repeats and deletions, chosen as the experiment says."""

import numpy as np

from datapipe.output import RunError
from trainer.mixture.arrays import Floats
from trainer.mixture.designing.candidates import candidates
from trainer.mixture.designing.d_optimal import choose_d_optimal
from trainer.mixture.designing.dirichlet import draw_dirichlet
from trainer.mixture.designing.space_filling import choose_space_filling
from trainer.mixture.experiment import Experiment
from trainer.mixture.materials import Materials
from trainer.mixture.space import Space

CHOOSERS = {"d_optimal": choose_d_optimal, "space_filling": choose_space_filling}


def choose_rows(experiment: Experiment, materials: Materials, space: Space, there_NPK: Floats, count: int) -> Floats:
    """`count` mixtures (count, P, K), none twice and none that is there; they complement those that are.

    Deterministic by the experiment's seed and the number of runs that are there. Raises RunError where the space has
    not so many mixtures.
    """
    if not count:
        return np.zeros((0, *space.shape))
    seed = seed_of(experiment, "rows", len(there_NPK))
    if experiment.swarm.rows == "dirichlet":
        tokens_K = np.array([materials.components[name].tokens for name in space.components], np.float64)
        return draw_dirichlet(space, tokens_K, there_NPK, count, seed)
    found_CPK = candidates(space, count, there_NPK, seed)
    if len(found_CPK) <= count:
        raise RunError(
            f"{experiment.file}: swarm.runs: {count:,} rows, but caps and floors leave no more than {len(found_CPK):,} "
            "mixtures to choose from: take fewer runs, or wider caps"
        )
    return CHOOSERS[experiment.swarm.rows](found_CPK, there_NPK, count)


def seed_of(experiment: Experiment, purpose: str, number: int) -> int:
    """A seed of 32 bits for one purpose of the design."""
    words = [experiment.seed, *purpose.encode(), number]
    return int(np.random.SeedSequence(words).generate_state(1)[0])
