"""Weights of units: by size, flattened, as even as a cap allows, or as given; and what they mean in epochs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop import Workshop

from datapipe.mixture import MixtureError, UnitSize, mix, mixture_json, proportional, unimax, unit_shares
from datapipe.recipe import Domain, Sampling

SIZES = st.dictionaries(st.text(max_size=3), st.floats(1, 1e12), min_size=1, max_size=12)


def sizes(**tokens: int) -> dict[str, UnitSize]:
    """Units of so many tokens, at 4 bytes per token."""
    return {name: UnitSize(1, 4 * size) for name, size in tokens.items()}


def domain(weight: float = 1.0, **more: object) -> Domain:
    return Domain("d", weight, **more)  # type: ignore[arg-type]


def test_by_size_a_unit_weighs_its_share_of_the_bytes() -> None:
    assert proportional({"a": 30, "b": 10}) == {"a": 0.75, "b": 0.25}
    assert unit_shares(domain(), sizes(a=30, b=10), None) == {"a": 0.75, "b": 0.25}


def test_alpha_two_weighs_by_the_square_root() -> None:
    """Roots of 16 and 4: 4 and 2 of 6."""
    assert proportional({"a": 16, "b": 4}, 2) == pytest.approx({"a": 2 / 3, "b": 1 / 3})


def test_a_tiny_alpha_gives_all_to_the_largest() -> None:
    # 4_000_000 ** 100 is more than a float holds; (2 / 4) ** 100 is 8e-31.
    assert proportional({"a": 4_000_000, "b": 2_000_000}, 0.01) == pytest.approx({"a": 1, "b": 0.5**100})
    assert unit_shares(domain(sampling=Sampling(alpha=2)), sizes(a=16, b=4), None) == pytest.approx(
        {"a": 2 / 3, "b": 1 / 3}
    )


def test_temperature_is_alpha_by_its_other_name() -> None:
    by_alpha = unit_shares(domain(sampling=Sampling(alpha=1.3)), sizes(a=100, b=7), None)

    assert unit_shares(domain(sampling=Sampling(temperature=1.3)), sizes(a=100, b=7), None) == by_alpha


@given(SIZES, st.floats(1, 10))
def test_alpha_flattens_but_keeps_the_order(found: dict[str, float], alpha: float) -> None:
    plain, flat = proportional(found), proportional(found, alpha)
    largest, smallest = max(found, key=found.__getitem__), min(found, key=found.__getitem__)

    assert sum(flat.values()) == pytest.approx(1)
    assert flat[largest] <= plain[largest] * (1 + 1e-9)
    assert flat[smallest] >= plain[smallest] * (1 - 1e-9)
    assert sorted(found, key=lambda name: (found[name], name)) == sorted(
        found, key=lambda name: (flat[name], found[name], name)
    )


def test_unimax_is_as_even_as_the_cap_allows() -> None:
    """100 tokens, one epoch each: 10 of a, 30 of b (an even part would be 45), the other 60 of c."""
    assert unimax({"c": 500, "a": 10, "b": 30}, 100, 1) == {"a": 0.1, "b": 0.3, "c": 0.6}


def test_unimax_without_a_binding_cap_is_even() -> None:
    assert unimax({"a": 400, "b": 300}, 100, 1) == {"a": 0.5, "b": 0.5}


def test_unimax_lets_a_unit_repeat_up_to_the_cap() -> None:
    """Four epochs: 40 of a, then (100 - 40) / 2 = 30 each."""
    assert unimax({"a": 10, "b": 30, "c": 500}, 120, 4) == {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}
    assert unimax({"a": 5, "b": 30, "c": 500}, 100, 4) == {"a": 0.2, "b": 0.4, "c": 0.4}


def test_unimax_may_use_up_everything() -> None:
    assert unimax({"a": 10, "b": 30}, 80, 2) == {"a": 0.25, "b": 0.75}


def test_unimax_refuses_a_budget_beyond_all_caps_with_the_numbers() -> None:
    with pytest.raises(MixtureError, match=r"^100 tokens need 2\.50 epochs of 40 tokens, the cap is 2$"):
        unimax({"a": 10, "b": 30}, 100, 2)


@given(SIZES, st.floats(0.001, 1), st.floats(0.1, 8))
def test_unimax_keeps_its_promises(found: dict[str, float], part: float, max_epochs: float) -> None:
    """No unit above its cap, all shares sum to one, equal among the units that no cap binds, and those get the most."""
    budget = part * max_epochs * sum(found.values())
    shares = unimax(found, budget, max_epochs)

    assert sum(shares.values()) == pytest.approx(1)
    caps = {name: max_epochs * size / budget for name, size in found.items()}
    assert all(shares[name] <= caps[name] * (1 + 1e-9) for name in found)
    free = [shares[name] for name in found if shares[name] < caps[name] * (1 - 1e-9)]
    assert not free or max(free) == pytest.approx(min(free))
    assert not free or max(shares.values()) <= max(free) * (1 + 1e-9)


@given(SIZES, st.floats(0.01, 1))
def test_unimax_does_not_depend_on_the_order_of_units(found: dict[str, float], part: float) -> None:
    budget = part * sum(found.values())

    assert unimax(dict(reversed(found.items())), budget, 1) == unimax(found, budget, 1)


def test_explicit_weights_are_taken_as_they_are() -> None:
    shares = unit_shares(domain(sampling=Sampling(weights={"a": 0.9, "b": 0.1})), sizes(a=1, b=100, c=5), None)

    assert shares == {"a": 0.9, "b": 0.1, "c": 0.0}


def test_a_weight_for_a_unit_without_documents_is_refused() -> None:
    with pytest.raises(MixtureError, match=r"domain 'd' has weights for \['x'\], its units are \['a', 'b'\]"):
        unit_shares(domain(sampling=Sampling(weights={"a": 0.5, "x": 0.5})), sizes(a=1, b=1), None)


def mixed(workshop: Workshop, found: dict, *settings: str, budget: int | None = 1000) -> dict:
    return mix(workshop.recipe(*settings), found, budget)["domains"]  # type: ignore[return-value]


def test_units_sum_to_the_weight_of_their_domain(workshop: Workshop) -> None:
    found = mixed(workshop, {"english": sizes(left=300, right=100), "others": sizes(tale=10, song=10)})

    english = found["english"]["units"]
    assert {name: unit["weight"] for name, unit in english.items()} == pytest.approx({"left": 0.525, "right": 0.175})
    assert {name: unit["weight"] for name, unit in found["others"]["units"].items()} == pytest.approx(
        {"song": 0.15, "tale": 0.15}
    )
    assert english["left"] == {
        "documents": 1,
        "bytes": 1200,
        "weight": pytest.approx(0.525),
        "epochs": pytest.approx(1.75),
    }


def test_epochs_are_tokens_over_estimated_tokens(workshop: Workshop) -> None:
    """0.7 of 1,000 tokens from 400 bytes: at 4 bytes per token 7 epochs, at 2 bytes per token 3.5."""
    found = {"english": sizes(left=100), "others": sizes(tale=300)}

    assert mixed(workshop, found)["english"]["units"]["left"]["epochs"] == pytest.approx(7)
    other = mixed(workshop, found, "domains.english.bytes_per_token=2.0")
    assert other["english"]["units"]["left"]["epochs"] == pytest.approx(3.5)


def test_without_a_budget_epochs_are_unknown(workshop: Workshop) -> None:
    found = mixed(workshop, {"english": sizes(left=100), "others": sizes(tale=300)}, budget=None)

    assert found["english"]["units"]["left"]["epochs"] is None


def test_unimax_works_on_the_domains_part_of_the_budget(workshop: Workshop) -> None:
    """0.3 of 1,000 tokens: 50 of the small unit, 250 of the large one."""
    unimax_once = "domains.others.sampling={unimax: {max_epochs: 1}}"
    found = mixed(workshop, {"english": sizes(left=1), "others": sizes(tale=50, song=400)}, unimax_once)

    units = found["others"]["units"]
    assert (units["tale"]["weight"], units["tale"]["epochs"]) == pytest.approx((0.05, 1))
    assert (units["song"]["weight"], units["song"]["epochs"]) == pytest.approx((0.25, 0.625))
    with pytest.raises(MixtureError, match=r"domain 'others': 300 tokens need 6\.00 epochs of 50 tokens, the cap is 1"):
        mixed(workshop, {"english": sizes(left=1), "others": sizes(tale=50)}, unimax_once)


def test_a_cap_on_epochs_that_breaks_is_refused_with_the_numbers(workshop: Workshop) -> None:
    found = {"english": sizes(left=150, right=100), "others": sizes(tale=300)}
    weights = "domains.english.sampling={weights: {left: 0.5, right: 0.5}}"

    assert (
        mixed(workshop, found, weights, "domains.english.max_epochs=3.5")["english"]["units"]["right"]["epochs"] == 3.5
    )
    with pytest.raises(
        MixtureError,
        match=r"domain 'english': unit 'right' would be repeated 3\.50 times "
        r"\(weight 0\.35 of 1,000 tokens over 400 bytes at 4 bytes per token\), the cap is 3\.4",
    ):
        mixed(workshop, found, weights, "domains.english.max_epochs=3.4")


@pytest.mark.parametrize("others", [{}, {"others": {}}, {"others": {"tale": UnitSize(3, 0)}}])
@pytest.mark.parametrize("sampling", ["{}", "{unimax: {max_epochs: 1}}", "{alpha: 2}"])
def test_a_domain_without_text_is_refused(workshop: Workshop, others: dict, sampling: str) -> None:
    with pytest.raises(MixtureError, match=r"domain 'others' has weight 0\.3 and no text"):
        mixed(workshop, {"english": sizes(left=100), **others}, f"domains.others.sampling={sampling}")


def test_a_domain_of_weight_zero_may_be_empty_or_full(workshop: Workshop) -> None:
    settings = ("domains.english.weight=1", "domains.others.weight=0")

    assert mixed(workshop, {"english": sizes(left=100)}, *settings)["others"] == {"weight": 0, "units": {}}
    full = mixed(workshop, {"english": sizes(left=100), "others": sizes(tale=5)}, *settings)
    assert full["others"]["units"]["tale"] == {"documents": 1, "bytes": 20, "weight": 0.0, "epochs": 0.0}


def test_the_file_lists_domains_in_the_order_of_the_recipe_and_units_by_name(workshop: Workshop) -> None:
    found = mix(workshop.recipe(), {"others": sizes(tale=5, Song=5, song=5), "english": sizes(left=5)}, 10)
    data = json.loads(mixture_json(found))

    assert list(data) == ["budget_tokens", "epochs_estimated_from", "domains"]
    assert list(data["domains"]) == ["english", "others"]
    assert list(data["domains"]["others"]["units"]) == ["Song", "song", "tale"]
    assert data["budget_tokens"] == 10
    assert data["epochs_estimated_from"] == "bytes"
