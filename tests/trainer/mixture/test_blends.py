"""Weights of components as a blend that the trainer takes."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.output import RunError
from tests.trainer.small_course import corpus_of, plan_of
from trainer.blend import phase_blends
from trainer.course import PARTS
from trainer.mixture.blends import blend_of
from trainer.mixture.materials import Material, Materials
from trainer.plan import DomainBlend

MATERIALS = Materials(
    {
        "web": Material("english", {"crawl": 0.75, "forums": 0.25}, 3000, None, {}),
        "books": Material("english", {"books": 1.0}, 1000, None, {}),
        "code": Material("code", {"C": 0.5, "py": 0.5}, 2000, None, {}),
    },
    {"all": 6000},
)
WEIGHTS = st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda found: sum(found) > 0.1)


def units_of(blend: DomainBlend) -> dict[str, float]:
    assert blend.sampling is not None
    assert blend.sampling.weights is not None
    return dict(blend.sampling.weights)


def test_components_of_one_domain_share_it_and_units_keep_their_shares() -> None:
    blend = blend_of(np.array([0.4, 0.1, 0.5]), MATERIALS)
    assert {domain: one.weight for domain, one in blend.items()} == {"english": 0.5, "code": 0.5}
    assert units_of(blend["english"]) == pytest.approx({"crawl": 0.6, "forums": 0.2, "books": 0.2})
    assert units_of(blend["code"]) == {"C": 0.5, "py": 0.5}


def test_a_component_of_weight_0_is_not_read_and_a_domain_of_weight_0_stands_there_as_such() -> None:
    blend = blend_of(np.array([0.0, 1.0, 0.0]), MATERIALS)
    assert units_of(blend["english"]) == {"books": 1.0}
    assert blend["code"] == DomainBlend(0.0)


def test_units_without_a_window_leave_their_share_to_the_others_of_their_component() -> None:
    windows = {"english": {"crawl": 5, "forums": 0, "books": 3}, "code": {"C": 1, "py": 1}}
    blend = blend_of(np.array([0.4, 0.1, 0.5]), MATERIALS, windows)
    assert units_of(blend["english"]) == pytest.approx({"crawl": 0.8, "books": 0.2})


def test_a_component_that_cannot_be_read_at_all_is_refused() -> None:
    with pytest.raises(RunError, match="component code: none of its 2 units has a window"):
        blend_of(np.array([0.4, 0.1, 0.5]), MATERIALS, {"english": {"crawl": 5, "forums": 1, "books": 3}})


def test_a_component_that_cannot_be_read_and_need_not_is_none() -> None:
    blend = blend_of(np.array([0.9, 0.1, 0.0]), MATERIALS, {"english": {"crawl": 5, "forums": 1, "books": 3}})
    assert blend["code"] == DomainBlend(0.0)


@given(WEIGHTS)
def test_the_trainer_gives_what_was_asked_to_a_part_of_2_to_the_20(found: list[float]) -> None:
    weights_K = np.array(found) / math.fsum(found)
    windows = {"english": {"crawl": 30, "forums": 10, "books": 10}, "code": {"C": 10, "py": 10}}
    plan = plan_of("tokens: 100, batch: 2, blend: a", blends={"a": "english: {weight: 1}"})
    plan = dataclasses.replace(plan, blends={"a": blend_of(weights_K, MATERIALS, windows)})
    (settled,) = phase_blends(plan, corpus_of(windows))
    english = weights_K[0] + weights_K[1]
    assert settled.parts.domains.get("english", 0) / PARTS == pytest.approx(english, abs=1.01 / PARTS)
    for unit, weight in (("crawl", 0.75 * weights_K[0]), ("forums", 0.25 * weights_K[0]), ("books", weights_K[1])):
        given_share = settled.units.get("english", {}).get(unit, 0.0) * settled.domains.get("english", 0.0)
        assert given_share == pytest.approx(weight, abs=1 / PARTS)
