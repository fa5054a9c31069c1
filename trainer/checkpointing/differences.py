"""How the terms of a checkpoint differ from those of a plan, in lines that name what is to be changed back."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, zip_longest
from typing import Any

from trainer.checkpointing.record import Terms, Vocabulary
from trainer.course import PARTS, Course, Parts, SettledRate, Stretch

SHOWN = 12
"""Lines of a difference that are printed: one change of a plan may move everything behind it."""


def differences(then: Terms, now: Terms) -> list[str]:
    """One line for each thing that is not as it was, `now` being that of the plan and its data; [] for none.

    GPUs are none: how many there are changes neither samples nor rates.
    """
    return [*fixed_differences(then, now), *_of_settings(then, now), *_of_course(then.course, now.course)]


def fixed_differences(then: Terms, now: Terms) -> list[str]:
    """Those that no change of plan may bring: weights of another model, ids with other meanings."""
    before, after = dataclasses.asdict(then.shape), dataclasses.asdict(now.shape)
    return [*_of_values("model", before, after), *of_vocabulary(then.vocabulary, now.vocabulary)]


def of_vocabulary(then: Vocabulary, now: Vocabulary) -> list[str]:
    """Whether ids mean other pieces, as far as it is known."""
    if then.fingerprint == now.fingerprint or not (then.fingerprint and now.fingerprint):
        return []
    before, after = (f"{one.tokenizer} ({one.fingerprint})" for one in (then, now))
    return [f"vocabulary: {before} in the checkpoint, {after} in the data"]


def _of_settings(then: Terms, now: Terms) -> Iterator[str]:
    yield from _of_values("optimizer", dataclasses.asdict(then.optimizer), dataclasses.asdict(now.optimizer))
    names = ("precision", "document_mask", "fp8")
    before, after = ({name: getattr(one, name) for name in names} for one in (then, now))
    yield from _of_values("execution", before, after)


def _of_course(then: Course, now: Course) -> Iterator[str]:
    yield from _of_values("", *({"seed": one.seed, "seq_len": one.seq_len} for one in (then, now)))
    yield from _of_data(then, now)
    old, new = _joined(then.stretches), _joined(now.stretches)
    for number, (before, after) in enumerate(zip_longest(old, new)):
        yield from _of_stretch(f"phases.{_phase(new if after else old, number)}", before, after)
    for number, rates in enumerate(zip_longest(then.rates, now.rates)):
        one, other = (_rate(rate) for rate in rates)
        if rates[0] != rates[1]:
            yield f"learning rate, piece {number}: {one} in the checkpoint, {other} in the plan"


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Without GPUs, and what only they divided as one."""
    found: list[Stretch] = []
    for stretch in stretches:
        last = found[-1] if found else None
        if last and (last.phase, last.batch, last.parts) == (stretch.phase, stretch.batch, stretch.parts):
            found[-1] = dataclasses.replace(last, end=stretch.end)
        else:
            found.append(dataclasses.replace(stretch, gpus=None))
    return found


def _phase(stretches: Sequence[Stretch], number: int) -> int:
    """The phase, counted from 0, that a stretch is of: one that the plan was changed in has two."""
    return sum(one.phase != other.phase for one, other in pairwise(stretches[: number + 1]))


def _of_data(then: Course, now: Course) -> Iterator[str]:
    before, after = _windows(then), _windows(now)
    if before == after and then.data != now.data:
        yield f"data: other tokens, {then.data} in the checkpoint, {now.data} now"
    for unit in {**before, **after}:
        one, other = (windows.get(unit, "none") for windows in (before, after))
        if one != other:
            yield f"{unit}: {one} windows in the checkpoint, {other} in the data"


def _windows(course: Course) -> dict[str, str]:
    """Of every unit, in words: of those that are read in part also how many there are."""
    totals = _flat(course.drawn_from)
    return {
        unit: f"{count:,} of {totals[unit]:,} (data_fraction)" if unit in totals else f"{count:,}"
        for unit, count in _flat(course.windows).items()
    }


def _of_stretch(place: str, then: Stretch | None, now: Stretch | None) -> Iterator[str]:
    if then is None or now is None:
        yield f"{place}: {now.phase} is in the plan only" if now else f"{place}: only in the checkpoint"
        return
    yield from _of_values(place, *({"name": one.phase, "batch": one.batch} for one in (then, now)))
    before, after = then.end - then.first, now.end - now.first
    if then.batch == now.batch or abs(before - after) >= max(then.batch, now.batch):  # else its last batch is another
        yield from _of_values(place, {"samples": before}, {"samples": after})
    yield from _of_values(f"{place}.blend", _shares(then.parts), _shares(now.parts))
    if then.first == now.first == 0:  # the cursors of the others follow
        yield from _of_values("samples of other runs", _flat(then.cursors), _flat(now.cursors))


def _of_values(place: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for key in {**then, **now}:
        if then.get(key) != now.get(key):
            where = f"{place}.{key}" if place else key
            yield f"{where}: {_shown(then.get(key))} in the checkpoint, {_shown(now.get(key))} in the plan"


def _flat(numbers: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {f"{domain}/{unit}": count for domain, units in numbers.items() for unit, count in units.items()}


def _shares(parts: Parts) -> dict[str, float]:
    """Of domains, and of units inside their domains."""
    return {name: count / PARTS for name, count in {**parts.domains, **_flat(parts.units)}.items()}


def _rate(rate: SettledRate | None) -> str:
    if rate is None:
        return "none"
    return f"{rate.shape} from {rate.start_rate:g} to {rate.end_rate:g} over samples {rate.first:,} to {rate.end:,}"


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def shortened(lines: list[str]) -> list[str]:
    """The first of them, and how many more there are."""
    more = len(lines) - SHOWN
    return lines if more <= 0 else [*lines[:SHOWN], f"and {more:,} more"]
