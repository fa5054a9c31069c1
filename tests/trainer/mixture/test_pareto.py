"""Objectives of groups, and the front between them, by hand."""

import numpy as np
import pytest

from tests.trainer.mixture.laws import Law, names
from tests.trainer.mixture.test_optimum import Known, aim_of, room
from trainer.mixture.experiment import Group
from trainer.mixture.materials import Material, Materials
from trainer.mixture.objective import Objective
from trainer.mixture.pareto import front, objectives_of
from trainer.mixture.search import Search
from trainer.mixture.space import draw

DOMAINS = {"c0": "english", "c1": "english", "c2": "code"}
MATERIALS = Materials({name: Material(domain, {}, 10, None, {}) for name, domain in DOMAINS.items()}, {"p0": 10})


def objective(*targets: str) -> Objective:
    size = len(targets)
    return Objective(targets, np.full(size, 1 / size), np.zeros(size), np.ones(size))


def groups(**of: tuple[str, ...]) -> dict[str, Group]:
    return {name: Group(members) for name, members in of.items()}


def test_a_group_is_the_mean_of_its_domains() -> None:
    found = objectives_of(
        groups(prose=("c0", "c1"), code=("c2",)), MATERIALS, objective("english", "code", "code/python")
    )

    assert list(found) == ["prose", "code"]
    assert found["prose"].weights_M.tolist() == [1, 0, 0]
    assert found["code"].weights_M.tolist() == [0, 1, 0]


def test_units_stand_for_a_domain_that_is_not_a_target() -> None:
    found = objectives_of(
        groups(prose=("c0",), code=("c2",)), MATERIALS, objective("english", "code/python", "code/rust")
    )

    assert found["code"].weights_M.tolist() == [0, 0.5, 0.5]


def test_few_targets_without_groups_are_objectives_of_their_own() -> None:
    assert list(objectives_of({}, MATERIALS, objective("a", "b"))) == ["a", "b"]
    assert objectives_of({}, MATERIALS, objective("a", "b", "c", "d")) == {}
    assert objectives_of({}, MATERIALS, objective("a")) == {}


@pytest.mark.parametrize(("targets", "points"), [(2, 21), (3, 36)])
def test_targets_that_each_want_a_component_are_traded_along_the_front(targets: int, points: int) -> None:
    """Target i is exp(-2 x weight i): its own optimum gives all to component i, and all shares alike give all alike."""
    law = Law(np.zeros(targets), np.ones(targets), -2 * np.eye(targets))
    space, known = room(1, targets), Known(law)
    aim = aim_of(law, 0.05, 1, targets)
    pool_NPK, none = draw(space, 50, 1), np.zeros((0, 1, targets))
    found = Search(space, aim, known, True, pool_NPK, pool_NPK[0], [], none, 0, 0.8)
    drawn = front(found, {name: objective_like(aim.objective, place) for place, name in enumerate(names("t", targets))})

    assert len(drawn) <= points
    by_share = {point.shares: point for point in drawn}
    first = by_share[(1.0, *[0.0] * (targets - 1))]
    assert first.weights[0][0] == pytest.approx(1 - 0.002 * (targets - 1), abs=1e-6)
    even = min(drawn, key=lambda point: np.ptp(point.shares))
    assert np.ptp(even.weights[0]) < 0.25
    values = np.array([point.objectives for point in drawn])
    assert not any((one < other - 1e-9).all() for one in values for other in values)


def objective_like(whole: Objective, place: int) -> Objective:
    weights_M = np.zeros(len(whole.targets))
    weights_M[place] = 1
    return Objective(whole.targets, weights_M, whole.centre_M, whole.scale_M)
