"""The front between objectives: mixtures that no other beats in all of them at once.

Points are optima of weighted means of the objectives, without the divergence: all of the front where laws are convex in
the weights (the log-linear one), else what of it lies on its convex hull.
"""

import dataclasses
import itertools
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.experiment import Group
from trainer.mixture.materials import Materials
from trainer.mixture.objective import Objective
from trainer.mixture.optimum import optimum
from trainer.mixture.proposal_file import ParetoPoint
from trainer.mixture.search import Search

STEPS = {2: 20, 3: 7, 4: 4}
"""Parts that shares are made of, by number of objectives: 21, 36 and 35 points."""
FEW = 3
"""Targets that are objectives of their own where groups have none."""
BEATEN = 1e-9


def objectives_of(groups: Mapping[str, Group], materials: Materials, whole: Objective) -> dict[str, Objective]:
    """By name: every group's mean of its targets over their spread; single targets where there are few and no groups.

    Targets of a group are those of its components' domains: `domain`, else `domain/unit`. {} where fewer than two
    objectives, or more than four, come of it.
    """
    members = {name: _targets(group, materials, whole.targets) for name, group in groups.items()}
    found = {name: _mean_of(whole, targets) for name, targets in members.items() if targets}
    if len(found) < 2 and len(whole.targets) <= FEW:
        found = {name: _mean_of(whole, (name,)) for name in whole.targets}
    return found if len(found) in STEPS else {}


def front(found: Search, objectives: Mapping[str, Objective]) -> tuple[ParetoPoint, ...]:
    """Its points, from the first objective alone to the last alone; none that another beats."""
    shares_SO = list(_shares(len(objectives)))
    if not objectives:
        return ()
    points = np.array([_best_for(found, tuple(objectives.values()), shares) for shares in shares_SO])
    values_SO = np.column_stack([one.of(found.fitted.predict(points)) for one in objectives.values()])
    return tuple(
        ParetoPoint(shares, tuple(values_SO[place].tolist()), tuple(tuple(row) for row in points[place].tolist()))
        for place, shares in enumerate(shares_SO)
        if not _is_beaten(values_SO, place)
    )


def _best_for(found: Search, objectives: Sequence[Objective], shares: Sequence[float]) -> Floats:
    weights_M = np.sum([share * one.weights_M for share, one in zip(shares, objectives, strict=True)], axis=0)
    mixed = dataclasses.replace(objectives[0], weights_M=weights_M)
    aim = dataclasses.replace(found.aim, objective=mixed, kl=0.0)
    starts_NPK = np.concatenate([found.best_PK[None], found.pool_NPK])
    return optimum(aim, found.fitted, found.smooth, found.space, starts_NPK, 2)


def _is_beaten(values_SO: Floats, place: int) -> bool:
    """By a point that is no worse anywhere and better somewhere; of equal ones the first stays."""
    no_worse_S = (values_SO <= values_SO[place] + BEATEN).all(axis=1)
    better_S = (values_SO < values_SO[place] - BEATEN).any(axis=1)
    same_S = (np.abs(values_SO - values_SO[place]) <= BEATEN).all(axis=1)
    return bool((no_worse_S & better_S).any() or same_S[:place].any())


def _targets(group: Group, materials: Materials, targets: Sequence[str]) -> tuple[str, ...]:
    domains = {materials.components[name].domain for name in group.of if name in materials.components}
    found = tuple(name for name in targets if name in domains or name in group.of)
    return found or tuple(name for name in targets if name.partition("/")[0] in domains)


def _mean_of(whole: Objective, targets: Sequence[str]) -> Objective:
    weights_M = np.array([float(name in targets) for name in whole.targets])
    return dataclasses.replace(whole, weights_M=weights_M / weights_M.sum())


def _shares(objectives: int) -> Iterator[tuple[float, ...]]:
    """All shares in whole steps, the first objective's falling."""
    steps = STEPS.get(objectives, 0)
    for bars in itertools.combinations(range(steps + objectives - 1), objectives - 1) if steps else ():
        edges = (-1, *bars, steps + objectives - 1)
        parts = [after - before - 1 for before, after in itertools.pairwise(edges)]
        yield tuple(part / steps for part in reversed(parts))
