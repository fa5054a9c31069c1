"""What became of every document of a run, by source, language, step and reason: everything else is sums of these."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from datapipe.passes.deciding import PASS as DECIDE
from datapipe.passes.rounds import rounds_of
from datapipe.recipe import Recipe
from datapipe.shard_files import QUARANTINED

KEPT = ""
"""Step and reason of the documents that stayed."""
QUARANTINE = "quarantine"
"""Step of the records that could not be read and the documents that a step could not bear."""
NO_DOMAIN_STEP = "domains"
"""Step of the documents that no domain takes."""


@dataclass(frozen=True)
class Amount:
    """Documents, and the bytes of their text."""

    documents: int = 0
    bytes: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        """Both together."""
        return Amount(self.documents + other.documents, self.bytes + other.bytes)


@dataclass(frozen=True)
class Outcome:
    """What became of the documents of one source and language: the step and the reason that took them, or KEPT."""

    source: str
    language: str
    step: str
    reason: str
    amount: Amount


def early_step(pass_name: str) -> str:
    """Name of the early selections of a pass."""
    return f"{pass_name}.select.early"


def step_order(recipe: Recipe) -> tuple[str, ...]:
    """Every step that documents can be lost at, in the order in which they decide."""
    early = [early_step(one.name) for one in recipe.passes if any(step.early for step in one.steps)]
    late = [f"{one.name}.select" for one in recipe.passes if one.late_selections]
    domains = [f"domains.{domain.name}" for domain in recipe.domains]
    duplicates = [one.name for one in recipe.passes if one.drops_duplicates]
    return (QUARANTINE, *early, *late, NO_DOMAIN_STEP, *domains, *duplicates)


def step_title(step: str) -> str:
    """A step in words."""
    match step.split("."):
        case [""]:
            return "kept"
        case ["domains"]:
            return "no domain takes it"
        case ["domains", domain]:
            return f"rules of {domain}"
        case [one, "select", "early"]:
            return f"early selection in {one}"
        case [one, "select"]:
            return f"selection in {one}"
    return step


def all_outcomes(run: Mapping[str, Any], recipe: Recipe) -> Iterator[Outcome]:
    """The outcomes that `run.json` accounts for. What a later pass quarantines is counted where it is decided."""
    rewriting = [one.name for index, one in enumerate(recipe.passes) if index == 0 or one.writes_text]
    for name in rewriting:
        account = run["passes"][name]
        for source, quarantined in account["quarantined_of_source"].items():
            if quarantined:
                yield Outcome(source, "", QUARANTINE, QUARANTINED.name, Amount(quarantined))
        for source, language, _, reason, rows, size in account["counts"]:
            if reason:
                yield Outcome(source, language, early_step(name), reason, Amount(rows, size))
    deciding = [DECIDE, *(one.name for one in rounds_of(recipe))]
    for name in deciding:
        for source, language, step, reason, rows, size in run["passes"][name]["counts"]:
            if reason or name == deciding[-1]:
                yield Outcome(source, language, step, reason, Amount(rows, size))


def grouped(outcomes: Iterable[Outcome], key: Callable[[Outcome], str]) -> dict[str, list[Outcome]]:
    """Outcomes by a key, the group of most documents first."""
    groups: dict[str, list[Outcome]] = {}
    for one in outcomes:
        groups.setdefault(key(one), []).append(one)
    return dict(sorted(groups.items(), key=lambda item: (-total(item[1]).documents, item[0])))


def total(outcomes: Iterable[Outcome]) -> Amount:
    """Of all of them."""
    return sum((one.amount for one in outcomes), Amount())
