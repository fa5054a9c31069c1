"""Plan to course: stretches and their cursors, caps on epochs, what a run goes on from, a plan changed on the way."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.loading.located_yaml import RecipeError
from tests.trainer.small_course import corpus_of, plan_of
from trainer.corpus import UnitSize
from trainer.course import ByUnit, Course
from trainer.order import Order
from trainer.plan import Plan
from trainer.settle import changed, settle

WINDOWS = {"code": {"py": 50}, "english": {"books": 30, "web": 120}}
CORPUS = corpus_of(WINDOWS)
BLENDS = {
    "much": "english: {weight: 0.75}, code: {weight: 0.25}",
    "little": "english: {weight: 0.5}, code: {weight: 0.5}",
}
PLAN = plan_of("tokens: 990, batch: 20, blend: much", "tokens: 1010, batch: 30, blend: little", blends=BLENDS)
"""Samples [0, 100) and [100, 220)."""
COURSE = settle(PLAN, CORPUS)


def flat(values: ByUnit) -> dict[str, int]:
    return {f"{domain}/{unit}": value for domain, units in values.items() for unit, value in units.items()}


# ----- stretches


def test_phases_become_stretches_whose_cursors_go_on() -> None:
    first, second = COURSE.stretches
    assert [(one.phase, one.first, one.end, one.batch) for one in COURSE.stretches] == [
        ("a", 0, 100, 20),
        ("b", 100, 220, 30),
    ]
    assert flat(first.cursors) == {"code/py": 0, "english/books": 0, "english/web": 0}
    assert flat(second.cursors) == {"code/py": 25, "english/books": 15, "english/web": 60}


def test_the_course_says_what_it_is_of() -> None:
    assert (COURSE.seed, COURSE.seq_len, COURSE.windows, COURSE.data) == (17, 10, WINDOWS, "sizes")
    assert [(rate.first, rate.end) for rate in COURSE.rates] == [(0, 200)]


def test_units_without_a_window_are_no_part_of_it() -> None:
    corpus = corpus_of(
        {"code": {"asm": 0, "py": 50}, "math": {"a": 0}, "english": {"web": 9}}, {"code": {"asm": 0.5, "py": 0.5}}
    )
    assert settle(plan_of("tokens: 100, batch: 1"), corpus).windows == {"code": {"py": 50}, "english": {"web": 9}}


@given(st.integers(1, 40), st.integers(1, 40), st.integers(10, 2_000))
def test_phases_of_one_blend_see_the_samples_of_one_phase(batch: int, second_batch: int, tokens: int) -> None:
    first, second = f"tokens: {tokens}, batch: {batch}, blend: much", f"tokens: {tokens + 800}, batch: {second_batch}"
    divided = settle(plan_of(first, second, blends=BLENDS), CORPUS)
    whole = settle(plan_of("tokens: 9000, batch: 1, blend: much", blends=BLENDS), CORPUS)
    assert_equal_up_to(whole, divided, divided.stretches[-1].end)
    assert divided.stretches[1].cursors == Order(whole).cursors(divided.stretches[1].first)


# ----- caps on epochs


def capped(caps: str, second: str = "{}") -> Plan:
    """Of 100 samples code/py has 25 of 50 windows, english/books 15 of 30, english/web 60 of 120; after the second
    phase, which has 120, they have 85, 27 and 108."""
    return plan_of(
        f"tokens: 990, batch: 20, blend: much, max_epochs: {caps}",
        f"tokens: 1010, batch: 30, blend: little, max_epochs: {second}",
        blends=BLENDS,
    )


@pytest.mark.parametrize(
    "caps", ["{all: 0.5}", "{code: 0.5, english: 0.5}", "{all: 0.1, code: 1, english/books: 1, english: 0.6}"]
)
def test_caps_that_are_reached_exactly_or_not_at_all_are_kept(caps: str) -> None:
    settle(capped(caps), CORPUS)


def test_a_cap_is_the_number_that_stands_in_the_plan() -> None:
    """0.29 * 100 is 28.999999999999996."""
    settle(plan_of("tokens: 290, batch: 1, max_epochs: {all: 0.29}"), corpus_of({"code": {"py": 100}}))


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("{all: 0.49}", "{}", r"yaml:8: phases.0.max_epochs: .* a \S+ needs 0.5 epochs, .* 0.49: .*; and 2 more units"),
        ("{all: 9, code/py: 0.4}", "{}", "code/py needs 0.5 epochs, the cap is 0.4: 25 samples of 50 windows$"),
        ("{}", "{code: 1.5}", "phase b code/py needs 1.7 epochs, the cap is 1.5: 85 samples of 50 windows$"),
        ("{}", "{cod: 2}", r"phases.1.max_epochs.cod: names no unit; did you mean 'code'\?"),
        ("{code/go: 2}", "{}", "names no unit; .* possible: all, code, code/py, english$"),
    ],
)  # fmt: skip
def test_caps_that_break_are_refused_with_epochs_samples_and_windows(first: str, second: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        settle(capped(first, second), CORPUS)


# ----- going on from another run


START = "start: {checkpoint: there, cursors: CURSORS}"


def continued(cursors: str = "keep", more: str = "") -> Plan:
    more = f"{START.replace('CURSORS', cursors)}\n{more}"
    return plan_of("tokens: 500, batch: 25, blend: little", blends=BLENDS, more=more)


def test_units_go_on_where_another_run_left_them() -> None:
    course = settle(continued(), corpus_of({**WINDOWS, "math": {"new": 7}}), COURSE, 40)
    assert flat(course.stretches[0].cursors) == {"code/py": 10, "english/books": 6, "english/web": 24, "math/new": 0}


def test_what_another_run_has_seen_comes_last() -> None:
    seen = Order(COURSE).places(0, 100)
    then = Order(settle(continued(), CORPUS, COURSE, 100)).places(0, 50)
    of_code = [set(places.row[places.unit == 0].tolist()) for places in (seen, then)]
    assert [len(rows) for rows in of_code] == [25, 25]
    assert of_code[0] | of_code[1] == set(range(50))


def test_caps_count_what_another_run_has_seen() -> None:
    plan = dataclasses.replace(
        continued(), phases=(dataclasses.replace(continued().phases[0], max_epochs={"code": 0.9}),)
    )
    settle(plan, CORPUS)
    with pytest.raises(RecipeError, match=r"code/py needs 1 epochs, the cap is 0.9: 50 samples of 50 windows"):
        settle(plan, CORPUS, COURSE, 100)


def test_fresh_cursors_begin_anew_whatever_has_changed() -> None:
    corpus = corpus_of({"code": {"py": 51}, "english": {"books": 30}})
    course = settle(continued("fresh", "seed: 18"), corpus, COURSE, 40)
    assert set(flat(course.stretches[0].cursors).values()) == {0}


@pytest.mark.parametrize(
    ("more", "py", "message"),
    [
        ("", 51, "code/py has 51 windows, and 50 in what .* or say `start.cursors: fresh`"),
        ("seed: 18", 50, "seed: 18, and what .* has 17: .* or say `start.cursors: fresh`"),
    ],
)
def test_a_unit_of_other_rows_is_refused(more: str, py: int, message: str) -> None:
    corpus = corpus_of({"code": {"py": py}, "english": WINDOWS["english"]})
    with pytest.raises(RecipeError, match=message):
        settle(continued(more=more), corpus, COURSE, 40)


def test_units_that_were_not_read_may_have_changed() -> None:
    settle(continued(more="seed: 18"), corpus_of({**WINDOWS, "code": {"py": 51}}), COURSE, 0)


def test_other_units_need_no_seed_of_the_other_run() -> None:
    corpus = corpus_of({"code": {"go": 9}, "english": {"talks": 30}})
    assert set(flat(settle(continued(more="seed: 18"), corpus, COURSE, 40).stretches[0].cursors).values()) == {0}


# ----- a plan changed on the way


def test_the_same_plan_gives_the_same_course_at_every_step() -> None:
    for samples_seen in (20, 40, 80, 100, 130, 190):
        assert changed(COURSE, PLAN, CORPUS, samples_seen) == COURSE


def test_a_longer_phase_goes_on_as_if_it_had_always_been_longer() -> None:
    longer = plan_of("tokens: 1990, batch: 20, blend: much", blends=BLENDS)
    assert changed(COURSE, longer, CORPUS, 60) == settle(longer, CORPUS)


def test_a_change_that_keeps_the_blend_changes_no_sample() -> None:
    other = plan_of("tokens: 3000, batch: 7, blend: little", blends=BLENDS)
    long = plan_of("tokens: 990, batch: 20, blend: much", "tokens: 3010, batch: 30, blend: little", blends=BLENDS)
    assert_equal_up_to(settle(long, CORPUS), changed(COURSE, other, CORPUS, 130), 300)


def test_what_lies_before_stays_and_the_new_plans_phases_follow() -> None:
    other = plan_of(
        "tokens: 500, batch: 10, blend: little", "tokens: 1000, batch: 15, blend: little", "tokens: 700, batch: 10",
        blends=BLENDS,
    )  # fmt: skip
    course = changed(COURSE, other, CORPUS, 60)
    assert [(one.phase, one.first, one.end) for one in course.stretches] == [
        ("a", 0, 60),
        ("b", 60, 150),
        ("c", 150, 220),
    ]
    assert flat(course.stretches[1].cursors) == flat(Order(COURSE).cursors(60)) == {
        "code/py": 15, "english/books": 9, "english/web": 36,
    }  # fmt: skip


def test_a_changed_plan_that_is_over_is_refused() -> None:
    with pytest.raises(RecipeError, match="the plan ends at or before sample 100, which the run has come to"):
        changed(COURSE, plan_of("tokens: 1000, batch: 20, blend: much", blends=BLENDS), CORPUS, 100)


@pytest.mark.parametrize(
    ("windows", "message"),
    [
        ({"code": {"py": 49}, "english": WINDOWS["english"]}, "code/py has 49 windows, and 50 in .*; give the same$"),
        ({"code": {"go": 5, "py": 50}, "english": {"web": 120}}, "english/books has 0 windows, and 30 in "),
    ],
)
def test_units_that_were_read_must_stay_as_they_are(windows: dict[str, dict[str, int]], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        changed(COURSE, PLAN, corpus_of(windows), 60)


def test_a_sample_of_as_many_windows_is_not_what_was_read() -> None:
    drawn = UnitSize(1001, 50, 1, drawn_from=100)
    corpus = dataclasses.replace(CORPUS, units={**CORPUS.units, "code": {"py": drawn}})
    with pytest.raises(
        RecipeError, match=r"code/py has 50 windows, and 50 in .* \(data_fraction\): it could not go on"
    ):
        changed(COURSE, PLAN, corpus, 60)


def test_a_unit_may_come_along() -> None:
    corpus = corpus_of({**WINDOWS, "math": {"new": 7}})
    other = plan_of("tokens: 2000, batch: 20, blend: x", blends={"x": "english: {weight: 0.5}, math: {weight: 0.5}"})
    course = changed(COURSE, other, corpus, 60)
    assert flat(Order(course).cursors(200)) == {"code/py": 15, "english/books": 23, "english/web": 92, "math/new": 70}


STEPS = [20, 40, 60, 80, 100, 130, 160, 190]
PHASES = st.tuples(
    st.sampled_from(["much", "little"]),
    st.integers(1, 9),
    st.integers(1_000, 3_000),
    st.integers(1, 9),
    st.integers(500, 900),
)


@given(st.sampled_from(STEPS), PHASES)
def test_a_change_moves_nothing_before_it_and_loses_nothing_behind_it(
    samples_seen: int, phases: tuple[str, int, int, int, int]
) -> None:
    blend, batch, tokens, second_batch, second_tokens = phases
    plan = plan_of(
        f"tokens: {tokens + 1000}, batch: {batch}, blend: {blend}",
        f"tokens: {second_tokens}, batch: {second_batch}",
        blends=BLENDS,
    )
    course = changed(COURSE, plan, CORPUS, samples_seen)
    assert_equal_up_to(COURSE, course, samples_seen)
    assert course.stretches[-1].end >= (tokens + 1000 + second_tokens) // 10
    assert changed(course, plan, CORPUS, samples_seen) == course
    places = Order(course).places(0, course.stretches[-1].end)
    for unit, (domain, name) in enumerate(Order(course).units):
        windows, rows = WINDOWS[domain][name], places.row[places.unit == unit].tolist()
        for first in range(0, len(rows) - windows + 1, windows):
            assert sorted(rows[first : first + windows]) == list(range(windows))


def assert_equal_up_to(before: Course, after: Course, samples_seen: int) -> None:
    """Both see the same samples so far."""
    was, now = (Order(course).places(0, samples_seen) for course in (before, after))
    assert was.unit.tolist() == now.unit.tolist()
    assert was.epoch.tolist() == now.epoch.tolist()
    assert was.row.tolist() == now.row.tolist()
