"""What holds for the schedule of any plan."""

import dataclasses
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from datapipe.loading.located_yaml import RecipeError
from tests.trainer.small_plans import SMALL
from trainer.course import Course, Parts, SettledRate, Stretch
from trainer.load import loads
from trainer.plan import Phase, Plan
from trainer.rates import CURVES
from trainer.schedule import PhaseEdges, phase_edges, rate_at, step_of, step_samples, stretch_at

PLAN = loads(SMALL)
SEQ_LENS = st.integers(1, 50)
PHASES = st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 60)), min_size=1, max_size=5)
"""Tokens and batch of each."""


def with_phases(phases: list[tuple[int, int]]) -> Plan:
    settled = (Phase(f"p{number}", tokens, batch) for number, (tokens, batch) in enumerate(phases))
    return dataclasses.replace(PLAN, phases=tuple(settled))


def edges_or_skip(phases: list[tuple[int, int]], seq_len: int) -> tuple[PhaseEdges, ...]:
    try:
        return phase_edges(with_phases(phases), seq_len)
    except RecipeError:
        assume(False)
        raise


@given(PHASES, SEQ_LENS)
def test_phases_follow_each_other_in_whole_batches_and_miss_their_edges_by_less_than_one(
    phases: list[tuple[int, int]], seq_len: int
) -> None:
    position, tokens = 0, 0
    for edges, (of_phase, batch) in zip(edges_or_skip(phases, seq_len), phases, strict=True):
        tokens += of_phase
        assert edges.first == position
        assert edges.first + edges.steps * batch == edges.end
        assert 0 <= edges.end - edges.edge < batch
        assert (edges.edge - 1) * seq_len < tokens <= edges.edge * seq_len
        position = edges.end


@given(PHASES, SEQ_LENS, st.data())
def test_a_phase_that_is_gone_on_with_ends_where_it_would_have(
    phases: list[tuple[int, int]], seq_len: int, data: st.DataObject
) -> None:
    """Where the run was stopped between two steps."""
    whole = edges_or_skip(phases, seq_len)
    number = data.draw(st.integers(0, len(whole) - 1))
    stopped = whole[number].first + data.draw(st.integers(0, whole[number].steps - 1)) * whole[number].batch
    rest = phase_edges(with_phases(phases), seq_len, stopped)
    assert rest == (dataclasses.replace(whole[number], first=stopped), *whole[number + 1 :])


@given(PHASES, SEQ_LENS)
def test_steps_partition_the_samples(phases: list[tuple[int, int]], seq_len: int) -> None:
    edges = edges_or_skip(phases, seq_len)
    stretches = tuple(Stretch(one.name, one.first, one.end, one.batch, Parts({}, {}), {}) for one in edges)
    course = Course(0, seq_len, {}, "", stretches, ())
    steps = sum(one.steps for one in edges)
    position = 0
    for step in [*range(1, min(steps, 50) + 1)]:
        first, end = step_samples(course, step)
        assert first == position
        assert step_of(course, end) == step
        assert stretch_at(course, first) == stretch_at(course, end - 1)
        position = end
    assert step_samples(course, steps)[1] == edges[-1].end


@pytest.mark.parametrize("shape", sorted(CURVES))
@given(
    st.integers(0, 10**9),
    st.integers(1, 10**9),
    st.floats(1e-7, 1),
    st.floats(1e-7, 1),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_every_shape_goes_from_its_start_to_its_end_and_never_back(
    shape: str, first: int, length: int, start: float, end: float, one: float, other: float
) -> None:
    end = start if shape == "constant" else end
    piece = SettledRate(shape, first, first + length, start, end)
    low, high = sorted((one, other))
    rates = [rate_at((piece,), first + int(share * length)) for share in (0, low, high, 1)]
    assert (rates[0], rates[-1]) == (start, end)
    ordered = rates if start <= end else rates[::-1]
    assert all(before <= after * (1 + 1e-12) for before, after in pairwise(ordered))
