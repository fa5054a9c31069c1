"""What the rules of a recipe did in a run: which took documents, which never did, where languages switch them off."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from datapipe.duplicates.falls import SAME
from datapipe.explain import SIGNS
from datapipe.passes.deciding import NO_DOMAIN
from datapipe.passes.rounds import Round
from datapipe.recipe import Recipe
from datapipe.report.figures import Figures
from datapipe.report.outcomes import Amount, early_step, grouped, total
from datapipe.rules import BOUNDS, Check, RuleSet
from datapipe.shard_files import QUARANTINED


@dataclass(frozen=True)
class AppliedCheck:
    """A comparison of the recipe and what it did."""

    step: str
    check: Check
    taken: Amount
    """Documents for which it was the first to fail."""
    failed: int | None
    """Documents that fail it, first or not; None where other steps give the same reason and so share the count."""
    tested: int | None
    """Documents of the domain it stands in; None for selections, which may have conditions."""

    @property
    def is_limit(self) -> bool:
        """Whether it compares values, rather than ask that there is one."""
        return self.check.kind != "missing"

    @property
    def is_idle(self) -> bool:
        """Whether no document ever failed it."""
        return self.failed == 0


@dataclass(frozen=True)
class SwitchedOff:
    """A limit that languages have of their own, or do without."""

    rules: str
    label: str
    """The rule's word, and the bound: `word_count.min`."""
    limit: str
    """The limit of the other languages, "" where they have none."""
    off: tuple[str, ...]
    """Languages without it."""
    changed: tuple[tuple[str, float], ...]
    """Languages with another one."""


def rule_sets(recipe: Recipe) -> Iterator[tuple[str, RuleSet]]:
    """The rule sets of a recipe with the steps they stand in, in the order in which they decide."""
    for is_early in (True, False):
        for one in recipe.passes:
            for step in one.steps:
                if step.name == "select" and step.early == is_early:
                    name = early_step(one.name) if is_early else f"{one.name}.select"
                    yield from ((name, rules) for rules in step.rules)
    for domain in recipe.domains:
        yield from ((f"domains.{domain.name}", rules) for rules in domain.rules)


def applied_checks(figures: Figures) -> list[AppliedCheck]:
    """Every comparison of the recipe, in the order in which they decide."""
    checks = [(step, check) for step, rules in rule_sets(figures.recipe) for check in rules.checks()]
    steps = Counter(check.reason for _, check in checks)
    failed, tested = figures.failed, _tested(figures)
    taken: dict[tuple[str, str], Amount] = {}
    for one in figures.outcomes:
        taken[one.step, one.reason] = taken.get((one.step, one.reason), Amount()) + one.amount
    return [
        AppliedCheck(
            step, check, taken.get((step, check.reason), Amount()),
            failed[check.reason] if steps[check.reason] == 1 or not failed[check.reason] else None, tested.get(step),
        )
        for step, check in checks
    ]  # fmt: skip


def _tested(figures: Figures) -> dict[str, int]:
    """Documents that reached the rules of each domain."""
    by_step = grouped(figures.outcomes, lambda one: one.step)
    found = {}
    for one in figures.domains:
        step = f"domains.{one.domain.name}"
        passed = figures.passed_rules.get(one.domain.name, Amount())
        found[step] = (passed + total(by_step.get(step, ()))).documents
    return found


def describe(check: Check, in_short: bool = False) -> str:
    """What a document must be, in words: `word_count at least 50`; in short without a column that the reason names."""
    rule = check.rule
    column = "" if in_short and rule.label == rule.column else f"{rule.column} "
    conditions = [_condition(name, value) for name, value in (rule.where or {}).items()]
    where = f", where {' and '.join(conditions)}" if conditions else ""
    if check.kind == "missing":
        return f"{column}must be there{where}"
    limit = getattr(rule, check.kind)
    return f"{column}{SIGNS[check.kind]} {show_limit(limit)}{where}"


def _condition(column: str, value: object) -> str:
    if isinstance(value, dict):
        return f"{column} is not {show_limit(value['not'])}"
    return f"{column} is {show_limit(value)}"


def show_limit(limit: object) -> str:
    """A limit as people write it; None: only some languages have one."""
    match limit:
        case None:
            return "what its language asks for"
        case bool():
            return str(limit).lower()
        case int() | float():
            return f"{limit:,.6g}" if abs(limit) < 1e6 else f"{limit:,.0f}"
        case list() | tuple():
            return ", ".join(show_limit(one) for one in limit)
    return str(limit)


def switched_off(recipe: Recipe) -> list[SwitchedOff]:
    """Limits per language of all rule sets, each set once; first those that some languages do without."""
    sets = {rules.name: rules for _, rules in rule_sets(recipe) if rules.overrides}
    found = [one for rules in sets.values() for check in rules.checks() if (one := _switched_off(rules, check))]
    return sorted(found, key=lambda one: not one.off)


def _switched_off(rules: RuleSet, check: Check) -> SwitchedOff | None:
    own = getattr(check.rule, check.kind) if check.kind in BOUNDS else None
    if check.kind not in BOUNDS or not check.overrides:
        return None
    limits = {override.language: check.limit(override.language) for override in check.overrides}
    off = tuple(sorted(language for language, limit in limits.items() if limit is None and own is not None))
    changed = tuple(
        sorted((language, limit) for language, limit in limits.items() if limit is not None and limit != own)
    )
    limit = f"{SIGNS[check.kind]} {show_limit(own)}" if own is not None else ""
    label = f"{check.rule.label}.{check.kind}"
    return SwitchedOff(rules.name, label, limit, off, changed) if off or changed else None


def known_reason(reason: str, rounds: Iterable[Round] = ()) -> str:
    """What a reason means that no rule gives."""
    for one in rounds:
        if one.name == reason:
            what = f"with the same {SAME[one.key]}" if one.key in SAME else "that is nearly equal"
            return f"another document {what} stayed"
    return {
        NO_DOMAIN: "no domain's condition matches the document",
        QUARANTINED.name: "it could not be read, or a step could not bear it",
    }.get(reason, "")
