"""Which weights a sweep tries, with shares that can be worked out by hand."""

from dataclasses import dataclass

import pytest

from tokenizer.recipe import Sweep, Weights
from tokenizer.sweep.candidates import candidates, language_domains, ways


@dataclass(frozen=True)
class Text:
    domain: str
    unit: str
    bytes: int


UNITS = [Text("english", "web", 900), Text("world", "de", 90), Text("world", "fr", 10)]
MIXTURE = {
    "domains": {
        "english": {"units": {"web": {"weight": 0.8}}},
        "world": {"units": {"de": {"weight": 0.15}, "fr": {"weight": 0.05}}},
    }
}
SWEEP = Sweep(temperatures=(1, 2), unimax_epochs=(1,), up_sampling=(1, 4))


def test_every_value_of_the_recipe_is_a_way_to_weigh() -> None:
    found = ways(SWEEP, ["world"])
    assert list(found) == ["temperature 1", "temperature 2", "unimax 1", "up_sampling 1", "up_sampling 4"]
    assert found["temperature 2"] == Weights(temperature=2)
    assert found["up_sampling 4"] == Weights(up_sampling={"world": 4})


def test_without_a_domain_to_sample_up_the_mixture_as_it_is_remains() -> None:
    assert list(ways(SWEEP, [])) == ["temperature 1", "temperature 2", "unimax 1", "up_sampling 1"]


def test_candidates_have_the_shares_that_their_weights_mean() -> None:
    made, impossible = candidates(ways(SWEEP, ["world"]), UNITS, MIXTURE)
    assert impossible == {}
    shares = {one.name: list(one.shares.values()) for one in made}
    assert shares["up_sampling 1"] == pytest.approx([0.8, 0.15, 0.05])
    assert shares["up_sampling 4"] == pytest.approx([0.8 / 1.6, 0.6 / 1.6, 0.2 / 1.6])
    roots = [30, 90**0.5, 10**0.5]
    assert shares["temperature 2"] == pytest.approx([root / sum(roots) for root in roots])


def test_ways_that_come_to_the_same_are_one_candidate_with_all_names() -> None:
    made, _ = candidates(ways(SWEEP, ["world"]), UNITS, MIXTURE)
    assert made[0].name == "temperature 1 = unimax 1"
    assert made[0].file == "temperature-1"
    assert list(made[0].shares.values()) == pytest.approx([0.9, 0.09, 0.01])


def test_weights_that_cannot_be_are_told_and_the_others_go_on() -> None:
    made, impossible = candidates(ways(SWEEP, ["wrold"]), UNITS, MIXTURE)
    assert [one.name for one in made] == ["temperature 1 = unimax 1", "temperature 2"]
    assert list(impossible) == ["up_sampling 1", "up_sampling 4"]
    assert "no domain or unit 'wrold' was counted" in impossible["up_sampling 4"]


def test_domains_by_language_are_told_by_the_names_of_their_units() -> None:
    units = [*UNITS, Text("code", "C", 50), Text("code", "Go", 50), Text("mixed", "de", 1), Text("mixed", "help", 2)]
    assert language_domains(units, ["en", "de", "fr", "go"]) == ["world"]
