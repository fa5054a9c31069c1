"""Swarms drawn from laws that are known: what fitting and proposing must find again."""

from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import Evidence, evidence_of
from trainer.mixture.materials import Material, Materials
from trainer.mixture.results import Measurement, Result
from trainer.mixture.swarm import Run, Swarm


@dataclass(frozen=True)
class Law:
    """values_M = floors_M + scales_M exp(slopes_MF @ flat weights)."""

    floors_M: Floats
    scales_M: Floats
    slopes_MF: Floats

    def values(self, weights_NPK: Floats) -> Floats:
        """Without noise."""
        flat_NF = weights_NPK.reshape(len(weights_NPK), -1)
        found: Floats = self.floors_M + self.scales_M * np.exp(flat_NF @ self.slopes_MF.T)
        return found


def random_law(phases: int, components: int, targets: int, seed: int) -> Law:
    """Each target falls most with a component of its own."""
    rng = np.random.default_rng(seed)
    slopes_MPK = rng.normal(0, 0.3, (targets, phases, components))
    for target in range(targets):
        slopes_MPK[target, :, target % components] -= rng.uniform(1, 2)
    return Law(rng.uniform(0.6, 1.0, targets), rng.uniform(0.5, 1.5, targets), slopes_MPK.reshape(targets, -1))


def random_weights(runs: int, phases: int, components: int, seed: int, strength: float = 1.0) -> Floats:
    """weights_NPK, Dirichlet."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.dirichlet(np.full(components, strength), (runs, phases)))


def names(prefix: str, count: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{place}" for place in range(count))


def swarm_of(weights_NPK: Floats) -> Swarm:
    """Every mixture as a run, ids by place."""
    runs, phases, components = weights_NPK.shape
    materials = Materials(
        {name: Material(name, {}, 10**9, None, {}) for name in names("c", components)},
        dict.fromkeys(names("p", phases), 10**9),
    )
    found = (
        Run(f"{place:04}", "row", "", place, tuple(tuple(row) for row in weights_NPK[place].tolist()))
        for place in range(runs)
    )
    return Swarm(names("c", components), names("p", phases), materials, {}, "law", tuple(found))


def results_of(swarm: Swarm, values_NM: Floats) -> dict[str, Result]:
    """All done."""
    return {
        run.id: Result(
            run.id,
            "done",
            "",
            (Measurement(1000, dict(zip(names("t", len(row)), row.tolist(), strict=True))),),
            1,
            1,
            "",
        )
        for run, row in zip(swarm.runs, values_NM, strict=True)
    }


def evidence_from(law: Law, weights_NPK: Floats, noise: float, seed: int) -> Evidence:
    """What a swarm of these mixtures comes to, with normal noise of standard deviation `noise`."""
    values_NM = law.values(weights_NPK)
    values_NM = values_NM + np.random.default_rng(seed).normal(0, noise, values_NM.shape)
    swarm = swarm_of(weights_NPK)
    return evidence_of(swarm, results_of(swarm, values_NM), names("t", values_NM.shape[1]))
