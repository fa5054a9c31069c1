"""Blends in whole parts: where shares come from, how they are rounded, and which are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.loading.located_yaml import RecipeError
from tests.trainer.small_course import corpus_of, plan_of
from trainer.blend import Blend, BlendError, phase_blends, whole_parts
from trainer.corpus import CorpusSizes
from trainer.course import PARTS

TWO = {"code": {"go": 1000, "py": 3000}, "english": {"web": 6000}}
MIXTURE = {"code": {"go": 0.1, "py": 0.1}, "english": {"web": 0.8}}


def blend_of(corpus: CorpusSizes, blend: str | None = None) -> Blend:
    """Of a phase of 10,000 tokens, which are 1,000 samples."""
    if blend is None:
        return phase_blends(plan_of("tokens: 10_000, batch: 1"), corpus)[0]
    return phase_blends(plan_of("tokens: 10_000, batch: 1, blend: x", blends={"x": blend}), corpus)[0]


# ----- whole parts


def test_seventy_fifteen_fifteen_by_hand() -> None:
    """734,003.2, 157,286.4 and 157,286.4 parts: one is left, and of the two largest remainders a comes first."""
    assert whole_parts({"b": 0.15, "c": 0.7, "a": 0.15}) == {"a": 157_287, "b": 157_286, "c": 734_003}


def test_a_share_above_half_a_part_is_a_part_and_the_largest_pays_for_it() -> None:
    assert whole_parts({"a": 0.06, "b": 0.94}, total=10) == {"a": 1, "b": 9}
    assert whole_parts({"a": 0.05, "b": 0.05, "c": 0.05, "d": 0.05, "e": 0.8}, total=10) == {
        "a": 1, "b": 1, "c": 1, "d": 1, "e": 6,
    }  # fmt: skip


def test_a_share_below_half_a_part_is_refused_with_both_numbers() -> None:
    with pytest.raises(BlendError, match=r"code/go has a share of 4e-07: 0.42 parts of 1,048,576, .* \(4.77e-07\)"):
        whole_parts({"go": 4e-7, "py": 1 - 4e-7}, "code/")


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=300))
def test_parts_sum_to_the_total_and_are_within_one_of_the_shares(weights: list[float]) -> None:
    shares = {f"u{place}": weight / sum(weights) for place, weight in enumerate(weights)}
    parts = whole_parts(shares)
    assert sum(parts.values()) == PARTS
    assert all(abs(parts[name] - share * PARTS) < 1 for name, share in shares.items())


@given(st.dictionaries(st.text("abc", min_size=1), st.sampled_from([1, 2, 3]), min_size=1))
def test_parts_do_not_depend_on_the_order_of_the_names(weights: dict[str, int]) -> None:
    shares = {name: weight / sum(weights.values()) for name, weight in weights.items()}
    assert whole_parts(dict(reversed(shares.items()))) == whole_parts(shares)


# ----- where shares come from


def test_the_first_phase_takes_mixture_json() -> None:
    blend = blend_of(corpus_of(TWO, MIXTURE))
    assert blend.name == "mixture.json"
    assert blend.domains == pytest.approx({"code": 0.2, "english": 0.8})
    assert blend.parts.domains == {"code": 209_715, "english": 838_861}
    assert blend.parts.units == {"code": {"go": PARTS // 2, "py": PARTS // 2}, "english": {"web": PARTS}}


def test_a_blend_divides_a_domain_as_mixture_json_does() -> None:
    blend = blend_of(corpus_of(TWO, MIXTURE), "code: {weight: 1}")
    assert blend.parts.units == {"code": {"go": PARTS // 2, "py": PARTS // 2}}


def test_without_a_mixture_units_divide_a_domain_by_their_windows() -> None:
    assert blend_of(corpus_of(TWO), "code: {weight: 1}").units == {"code": {"go": 0.25, "py": 0.75}}


def test_a_mixture_that_gives_a_domain_nothing_says_nothing_of_its_units() -> None:
    corpus = corpus_of(TWO, {"code": {"go": 0.0, "py": 0.0}, "english": {"web": 1.0}})
    assert blend_of(corpus, "code: {weight: 1}").units == {"code": {"go": 0.25, "py": 0.75}}


@pytest.mark.parametrize(
    ("sampling", "go"),
    [
        ("{}", 0.25),
        ("{alpha: 2}", 1 / (1 + 3**0.5)),
        ("{temperature: 2}", 1 / (1 + 3**0.5)),
        ("{weights: {go: 0.9, py: 0.1}}", 0.9),
        ("{unimax: {max_epochs: 1}}", 0.5),  # 500 of 1,000 windows each
        ("{unimax: {max_epochs: 0.3}}", 0.3),  # 300 of 1,000 at most, and 700 of 3,000
    ],
)
def test_sampling_divides_a_domain(sampling: str, go: float) -> None:
    blend = blend_of(corpus_of(TWO, MIXTURE), f"code: {{weight: 1, sampling: {sampling}}}")
    assert blend.units["code"]["go"] == pytest.approx(go)


def test_unimax_counts_the_tokens_of_all_phases_with_the_blend() -> None:
    """2,000 samples: 0.3 epochs of 4,000 windows are not enough for them."""
    plan = plan_of(
        "tokens: 10_000, batch: 1, blend: x",
        "tokens: 10_000, batch: 1",
        blends={"x": "code: {weight: 1, sampling: {unimax: {max_epochs: 0.3}}}"},
    )
    with pytest.raises(RecipeError, match=r"blends.x: domain code: 20,000 tokens need 0.50 epochs of 40,000 .* is 0.3"):
        phase_blends(plan, corpus_of(TWO))


def test_a_phase_that_names_no_blend_keeps_that_of_the_phase_before() -> None:
    plan = plan_of(
        "tokens: 10, batch: 1",
        "tokens: 10, batch: 1, blend: x",
        "tokens: 10, batch: 1",
        blends={"x": "code: {weight: 1}"},
    )
    assert [one.name for one in phase_blends(plan, corpus_of(TWO, MIXTURE))] == ["mixture.json", "x", "x"]


def test_a_domain_that_is_alone_needs_no_blend() -> None:
    assert blend_of(corpus_of({"code": TWO["code"]})).domains == {"code": 1.0}


def test_domains_and_units_of_weight_zero_have_no_parts() -> None:
    blend = blend_of(corpus_of(TWO), "english: {weight: 0}, code: {weight: 1, sampling: {weights: {go: 0, py: 1}}}")
    assert blend.parts.domains == {"code": PARTS}
    assert blend.parts.units == {"code": {"py": PARTS}}


# ----- units that are too small


def test_units_without_a_window_leave_their_share_to_the_others() -> None:
    corpus = corpus_of(
        {"code": {"asm": 0, "go": 10, "py": 10}}, {"code": {"asm": 0.2, "go": 0.2, "nim": 0.2, "py": 0.4}}
    )
    blend = blend_of(corpus)
    assert blend.left_out == ("code/asm", "code/nim")
    assert blend.units["code"] == pytest.approx({"go": 1 / 3, "py": 2 / 3})
    assert blend_of(corpus, "code: {weight: 1, sampling: {alpha: 2}}").left_out == ("code/asm",)


def test_a_unit_without_a_window_that_is_named_is_refused() -> None:
    corpus = corpus_of({"code": {"asm": 0, "go": 10}})
    with pytest.raises(RecipeError, match=r"code/asm has weight 0.5 and has no window of 10 \+ 1 tokens; .* go"):
        blend_of(corpus, "code: {weight: 1, sampling: {weights: {asm: 0.5, go: 0.5}}}")
    with pytest.raises(RecipeError, match=r"code/goo has weight 1 and is no unit; did you mean 'go'\? possible: go"):
        blend_of(corpus, "code: {weight: 1, sampling: {weights: {goo: 1}}}")


# ----- what is refused


@pytest.mark.parametrize(
    ("corpus", "blend", "message"),
    [
        (corpus_of(TWO), None, "no mixture.json, .* needs a blend; blends: none; domains: code, english"),
        (corpus_of(TWO), "math: {weight: 1}", "domain math has weight 1, .* possible: code, english"),
        (corpus_of({"a": {"b": 0}}), "a: {weight: 1}", r"its 1 tokens in 1 units make no window of 10 \+ 1; .* none"),
        (corpus_of(TWO, {"code": {"go": 0.2}, "english": {"web": 0.7}}), None, "sum to 0.9, not to 1: code 0.2, "),
    ],
)
def test_what_cannot_be_met_is_refused(corpus: CorpusSizes, blend: str | None, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        blend_of(corpus, blend)
