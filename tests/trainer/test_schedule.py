"""Every edge of the schedule: the sample before it, on it and after it, in numbers a reader can check by hand."""

import pytest

from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError
from trainer.course import Course, Parts, Stretch
from trainer.load import loads
from trainer.plan import Plan
from trainer.schedule import phase_edges, rate_at, settled_rates, step_of, step_samples, steps_between, stretch_at

TEN = 10
"""Tokens of a sequence in these plans: 1,000 tokens are 100 samples."""


def plan_of(*phases: str) -> Plan:
    lines = "\n".join(f"  - {{name: {name}, {rest}}}" for name, rest in zip("abcdef", phases, strict=False))
    model = "{n_layer: 1, n_head: 1, n_kv_head: 1, d_model: 8}"
    return loads(f"name: p\noutput: out\nmodel: {model}\nphases:\n{lines}\ndata: d\ntokenizer: t\n")


def rates_of(*pieces: str, tokens: int = 1000) -> list[float]:
    """The rate after each of 100 samples, and of none."""
    rates = settled_rates(plan_of(f"tokens: {tokens}, batch: 1, learning_rate: [{', '.join(pieces)}]"), TEN)
    return [rate_at(rates, sample) for sample in range(tokens // TEN + 1)]


# ----- phases


def test_the_batch_that_crosses_an_edge_is_finished_and_the_next_phase_absorbs_it() -> None:
    first, second = phase_edges(plan_of("tokens: 1000, batch: 30", "tokens: 1000, batch: 50"), TEN)
    assert (first.first, first.edge, first.end, first.steps) == (0, 100, 120, 4)
    assert (second.first, second.edge, second.end, second.steps) == (120, 200, 220, 2)


def test_a_phase_that_divides_ends_on_its_edge() -> None:
    first, second = phase_edges(plan_of("tokens: 1000, batch: 25", "tokens: 1000, batch: 50"), TEN)
    assert (first.end, first.steps, second.first, second.end, second.steps) == (100, 4, 100, 200, 2)


@pytest.mark.parametrize(("edge", "steps"), [(0, 0), (1, 1), (29, 1), (30, 1), (31, 2), (60, 2), (61, 3)])
def test_steps_reach_or_cross_the_edge(edge: int, steps: int) -> None:
    assert steps_between(1000, 1000 + edge, 30) == steps


def test_a_part_of_a_sequence_is_one_more_sample() -> None:
    assert [phase_edges(plan_of(f"tokens: {t}, batch: 1"), TEN)[0].edge for t in (990, 991, 1000, 1001)] == [
        99,
        100,
        100,
        101,
    ]


def test_edges_are_cumulative_so_that_parts_of_sequences_do_not_add_up() -> None:
    phases = phase_edges(plan_of(*["tokens: 15, batch: 1"] * 4), TEN)
    assert [phase.edge for phase in phases] == [2, 3, 5, 6]


def test_a_phase_inside_the_last_batch_before_it_is_refused_with_both_samples() -> None:
    plan = plan_of("tokens: 1000, batch: 30", "tokens: 200, batch: 5", "tokens: 1000, batch: 5")
    with pytest.raises(RecipeError, match=r"plan.yaml:6: phases.1.tokens: .* end at sample 120, .* does at 120;"):
        phase_edges(plan, TEN)


def test_phases_from_a_sample_on_leave_out_what_is_over() -> None:
    plan = plan_of("tokens: 1000, batch: 30", "tokens: 1000, batch: 50")
    assert [(p.name, p.first, p.end) for p in phase_edges(plan, TEN, 99)] == [("a", 99, 129), ("b", 129, 229)]
    assert [(p.name, p.first, p.end) for p in phase_edges(plan, TEN, 100)] == [("b", 100, 200)]
    assert phase_edges(plan, TEN, 200) == ()


def test_nemotron4_has_the_steps_that_its_batches_ask_for() -> None:
    """Table 2 of arXiv 2402.16819: 200 B, 200 B and 7,600 B tokens in batches of 384, 768 and 1152 x 4096."""
    phases = phase_edges(
        plan_of(
            "tokens: 200_000_000_000, batch: 384",
            "tokens: 200_000_000_000, batch: 768",
            "tokens: 7_600_000_000_000, batch: 1152",
        ),
        4096,
    )
    assert [phase.steps for phase in phases] == [127_157, 63_579, 1_610_650]
    assert phases[-1].edge == 1_953_125_000
    assert phases[-1].end - phases[-1].edge == 760


# ----- steps

COURSE = Course(
    seed=0,
    seq_len=TEN,
    windows={},
    data="",
    stretches=(
        Stretch("a", 0, 120, 30, Parts({}, {}), {}),
        Stretch("b", 120, 220, 50, Parts({}, {}), {}),
    ),
    rates=(),
)


@pytest.mark.parametrize(
    ("step", "samples"),
    [(1, (0, 30)), (2, (30, 60)), (4, (90, 120)), (5, (120, 170)), (6, (170, 220))],
)
def test_a_step_has_its_samples_and_ends_where_it_is_counted(step: int, samples: tuple[int, int]) -> None:
    assert step_samples(COURSE, step) == samples
    assert (step_of(COURSE, samples[0]), step_of(COURSE, samples[1])) == (step - 1, step)


@pytest.mark.parametrize("step", [0, -1, 7])
def test_a_step_that_is_not_in_the_course_is_refused(step: int) -> None:
    with pytest.raises(RunError, match=r"there is no step -?\d; possible: 1 to 6"):
        step_samples(COURSE, step)


@pytest.mark.parametrize(("samples_seen", "steps"), [(0, 0), (29, 0), (30, 1), (119, 3), (120, 4), (169, 4), (220, 6)])
def test_only_steps_that_are_done_count(samples_seen: int, steps: int) -> None:
    assert step_of(COURSE, samples_seen) == steps


@pytest.mark.parametrize(("sample", "phase"), [(0, "a"), (119, "a"), (120, "b"), (219, "b")])
def test_a_sample_lies_in_one_stretch(sample: int, phase: str) -> None:
    assert stretch_at(COURSE, sample).phase == phase


def test_there_is_no_stretch_behind_the_end() -> None:
    with pytest.raises(RunError, match=r"no sample 220; possible: 0 to 219"):
        stretch_at(COURSE, 220)


# ----- shapes


def test_linear_warm_up_reaches_its_end_with_its_last_sample() -> None:
    rates = rates_of("{shape: linear, start: 0, end: 2.0, tokens: 100}", "{shape: constant}")
    assert [rates[s] for s in (0, 1, 5, 9, 10, 11, 100)] == pytest.approx([0, 0.2, 1.0, 1.8, 2, 2, 2])


def test_cosine_is_at_its_mean_half_way_and_at_its_end_with_the_last_sample() -> None:
    rates = rates_of("{shape: cosine, start: 3.0, end: 1.0}")
    # cos(pi/4) = 0.70711, cos(pi/3) = 0.5
    assert [rates[s] for s in (0, 25, 50, 75, 100)] == pytest.approx([3, 2.70711, 2, 1.29289, 1], abs=1e-5)
    assert 1 < rates[99] < 1.001


def test_constant_stays() -> None:
    assert set(rates_of("{shape: constant, start: 0.5}")) == {0.5}


def test_exponential_falls_by_equal_factors() -> None:
    rates = rates_of("{shape: exponential, start: 16.0, end: 1.0}")
    assert [rates[s] for s in (0, 25, 50, 75, 100)] == pytest.approx([16, 8, 4, 2, 1])


def test_one_minus_square_root_falls_fast_first() -> None:
    rates = rates_of("{shape: one_minus_square_root, start: 1.0, end: 0}")
    assert [rates[s] for s in (0, 1, 25, 36, 64, 81, 100)] == pytest.approx([1, 0.9, 0.5, 0.4, 0.2, 0.1, 0])


def test_inverse_square_root_is_counted_from_the_plan_s_first_sample() -> None:
    rates = rates_of("{shape: linear, start: 0, end: 1.0, tokens: 40}", "{shape: inverse_square_root}")
    assert [rates[s] for s in (4, 9, 16, 25, 64, 100)] == pytest.approx([1, 2 / 3, 1 / 2, 2 / 5, 1 / 4, 1 / 5])


def test_what_follows_inverse_square_root_begins_where_it_ended() -> None:
    rates = rates_of(
        "{shape: linear, start: 0, end: 1.0, tokens: 40}",
        "{shape: inverse_square_root, tokens: 600}",
        "{shape: linear, end: 0}",
    )
    assert [rates[s] for s in (63, 64, 65, 82, 100)] == pytest.approx([(4 / 63) ** 0.5, 0.25, 0.25 * 35 / 36, 0.125, 0])


def test_warm_up_stable_decay() -> None:
    rates = rates_of(
        "{shape: linear, start: 0, end: 1.0, tokens: 100}",
        "{shape: constant, tokens: 800}",
        "{shape: linear, end: 0.1}",
    )
    assert [rates[s] for s in (9, 10, 11, 89, 90, 91, 95, 100)] == pytest.approx(
        [0.9, 1, 1, 1, 1, 0.91, 0.55, 0.1],
    )


def test_a_jump_belongs_to_what_comes_after_the_edge() -> None:
    rates = rates_of("{shape: constant, start: 1.0, tokens: 500}", "{shape: constant, start: 0.25}")
    assert rates[49:52] == [1, 1, 0.25]


# ----- phases and rates


def test_pieces_go_on_through_phases_that_have_none_of_their_own() -> None:
    plan = plan_of("tokens: 500, batch: 1, learning_rate: [{shape: linear, start: 0, end: 1}]", "tokens: 500, batch: 7")
    (piece,) = settled_rates(plan, TEN)
    assert (piece.first, piece.end) == (0, 100)


def test_a_phase_s_pieces_begin_at_its_edge_and_not_where_the_last_batch_ended() -> None:
    plan = plan_of(
        "tokens: 1000, batch: 30, learning_rate: [{shape: constant, start: 1.0}]",
        "tokens: 1000, batch: 50, learning_rate: [{shape: linear, end: 0}]",
    )
    rates = settled_rates(plan, TEN)
    assert [(rate.first, rate.end) for rate in rates] == [(0, 100), (100, 200)]
    # Steps end at 90, 120 (20 beyond the edge, so in the second piece), 170 and 220 (beyond the last token).
    assert [rate_at(rates, s) for s in (90, 100, 120, 170, 220)] == pytest.approx([1, 1, 0.8, 0.3, 0])


def test_an_end_that_is_given_in_tokens_may_be_anywhere_in_the_last_sequence() -> None:
    plan = plan_of("tokens: 999, batch: 1, learning_rate: [{shape: constant, start: 1, tokens: 991}]")
    assert settled_rates(plan, TEN)[0].end == 100


LINEAR = "{shape: linear, start: 0, end: 1"


@pytest.mark.parametrize(
    ("phases", "message"),
    [
        (["tokens: 10, batch: 1"], "phases.0: the first phase needs a learning_rate"),
        (["learning_rate: [{shape: linear, end: 1}]"], "learning_rate.0: the first piece needs a start"),
        (["learning_rate: [{shape: linear, start: 1}]"], "learning_rate.0: linear needs an end"),
        (["learning_rate: [{shape: cosine, start: 1}]"], "learning_rate.0: cosine needs an end"),
        (["learning_rate: [{shape: constant, start: 1, end: 2}]"], "constant goes from 1 to 2; leave end out"),
        ([f"learning_rate: [{LINEAR}, tokens: 1010}}]"], "ends at sample 101, beyond the end of the plan at 100"),
        ([f"learning_rate: [{LINEAR}, tokens: 990}}]"], "ends at sample 99, before the end of the plan at 100"),
        (
            [f"learning_rate: [{LINEAR}, tokens: 1010}}]", "learning_rate: [{shape: constant}]"],
            "ends at sample 101, beyond the next phase with a learning_rate at 100",
        ),
        (
            [f"learning_rate: [{LINEAR}, tokens: 900}}]", "learning_rate: [{shape: constant}]"],
            "ends at sample 90, before the next phase with a learning_rate at 100",
        ),
        ([f"learning_rate: [{LINEAR}}}, {{shape: constant}}]"], "learning_rate.0: needs tokens"),
        ([f"learning_rate: [{LINEAR}, tokens: 1000}}, {{shape: constant}}]"], "learning_rate.1: is empty"),
        (["learning_rate: [{shape: exponential, start: 1, end: 0}]"], "exponential goes from 1 to 0; both must be"),
        (["learning_rate: [{shape: inverse_square_root, start: 1}]"], "where it has no rate; warm up first"),
        (
            [f"learning_rate: [{LINEAR}, tokens: 10}}, {{shape: inverse_square_root, end: 0}}]"],
            "inverse_square_root takes no end",
        ),
    ],
)
def test_a_learning_rate_that_cannot_be_is_refused(phases: list[str], message: str) -> None:
    plan = plan_of(*(phase if phase.startswith("tokens") else f"tokens: 1000, batch: 1, {phase}" for phase in phases))
    with pytest.raises(RecipeError) as error:
        settled_rates(plan, TEN)
    assert message in str(error.value)
    assert str(error.value).startswith("plan.yaml:5: phases.0")
