"""Factors of units, by hand."""

from typing import Any, NamedTuple

import pytest

from datapipe.output import RunError
from tokenizer.recipe import Unimax, Weights
from tokenizer.training.weights_table import factors, shares_of


class Text(NamedTuple):
    domain: str
    unit: str
    bytes: int


UNITS = (Text("english", "web", 600), Text("english", "books", 200), Text("multilingual", "de", 150),
         Text("multilingual", "th", 50))  # fmt: skip
MIXTURE = {"domains": {
    "english": {"units": {"web": {"weight": 0.6}, "books": {"weight": 0.2}}},
    "multilingual": {"units": {"de": {"weight": 0.1}, "th": {"weight": 0.1}}},
}}  # fmt: skip


def shares(weights: Weights, units: tuple[Text, ...] = UNITS) -> dict[str, float]:
    found = shares_of(factors(weights, units, MIXTURE), units)
    return {"/".join(unit): pytest.approx(share) for unit, share in found.items()}


def test_without_a_word_units_weigh_what_the_mixture_says() -> None:
    assert factors(Weights(), UNITS, MIXTURE) == {
        ("english", "web"): pytest.approx(0.6 * 1000 / 600),
        ("english", "books"): pytest.approx(0.2 * 1000 / 200),
        ("multilingual", "de"): pytest.approx(0.1 * 1000 / 150),
        ("multilingual", "th"): pytest.approx(0.1 * 1000 / 50),
    }


def test_up_sampling_multiplies_domains_and_units_go_first() -> None:
    weights = Weights(up_sampling={"multilingual": 2, "multilingual/th": 4})
    assert list(shares(weights).values()) == [0.6 / 1.4, 0.2 / 1.4, 0.2 / 1.4, 0.4 / 1.4]


def test_shares_of_domains_go_to_their_units_by_size() -> None:
    weights = Weights(shares={"english": 3, "multilingual/th": 1})
    assert shares(weights) == {
        "english/web": 0.75 * 0.75, "english/books": 0.75 * 0.25, "multilingual/de": 0, "multilingual/th": 0.25,
    }  # fmt: skip


def test_a_unit_that_is_named_takes_nothing_of_its_domain() -> None:
    weights = Weights(shares={"multilingual": 0.5, "multilingual/th": 0.25, "english/web": 0.25})
    assert shares(weights) == {
        "english/web": 0.25, "english/books": 0, "multilingual/de": 0.5, "multilingual/th": 0.25
    }  # fmt: skip


def test_repetition_is_taken_as_it_is() -> None:
    found = factors(Weights(repeat={"multilingual": 3, "multilingual/de": 0}), UNITS, MIXTURE)
    assert list(found.values()) == [1, 1, 0, 3]


def test_temperature_flattens_over_all_units() -> None:
    roots = [600**0.5, 200**0.5, 150**0.5, 50**0.5]
    assert list(shares(Weights(temperature=2)).values()) == [root / sum(roots) for root in roots]


@pytest.mark.parametrize(("epochs", "expected"), [
    (1, [0.6, 0.2, 0.15, 0.05]),
    (2, [0.3, 0.3, 0.3, 0.1]),  # 1000 bytes: 100 for th, the cap; the other three get 300 each
    (100, [0.25, 0.25, 0.25, 0.25]),
    (0.5, [0.6, 0.2, 0.15, 0.05]),
])  # fmt: skip
def test_unimax_is_as_even_as_its_epochs_allow(epochs: float, expected: list[float]) -> None:
    assert list(shares(Weights(unimax=Unimax(epochs))).values()) == expected


@pytest.mark.parametrize("weights", [
    Weights(), Weights(temperature=3), Weights(unimax=Unimax(4)), Weights(repeat={}), Weights(shares={"english": 1}),
    Weights(up_sampling={"english": 0}),
])  # fmt: skip
def test_a_unit_without_text_counts_nothing(weights: Weights) -> None:
    units = (*UNITS[1:], Text("english", "web", 0))
    assert factors(weights, units, MIXTURE)["english", "web"] == 0


MISTAKES: list[tuple[Weights, str]] = [
    (Weights(up_sampling={"multilingul": 2}), "train.weights.up_sampling: no domain or unit 'multilingul' was counted; "
     "did you mean 'multilingual'? possible: empty, empty/one, english, english/books, english/web, multilingual, "),
    (Weights(repeat={"english/wab": 2}), "did you mean 'english/web'?"),
    (Weights(shares={"code": 0.5}), "train.weights.shares: no domain or unit 'code' was counted"),
    (Weights(shares={"empty/one": 0.5}), "train.weights.shares: 'empty/one' is given 0.5 and has no text"),
    (Weights(up_sampling={"empty": 2}), "train.weights.up_sampling: 'empty' is given 2 and has no text"),
    (Weights(up_sampling={"english": 0, "multilingual": 0}), "no unit with text has a weight above 0"),
]  # fmt: skip


@pytest.mark.parametrize(("weights", "words"), MISTAKES)
def test_mistakes_are_one_line(weights: Weights, words: str) -> None:
    with pytest.raises(RunError) as error:
        factors(weights, (*UNITS, Text("empty", "one", 0)), MIXTURE)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("mixture", [{}, {"domains": {"english": {"units": {"web": {}}}}}, {"domains": 3}])
def test_a_mixture_that_knows_not_what_was_counted_is_an_error(mixture: dict[str, Any]) -> None:
    with pytest.raises(RunError, match=r"mixture\.json has no weight of english/web, which was counted"):
        factors(Weights(), UNITS, mixture)
