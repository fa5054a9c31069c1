"""Objectives of groups, and the front between them, by hand."""

import numpy as np
import pytest

from tests.trainer.mixture.laws import Law, names
from tests.trainer.mixture.test_optimum import Known, aim_of, room
from trainer.mixture.experiment import Group
from trainer.mixture.materials import Material, Materials
from trainer.mixture.objective import Objective
from trainer.mixture.pareto import front, objectives_of
from trainer.mixture.proposal_file import ParetoPoint
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


def front_of(law: Law, kl: float = 0.05) -> tuple[ParetoPoint, ...]:
    """Between single targets, of a known law."""
    targets, components = law.slopes_MF.shape
    space, known = room(1, components), Known(law)
    aim = aim_of(law, kl, 1, components)
    pool_NPK, none = draw(space, 50, 1), np.zeros((0, 1, components))
    found = Search(space, aim, known, True, pool_NPK, pool_NPK[0], [], none, 0, 0.8)
    return front(found, {name: objective_like(aim.objective, place) for place, name in enumerate(names("t", targets))})


def test_what_another_beats_or_equals_is_no_point_of_the_front_and_nothing_holds_it_to_the_reference() -> None:
    """One target wants little of c0 and cares for no other, one wants much of c1: both have all they want at once."""
    (point,) = front_of(Law(np.zeros(2), np.ones(2), np.array([[2.0, 0.0, 0.0], [0.0, -2.0, 0.0]])), kl=5.0)

    assert point.weights[0] == pytest.approx((0.002, 0.996, 0.002), abs=1e-6)


@pytest.mark.parametrize(("targets", "points"), [(2, 21), (3, 36)])
def test_targets_that_each_want_a_component_are_traded_along_the_front(targets: int, points: int) -> None:
    """Target i is exp(-2 x weight i): its own optimum gives all to component i, and all shares alike give all alike."""
    drawn = front_of(Law(np.zeros(targets), np.ones(targets), -2 * np.eye(targets)))

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
