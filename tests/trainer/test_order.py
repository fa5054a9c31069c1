"""Which window every sample is: shares, epochs, cursors."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.output import RunError
from tests.trainer.small_course import corpus_of, plan_of
from trainer.course import ByUnit
from trainer.order import Order, Places
from trainer.settle import settle

WINDOWS = {"code": {"py": 5}, "english": {"books": 40, "web": 300}, "multilingual": {"de": 1, "fr": 2, "zh": 64}}
BLENDS = {
    "much": "english: {weight: 0.7}, code: {weight: 0.15}, multilingual: {weight: 0.15}",
    "little": "english: {weight: 0.3, sampling: {weights: {books: 0.5, web: 0.5}}}, multilingual: {weight: 0.7}",
}
COURSE = settle(
    plan_of(
        "tokens: 7_000, batch: 6, blend: much",
        "tokens: 5_000, batch: 7",
        "tokens: 6_000, batch: 5, blend: little",
        blends=BLENDS,
    ),
    corpus_of(WINDOWS),
)
ORDER = Order(COURSE)
END = COURSE.stretches[-1].end
EDGES = [stretch.first for stretch in COURSE.stretches]
SAMPLES = st.one_of(st.integers(0, END), st.sampled_from([edge + k for edge in EDGES for k in (0, 1)]))
ALL = ORDER.places(0, END)


def counts(places: Places) -> dict[tuple[str, str], int]:
    """Samples of every unit."""
    found = np.bincount(places.unit, minlength=len(ORDER.units))
    return dict(zip(ORDER.units, found.tolist(), strict=True))


def flat(values: ByUnit) -> dict[tuple[str, str], int]:
    return {(domain, unit): value for domain, units in values.items() for unit, value in units.items()}


@given(SAMPLES, SAMPLES)
def test_places_do_not_depend_on_how_samples_are_grouped(first: int, end: int) -> None:
    first, end = sorted((first, end))
    places = ORDER.places(first, end - first)
    for name in ("unit", "epoch", "row"):
        assert getattr(places, name).tolist() == getattr(ALL, name)[first:end].tolist()


@given(SAMPLES)
def test_cursors_are_the_counts_of_all_samples_before(samples_seen: int) -> None:
    assert flat(ORDER.cursors(samples_seen)) == counts(ORDER.places(0, samples_seen))


@given(SAMPLES, SAMPLES)
def test_used_are_the_counts_of_the_samples_between(first: int, end: int) -> None:
    first, end = sorted((first, end))
    assert flat(ORDER.used(first, end)) == counts(ORDER.places(first, end - first))


def test_every_epoch_of_a_unit_has_each_of_its_rows_once_and_epochs_follow_each_other() -> None:
    for unit, (domain, name) in enumerate(ORDER.units):
        windows = WINDOWS[domain][name]
        rows, epochs = ALL.row[ALL.unit == unit], ALL.epoch[ALL.unit == unit]
        assert epochs.tolist() == [k // windows for k in range(len(epochs))]
        for epoch in range(len(rows) // windows):
            assert sorted(rows[epochs == epoch].tolist()) == list(range(windows))


def test_epochs_are_not_in_the_same_order() -> None:
    unit = ORDER.units.index(("english", "books"))
    rows = ALL.row[ALL.unit == unit]
    assert rows[:40].tolist() != rows[40:80].tolist()


@pytest.mark.parametrize(("first", "end"), [(0, EDGES[2]), (EDGES[2], END)])
def test_every_prefix_of_a_blend_is_within_one_sample_of_the_shares_on_each_level(first: int, end: int) -> None:
    """The first blend lasts two stretches."""
    at = COURSE.stretches[EDGES.index(first)]
    units = ALL.unit[first:end]
    domains = np.array([domain for domain, _ in ORDER.units])[units]
    for domain, parts in at.parts.domains.items():
        places = np.arange(1, len(units) + 1)
        assert np.abs(np.cumsum(domains == domain) - places * parts / 2**20).max() < 1
        inside = units[domains == domain]
        for unit, unit_parts in at.parts.units[domain].items():
            is_unit = inside == ORDER.units.index((domain, unit))
            assert np.abs(np.cumsum(is_unit) - np.arange(1, len(inside) + 1) * unit_parts / 2**20).max() < 1


@pytest.mark.parametrize("world", [1, 2, 3, 7])
def test_ranks_divide_every_sample_among_them_once(world: int) -> None:
    for first in range(0, 210, 42):
        of_ranks = [ORDER.places(first + rank * 42 // world, 42 // world) for rank in range(world)]
        assert np.concatenate([one.row for one in of_ranks]).tolist() == ALL.row[first : first + 42].tolist()


def test_another_seed_gives_other_rows_of_the_same_units() -> None:
    other = Order(dataclasses.replace(COURSE, seed=18)).places(0, END)
    assert other.unit.tolist() == ALL.unit.tolist()
    assert other.row.tolist() != ALL.row.tolist()


def test_a_sample_behind_the_end_is_refused() -> None:
    with pytest.raises(RunError, match=f"no sample {END:,}; possible: 0 to {END - 1:,}"):
        ORDER.places(END - 1, 2)
