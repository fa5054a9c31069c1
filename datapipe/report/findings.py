"""What deserves a look before anything is trained on the data: said first in the report, in sentences."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from datapipe.passes.packing import GATHER
from datapipe.report.figures import Figures
from datapipe.report.outcomes import KEPT, Outcome, grouped, total
from datapipe.report.rules import AppliedCheck, SwitchedOff

MOSTLY_LOST = 0.9
"""A source or language that loses this share is named: wiped-out sources have gone unseen in other pipelines."""
MIN_DOCUMENTS = 50
"""Of fewer documents, shares say little."""
LARGE_DOCUMENTS = 10_000
"""Of so many documents of a crawl some are alike: a round that finds nothing to compare is misconfigured."""
MANY_EPOCHS = 4.0
"""Up to about four epochs, repeated data is nearly worth as much as new (Muennighoff et al. 2023, arXiv 2305.16264)."""
NAMED = 8
"""Names in a sentence before it says how many more there are."""


@dataclass(frozen=True)
class Finding:
    """A sentence, how grave it is, and the section that shows it."""

    level: Literal["problem", "warning", "note"]
    text: str
    section: str


def find(figures: Figures, checks: list[AppliedCheck], off: list[SwitchedOff]) -> list[Finding]:
    """All findings, the gravest first."""
    found = [
        *_mixture(figures),
        *_lost(figures),
        *_quarantine(figures),
        *_duplicates(figures),
        *_rules(figures, checks),
        *_switched_off(figures, off),
        *_removed(figures),
    ]
    return sorted(found, key=lambda one: ("problem", "warning", "note").index(one.level))


def named(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _mixture(figures: Figures) -> Iterator[Finding]:
    problem = figures.run["mixture_error"]
    if problem is not None:
        yield Finding("problem", f"No mixture.json was written: {problem}.", "mixture")
    units = [(unit.epochs or 0.0, f"{one.domain.name}/{unit.name}") for one in figures.domains for unit in one.units]
    often = sorted((unit for unit in units if unit[0] > MANY_EPOCHS), reverse=True)
    if often:
        names = named([f"{name} ({epochs:,.1f})" for epochs, name in often])
        yield Finding("warning", f"Repeated more than {MANY_EPOCHS:g} times in training: {names}.", "mixture")
    gathered = figures.run["passes"][GATHER]
    if gathered["rows_out"] > gathered["rows_in"]:
        text = f"{gathered['rows_in']:,} documents are written {gathered['rows_out']:,} times, as `repeat` says."
        yield Finding("note", text, "mixture")
    if figures.recipe.budget_tokens is None:
        yield Finding(
            "note", "The recipe has no budget_tokens, so nothing says how often a unit is repeated.", "mixture"
        )


def _lost(figures: Figures) -> Iterator[Finding]:
    by: list[tuple[str, Callable[[Outcome], str]]] = [
        ("source", lambda o: o.source),
        ("language", lambda o: o.language),
    ]
    for word, key in by:
        wiped = []
        for name, outcomes in grouped(figures.outcomes, key).items():
            documents = total(outcomes).documents
            kept = total(one for one in outcomes if one.step == KEPT).documents
            if name and documents >= MIN_DOCUMENTS and kept <= (1 - MOSTLY_LOST) * documents:
                wiped.append(f"{name} ({kept:,} of {documents:,} kept)")
        if wiped:
            words = f"{word} lost" if len(wiped) == 1 else f"{word}s lost"
            yield Finding("warning", f"{len(wiped)} {words} {MOSTLY_LOST:.0%} or more: {named(wiped)}.", "outcomes")


def _quarantine(figures: Figures) -> Iterator[Finding]:
    quarantined = sum(int(account["quarantined"]) for account in figures.run["passes"].values())
    if quarantined:
        level: Literal["warning", "note"] = "warning" if quarantined > 0.01 * figures.records else "note"
        verb = "record is" if quarantined == 1 else "records are"
        yield Finding(
            level, f"{quarantined:,} {verb} in quarantine: unreadable, or a step could not bear them.", "quarantine"
        )


def _duplicates(figures: Figures) -> Iterator[Finding]:
    """Jobs that end well with nothing removed have gone unseen in other pipelines."""
    for one in figures.duplicates:
        if not one.compared:
            yield Finding("warning", f"{one.round.name} had nothing to compare.", "duplicates")
        elif one.round.near is not None and not one.pairs:
            text = f"{one.round.name} compared nothing: no two of {one.compared:,} documents have an equal band."
            yield Finding("problem" if one.compared >= LARGE_DOCUMENTS else "warning", text, "duplicates")
        elif not one.dropped:
            text = f"{one.round.name} found no duplicates among {one.compared:,} documents."
            yield Finding("warning", text, "duplicates")
        if one.large_buckets:
            groups = "group" if one.large_buckets == 1 else "groups"
            text = f"{one.round.name} compared only with the best of {one.large_buckets:,} {groups} above bucket_limit."
            yield Finding("note", text, "duplicates")
        if one.divided:
            text = f"{one.round.name} divided groups of connected documents that are too large to compare together: of"
            text += f" {one.divided:,} documents some pairs were not compared."
            yield Finding("warning", text, "duplicates")


def _rules(figures: Figures, checks: list[AppliedCheck]) -> Iterator[Finding]:
    limits = [one for one in checks if one.is_limit]
    idle = [one for one in limits if one.is_idle]
    untested = sorted({one.step.partition(".")[2] for one in limits if one.tested == 0})
    if idle:
        yield Finding("note", f"{len(idle)} of {len(limits)} limits never failed a document.", "rules")
    if untested:
        yield Finding("warning", f"No document reached the rules of {named(untested)}.", "rules")
    dropped = total(one for one in figures.outcomes if one.step != KEPT).documents
    for one in limits:
        if one.taken.documents > 0.5 * dropped >= 0.5 * MIN_DOCUMENTS:
            share = one.taken.documents / dropped
            yield Finding("note", f"{one.check.reason} takes {share:.0%} of all that is dropped.", "rules")


def _removed(figures: Figures) -> Iterator[Finding]:
    for one in figures.removals:
        if one.units == 0:
            text = f"No {one.unit} in {one.passages:,} passages repeats: {one.pass_name} removed nothing."
            yield Finding("warning", text, "time")
        else:
            share = 1 - one.bytes_after / one.bytes_before if one.bytes_before else 0.0
            noun = one.unit if one.units == 1 else f"{one.unit}s"
            text = f"{one.units:,} repeated {noun} removed by {one.pass_name}; it left {1 - share:.1%} of the text."
            yield Finding("note", text, "time")


def _switched_off(figures: Figures, off: list[SwitchedOff]) -> Iterator[Finding]:
    present = {one.language for one in figures.outcomes}
    languages = sorted({language for one in off for language in one.off if language in present})
    if languages:
        yield Finding("note", f"Some limits are switched off for {named(languages)}.", "rules")
