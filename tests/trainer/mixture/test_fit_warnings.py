"""Warnings of a fit, by numbers a little below and above what each of them asks for."""

import pytest

from trainer.mixture.fit_file import AnchorScore, Learning, OutOfFold, Score, TargetSummary
from trainer.mixture.fit_warnings import warnings_of


def score(name: str, spearman: float | None) -> Score:
    return Score(name, "code", name != "mean", spearman, None, None, None, None, None)


@pytest.mark.parametrize(("noise", "is_told"), [(0.1, False), (0.11, True)])
def test_mixtures_should_spread_by_twice_the_noise(noise: float, is_told: bool) -> None:
    summary = TargetSummary("code", 1.0, 0.2, noise, 0.2 / noise)
    assert bool(warnings_of("mean", [summary], [], [], [], [], [])) == is_told


@pytest.mark.parametrize(
    ("law", "rule", "said"),
    [
        (0.95, 0.94, None),
        (0.95, 0.95, "code: 'more code' ranks mixtures as well as the mean law, or better: Spearman 0.950 against 0.9"),
        (
            None,
            0.10,
            "code: 'more code' ranks mixtures as well as the mean law, or better: Spearman 0.100 against none",
        ),
        (0.89, 0.50, "code: Spearman of the mean law on mixtures not seen is 0.890, below 0.9"),
        (0.90, None, None),
    ],
)
def test_a_law_should_rank_well_and_better_than_rules(law: float | None, rule: float | None, said: str | None) -> None:
    found = warnings_of("mean", [], [score("mean", law), score("more code", rule)], [], [], [], [])
    assert [one[: len(said or "")] for one in found] == ([said] if said else [])


@pytest.mark.parametrize(("missed", "is_told"), [(0.44, False), (0.45, True)])
def test_an_anchor_may_be_missed_by_three_usual_errors(missed: float, is_told: bool) -> None:
    """Errors of 0.1 in the median are those of a normal with a standard deviation of 0.148."""
    seen = [OutOfFold(str(place), "code", 1.0 + error, 0.1, 1.0) for place, error in enumerate((-0.1, 0.1, 5.0))]
    anchor = AnchorScore("7", "deletion", "english", "code", 1.0, 1.0 + missed)
    found = warnings_of("mean", [], [], [anchor], [*seen, *seen[:1]], [], [])
    assert ["extrapolation fails at deletion english (7)" in one for one in found] == [True] * is_told


@pytest.mark.parametrize(
    ("half", "deviation", "is_told"), [(0.87, 0.0, True), (0.885, 0.0, False), (0.87, 0.05, False), (0.91, 0.0, False)]
)
def test_more_runs_help_where_twice_as_many_have_helped(half: float, deviation: float, is_told: bool) -> None:
    curve = [Learning(8, "code", 0.2, 0.0), Learning(16, "code", half, deviation), Learning(32, "code", 0.9, 0.0)]
    found = warnings_of("mean", [], [], [], [], curve, [])
    told = f"code: more runs would help: Spearman rose from {half:.2f} with 16 mixtures to 0.90 with 32"
    assert list(found) == [told] * is_told


@pytest.mark.parametrize(("early", "late", "is_told"), [(0.1, 0.95, False), (0.95, 0.8, True)])
def test_the_last_checkpoint_but_one_should_rank_as_the_last(early: float, late: float, is_told: bool) -> None:
    found = warnings_of("mean", [], [], [], [], [], [(1000, "code", early), (2000, "code", late)])
    assert ["the order at 2,000 tokens agrees with the last one by 0.80" in one for one in found] == [True] * is_told
