"""The charts of the report as plain numbers: bars, reasons, the matrix of reasons. Widths are in percent."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from datapipe.report.figures import Figures
from datapipe.report.outcomes import KEPT, QUARANTINE, Outcome, grouped, step_title, total
from datapipe.report.rules import AppliedCheck, describe, known_reason
from datapipe.report.words import percent, size, visible

COLOURS = 8
"""Colours of steps in `style.css`; further steps share the last one."""
ROWS_SHOWN = 12
"""Rows of a chart before one asks for all."""
MAX_ROWS = 150
"""Rows of a chart; what is smaller goes into one row."""
MATRIX_REASONS = 14
MATRIX_COLUMNS = {"source": 5, "language": 12}


@dataclass(frozen=True)
class Part:
    """A piece of a stacked bar; widths in percent of the bar."""

    colour: str
    title: str
    documents_width: float
    bytes_width: float


@dataclass(frozen=True)
class Bar:
    """A row of a chart; widths in percent of the longest bar."""

    label: str
    parts: tuple[Part, ...]
    documents: int
    kept_documents: int
    kept_bytes: int
    documents_width: float
    bytes_width: float

    @property
    def kept_share(self) -> float:
        """Documents kept of those there were."""
        return self.kept_documents / self.documents if self.documents else 0.0


@dataclass(frozen=True)
class Reason:
    """A reason that took documents."""

    step: str
    name: str
    colour: str
    meaning: str
    origin: str
    documents: int
    bytes: int
    failed: int | None


@dataclass(frozen=True)
class Matrix:
    """Share of the documents of each column, in [0, 1], that each reason took."""

    groups: tuple[tuple[str, tuple[str, ...]], ...]
    """Columns under their headings."""
    rows: tuple[tuple[str, tuple[float, ...]], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(column for _, columns in self.groups for column in columns)


def colour(figures: Figures, step: str) -> str:
    """The class that colours a step."""
    if step == KEPT:
        return "kept"
    position = figures.steps.index(step) if step in figures.steps else COLOURS
    return f"s{min(position, COLOURS - 1)}"


def present_steps(figures: Figures) -> list[str]:
    """KEPT and the steps that took something, in order."""
    found = {one.step for one in figures.outcomes}
    return [step for step in (KEPT, *figures.steps) if step in found]


def bars(figures: Figures, key: Callable[[Outcome], str]) -> list[Bar]:
    """A stacked bar per value of `key`, kept documents first, then the losses in the order of the steps."""
    groups = grouped(figures.outcomes, key)
    names = list(groups)
    if len(names) > MAX_ROWS:
        rest = [one for name in names[MAX_ROWS - 1 :] for one in groups[name]]
        groups = {name: groups[name] for name in names[: MAX_ROWS - 1]} | {f"{len(names) - MAX_ROWS + 1:,} more": rest}
    return _bars(figures, groups)


def _bars(figures: Figures, groups: dict[str, list[Outcome]]) -> list[Bar]:
    totals = {name: total(outcomes) for name, outcomes in groups.items()}
    longest = max((one.documents for one in totals.values()), default=1)
    largest = max((one.bytes for one in totals.values()), default=1)
    found = []
    for name, outcomes in groups.items():
        whole = totals[name]
        kept = total(one for one in outcomes if one.step == KEPT)
        widths = share(whole.documents, longest), share(whole.bytes, largest)
        parts = tuple(_parts(figures, outcomes))
        found.append(Bar(name, parts, whole.documents, kept.documents, kept.bytes, *widths))
    return found


def _parts(figures: Figures, outcomes: Sequence[Outcome]) -> Iterable[Part]:
    whole, by_step = total(outcomes), grouped(outcomes, lambda one: one.step)
    for step in (KEPT, *figures.steps):
        if step in by_step:
            part = total(by_step[step])
            title = f"{step_title(step)}: {part.documents:,} documents"
            title += f" ({percent(part.documents / max(whole.documents, 1))}), {size(part.bytes)}"
            if step not in (KEPT, QUARANTINE):
                largest = next(iter(grouped(by_step[step], lambda one: one.reason)))
                title += f"; mostly {visible(largest)}"
            yield Part(
                colour(figures, step), title, share(part.documents, whole.documents), share(part.bytes, whole.bytes)
            )


def share(part: float, whole: float) -> float:
    """In percent."""
    return 100 * part / whole if whole else 0.0


def step_bars(figures: Figures) -> list[Bar]:
    """A bar per step: documents that pass it and documents that it takes; rules of a domain see only their domain."""
    by_step = grouped(figures.outcomes, lambda one: one.step)
    sizes = {f"domains.{name}": amount for name, amount in figures.passed_rules.items()}
    groups: dict[str, list[Outcome]] = {}
    left = list(figures.outcomes)
    for step in figures.steps:
        taken = by_step.get(step, [])
        left = [one for one in left if one.step != step]
        passed = [Outcome("", "", KEPT, KEPT, sizes[step] if step in sizes else total(left))]
        groups[step_title(step)] = passed + taken
    return _bars(figures, groups)


def reasons(figures: Figures, checks: Sequence[AppliedCheck]) -> list[Reason]:
    """Every reason that took documents, most first."""
    known = {(one.step, one.check.reason): one for one in checks}
    rounds = [one.round for one in figures.duplicates]
    found = []
    for outcomes in grouped(figures.outcomes, lambda one: f"{one.step}\0{one.reason}").values():
        step, name = outcomes[0].step, outcomes[0].reason
        if step != KEPT:
            one = known.get((step, name))
            meaning = describe(one.check, in_short=True) if one else known_reason(name, rounds)
            origin = (one.check.rule.source or "") if one else ""
            amount = total(outcomes)
            failed = one.failed if one else None
            found.append(
                Reason(step, name, colour(figures, step), meaning, origin, amount.documents, amount.bytes, failed)
            )
    return found


def matrix(figures: Figures) -> Matrix:
    """The most frequent reasons against the largest sources and languages."""
    keys: dict[str, Callable[[Outcome], str]] = {"source": lambda one: one.source, "language": lambda one: one.language}
    wholes = {word: {k: total(v) for k, v in grouped(figures.outcomes, key).items() if k} for word, key in keys.items()}
    groups = tuple((word, tuple(found)[: MATRIX_COLUMNS[word]]) for word, found in wholes.items() if found)
    by_reason = grouped((one for one in figures.outcomes if one.step != KEPT), lambda one: one.reason)
    rows = []
    for reason, outcomes in itertools.islice(by_reason.items(), MATRIX_REASONS):
        shares: list[float] = []
        for word, columns in groups:
            taken = {name: total(found).documents for name, found in grouped(outcomes, keys[word]).items()}
            shares += [taken.get(name, 0) / wholes[word][name].documents for name in columns]
        rows.append((reason, tuple(shares)))
    return Matrix(groups, tuple(rows))
