"""A plan of 8 T tokens over 1,000 units: settled and read from in little memory, with exact counts."""

import math
import tracemalloc

import pytest

from tests.trainer.small_course import plan_of
from trainer.corpus import CorpusSizes, UnitSize
from trainer.course import PARTS, ByUnit
from trainer.order import Order
from trainer.settle import settle
from trainer.turns import shared_turns

SEQ_LEN = 4096
BLENDS = {
    "nemotron4": "english: {weight: 0.7}, code: {weight: 0.15, sampling: {alpha: 1.3}}, multilingual: {weight: 0.15}",
    "flat": ", ".join(f"d{number:02}: {{weight: 0.02}}" for number in range(50)),
}


def corpus_of(domains: dict[str, int]) -> CorpusSizes:
    """Units of a million windows and more, no two the same."""
    units = {}
    for domain, count in domains.items():
        windows = [1_000_003 + 7_919 * place for place in range(count)]
        units[domain] = {f"u{place:03}": UnitSize(one * SEQ_LEN + 1, one, 1) for place, one in enumerate(windows)}
    return CorpusSizes(units, SEQ_LEN, 256_000)


CORPORA = {
    "nemotron4": corpus_of({"english": 300, "code": 300, "multilingual": 400}),
    "flat": corpus_of({f"d{number:02}": 20 for number in range(50)}),
}


def total(values: ByUnit) -> int:
    return sum(sum(of_domain.values()) for of_domain in values.values())


@pytest.mark.parametrize(("name", "peak_mb"), [("nemotron4", 5), ("flat", 12)])
def test_eight_trillion_tokens_over_1000_units_take_little_memory(name: str, peak_mb: int) -> None:
    """As tables of 2 ** 20 positions the blends would take 7 and 53 MB."""
    plan = plan_of(
        "tokens: 200_000_000_000, batch: 384, blend: x",
        "tokens: 200_000_000_000, batch: 768",
        "tokens: 7_600_000_000_000, batch: 1152",
        blends={"x": BLENDS[name]},
    )
    warm = plan_of("tokens: 4_096_000, batch: 1, blend: x", blends={"x": BLENDS[name]})
    Order(settle(warm, CORPORA[name])).places(0, 1)  # what numba takes to load kernels is not what is meant
    shared_turns.cache_clear()
    tracemalloc.start()
    course = settle(plan, CORPORA[name])
    order = Order(course)
    order.places(course.stretches[2].first + 1_000_000_000, 1152)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < peak_mb * 1e6

    first, second, third = course.stretches
    assert (first.end // 384, (second.end - first.end) // 768, (third.end - second.end) // 1152) == (
        127_157,
        63_579,
        1_610_650,
    )
    assert [total(one.cursors) for one in course.stretches] == [one.first for one in course.stretches]
    given = order.cursors(third.end)
    for domain, parts in third.parts.domains.items():
        asked = parts * third.end / PARTS
        assert abs(sum(given[domain].values()) - asked) < 1
        for unit, unit_parts in third.parts.units[domain].items():
            assert math.isclose(given[domain][unit], asked * unit_parts / PARTS, abs_tol=2)
