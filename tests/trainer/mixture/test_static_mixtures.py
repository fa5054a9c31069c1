"""Mixtures that need no training, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.loading.located_yaml import RecipeError
from tests.trainer.mixture.sized import sized
from trainer.mixture.static import static_mixture, static_mixtures


def weights(name: str, rest: str = "", **sizes: int) -> list[float]:
    found = static_mixture(name, *(sized(rest, sizes) if sizes else sized(rest)))
    assert found.sum() == pytest.approx(1, abs=1e-12)
    return [float(weight) for weight in found[0]]


def test_proportional_is_what_there_is() -> None:
    assert weights("proportional") == pytest.approx([0.6, 0.3, 0.1])


def test_uniform_is_the_same_of_each() -> None:
    assert weights("uniform") == pytest.approx([1 / 3] * 3)


def test_temperature_is_a_root_of_the_tokens() -> None:
    assert weights("temperature_2", a=900, b=400, c=2500) == pytest.approx([0.3, 0.2, 0.5])
    assert weights("temperature_5", a=32, b=1, c=243) == pytest.approx([2 / 6, 1 / 6, 3 / 6])


def test_alpha_is_the_root_with_the_paper_s_number() -> None:
    powers = np.array([6, 3, 1]) ** (1 / 1.3)
    assert weights("alpha_1.3") == pytest.approx(list(powers / powers.sum()))


def test_unimax_is_as_even_as_its_epochs_allow() -> None:
    """A million tokens: code is read four times, 0.4 > 1/3 allows the even share; once allows 0.1, then 0.3, 0.6."""
    assert weights("unimax_4") == pytest.approx([1 / 3] * 3)
    assert weights("unimax_1") == pytest.approx([0.6, 0.3, 0.1])


def test_epochs_of_unimax_are_those_of_all_phases_together() -> None:
    """Once in a million tokens of two phases leaves nothing to choose; once in 750,000 would."""
    found = static_mixture("unimax_1", *sized(phases={"stable": 750_000, "anneal": 250_000}))
    assert found == pytest.approx(np.array([[0.6, 0.3, 0.1]] * 2))


def test_the_paper_s_mixture_needs_its_three_domains() -> None:
    assert weights("nemotron4") == pytest.approx([0.7, 0.15, 0.15])
    assert "nemotron4" not in static_mixtures(*sized(sizes={"english": 5, "code": 10**6}))
    rest = "components: {web: {domain: english}, books: {domain: english}, multilingual: {}, code: {}}"
    assert weights("nemotron4", rest, web=600, books=100, multilingual=5, code=5) == pytest.approx(
        [0.6, 0.1, 0.15, 0.15]
    )


def test_today_s_is_what_the_experiment_says_by_phase() -> None:
    rest = "current: {stable: {english: 1}, anneal: {english: 0.5, code: 0.5}}"
    found = static_mixture("current", *sized(rest, phases={"stable": 900, "anneal": 100}))
    assert found.tolist() == [[1, 0, 0], [0.5, 0, 0.5]]


def test_today_s_is_proportional_where_nothing_tells() -> None:
    assert weights("current") == pytest.approx([0.6, 0.3, 0.1])


def test_candidates_are_the_same_in_all_phases_and_stand_last() -> None:
    rest = "candidates: {ours: {english: 0.8, code: 0.2}}"
    found = static_mixtures(*sized(rest, phases={"stable": 900, "anneal": 100}))
    assert found["ours"].tolist() == [[0.8, 0, 0.2], [0.8, 0, 0.2]]
    assert list(found) == [
        "proportional",
        "uniform",
        "temperature_2",
        "temperature_5",
        "alpha_1.3",
        "unimax_1",
        "unimax_4",
        "nemotron4",
        "current",
        "ours",
    ]


def test_one_that_cannot_be_made_is_left_out_and_says_why_when_asked_for() -> None:
    experiment, materials = sized(sizes={"english": 400_000, "code": 400_000})
    assert "unimax_1" not in static_mixtures(experiment, materials)
    with pytest.raises(RecipeError, match=r"unimax_1 cannot be made: 1,000,000 tokens need 1\.25 epochs"):
        static_mixture("unimax_1", experiment, materials)


@given(sizes=st.lists(st.integers(1, 10**15), min_size=1, max_size=12), tokens=st.integers(1, 10**15))
def test_all_of_them_are_mixtures_and_unimax_keeps_to_its_epochs(sizes: list[int], tokens: int) -> None:
    named = {f"c{place}": size for place, size in enumerate(sizes)}
    for name, weights_PK in static_mixtures(*sized(sizes=named, phases={"all": tokens})).items():
        assert weights_PK.min() >= 0 and weights_PK.sum() == pytest.approx(1, abs=1e-9)
        if name.startswith("unimax_"):
            epochs = weights_PK[0] * tokens / np.array(sizes)
            assert epochs.max() <= float(name.removeprefix("unimax_")) * (1 + 1e-9)


def test_a_name_of_none_is_answered_with_those_there_are() -> None:
    with pytest.raises(
        RecipeError, match=r"no static mixture 'unimx_4'; did you mean 'unimax_4'\? possible: alpha_1\.3"
    ):
        static_mixture("unimx_4", *sized())
