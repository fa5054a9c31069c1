"""Plan + corpus -> Course: every number of a run, before anything is trained. RecipeError tells what cannot be met."""

import dataclasses

from datapipe.loading.located_yaml import suggest
from trainer.blend import phase_blends
from trainer.corpus import CorpusSizes
from trainer.course import ByUnit, Course, Stretch
from trainer.order import Order
from trainer.plan import Phase, Plan
from trainer.schedule import phase_edges, plan_error, settled_rates

ALL = "all"
"""The key of `max_epochs` that stands for every unit."""
ROUNDING = 1e-9
"""29 samples are 0.29 of 100 windows, though 0.29 * 100 is less than 29."""


def settle(plan: Plan, corpus: CorpusSizes, earlier: Course | None = None, samples_seen: int = 0) -> Course:
    """The course of a plan from its start.

    `earlier` is the course of the checkpoint that it starts from, after `samples_seen` samples: units of the same name
    go on where it left them, unless `plan.start` says `cursors: fresh`. A model that was trained elsewhere has a course
    without stretches, and left none.
    """
    course = _empty(plan, corpus)
    cursors: ByUnit = {}
    if earlier is not None and earlier.stretches and (plan.start is None or plan.start.cursors == "keep"):
        cursors = Order(earlier).cursors(samples_seen)
        both = _units(cursors) & _units(course.windows)
        _check_same_rows(plan, earlier, course, both, "; or say `start.cursors: fresh`")
    return _with_phases(plan, corpus, course, 0, _of_all(course.windows, cursors))


def changed(earlier: Course, plan: Plan, corpus: CorpusSizes, samples_seen: int) -> Course:
    """The course of a run that goes on under another plan after `samples_seen` samples of `earlier`.

    What lies before stays as it was. The new plan's phases follow, from the one on that this sample lies in. Where they
    change nothing the course is `earlier` again.
    """
    course = _empty(plan, corpus)
    past = [one for one in earlier.stretches if one.first < samples_seen]
    read = {(domain, unit) for one in past for domain, units in one.parts.units.items() for unit in units}
    cursors = Order(earlier).cursors(samples_seen)
    _check_same_rows(plan, earlier, course, read | _units(cursors))
    kept = tuple(
        dataclasses.replace(one, end=min(one.end, samples_seen), cursors=_of_all(course.windows, one.cursors))
        for one in past
    )
    course = dataclasses.replace(course, stretches=kept)
    return _with_phases(plan, corpus, course, samples_seen, _of_all(course.windows, cursors))


def _empty(plan: Plan, corpus: CorpusSizes) -> Course:
    """The course without its stretches: units that have windows, rates."""
    windows: ByUnit = {
        domain: {unit: size.windows for unit, size in sorted(sizes.items()) if size.windows}
        for domain, sizes in sorted(corpus.units.items())
    }
    windows = _filled(windows)
    drawn_from = {
        domain: {unit: sizes[unit].drawn_from for unit in windows[domain] if sizes[unit].drawn_from}
        for domain, sizes in corpus.units.items()
        if domain in windows
    }
    rates = settled_rates(plan, corpus.seq_len)
    return Course(plan.seed, corpus.seq_len, windows, corpus.fingerprint, (), rates, _filled(drawn_from))


def _with_phases(plan: Plan, corpus: CorpusSizes, course: Course, first: int, cursors: ByUnit) -> Course:
    """The course, and the plan's phases from the sample `first` on."""
    _check_caps_name_units(plan, corpus)
    blends = phase_blends(plan, corpus)
    edges = phase_edges(plan, corpus.seq_len, first)
    if not edges:
        message = f"the plan ends at or before sample {first:,}, which the run has come to; give it more tokens"
        raise plan_error(plan, ("phases",), message)
    for number, edge in enumerate(edges, len(plan.phases) - len(edges)):
        gpus = plan.phases[number].gpus
        stretch = Stretch(edge.name, edge.first, edge.end, edge.batch, blends[number].parts, cursors, gpus)
        course = dataclasses.replace(course, stretches=_joined(course.stretches, stretch))
        cursors = Order(course).cursors(edge.end)
        _check_epochs(plan, number, course, cursors)
    return course


def _joined(stretches: tuple[Stretch, ...], following: Stretch) -> tuple[Stretch, ...]:
    """With one more; as a part of the last where it goes on as the last did."""
    if stretches:
        longer = dataclasses.replace(stretches[-1], end=following.end)
        if longer == dataclasses.replace(following, first=longer.first, cursors=longer.cursors):
            return (*stretches[:-1], longer)
    return (*stretches, following)


def _check_same_rows(
    plan: Plan, earlier: Course, course: Course, units: set[tuple[str, str]], way_out: str = ""
) -> None:
    """Raise RecipeError unless the units go through the same rows in the same order in both courses."""
    seeds = ("seed", course.seed, earlier.seed)
    for what, now, before in (seeds, ("seq_len", course.seq_len, earlier.seq_len)) if units else ():
        if now != before:
            message = (
                f"{now:,}, and what the plan goes on from has {before:,}: units could not go on where it left them"
            )
            raise plan_error(plan, (what,), f"{message}; give the same{way_out}")
    for domain, unit in sorted(units):
        has, had = (one.windows.get(domain, {}).get(unit, 0) for one in (course, earlier))
        total, before = (one.drawn_from.get(domain, {}).get(unit, 0) for one in (course, earlier))
        if (has, total) != (had, before):
            message = f"{domain}/{unit} has {has:,} windows, and {had:,} in what the plan goes on from"
            message += " (data_fraction)" if total or before else ""
            raise plan_error(plan, (), f"{message}: it could not go on where that left it; give the same{way_out}")


def _check_epochs(plan: Plan, number: int, course: Course, cursors: ByUnit) -> None:
    """Raise RecipeError where units are read more often by the end of a phase than it allows."""
    phase = plan.phases[number]
    above: list[tuple[float, str]] = []
    for domain, unit in sorted(_units(cursors)):
        cap = cap_of(phase, domain, unit)
        samples, windows = cursors[domain][unit], course.windows[domain][unit]
        if cap is not None and samples > cap * windows * (1 + ROUNDING):
            message = f"{domain}/{unit} needs {samples / windows:.4g} epochs, the cap is {cap:g}"
            above.append((samples / windows / cap, f"{message}: {samples:,} samples of {windows:,} windows"))
    if above:
        others = f"; and {len(above) - 1:,} more units are above theirs" if len(above) > 1 else ""
        message = f"by the end of phase {phase.name} {max(above)[1]}{others}"
        raise plan_error(plan, ("phases", number, "max_epochs"), message)


def cap_of(phase: Phase, domain: str, unit: str) -> float | None:
    """What `max_epochs` says of a unit: itself first, then its domain, then all."""
    names = (f"{domain}/{unit}", domain, ALL)
    return next((phase.max_epochs[name] for name in names if name in phase.max_epochs), None)


def _check_caps_name_units(plan: Plan, corpus: CorpusSizes) -> None:
    """Raise RecipeError for a key of `max_epochs` that names nothing."""
    units = {f"{domain}/{unit}" for domain, sizes in corpus.units.items() for unit in sizes}
    for number, phase in enumerate(plan.phases):
        for key in phase.max_epochs:
            if key not in units | {ALL, *corpus.units}:
                inside = {unit for unit in units if unit.startswith(f"{key.partition('/')[0]}/")}
                message = f"names no unit; {suggest(key, inside | {ALL, *corpus.units})}"
                raise plan_error(plan, ("phases", number, "max_epochs", key), message)


def _of_all(windows: ByUnit, values: ByUnit) -> ByUnit:
    """The values of these units, 0 where there is none."""
    return {domain: {unit: values.get(domain, {}).get(unit, 0) for unit in windows[domain]} for domain in windows}


def _filled(values: ByUnit) -> ByUnit:
    """Without the domains that have no unit, in order."""
    return {domain: of_domain for domain, of_domain in sorted(values.items()) if of_domain}


def _units(values: ByUnit) -> set[tuple[str, str]]:
    """Those with a value above 0."""
    return {(domain, unit) for domain, of_domain in values.items() for unit, value in of_domain.items() if value}
