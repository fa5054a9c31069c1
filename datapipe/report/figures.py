"""What `run.json` and the recipe say of a run, arranged for people: outcomes, domains, passes. No data is read."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from datapipe.diff import read_run
from datapipe.loading.load import loads
from datapipe.output import read_plan
from datapipe.passes.planning import find_pass, mark_pass
from datapipe.recipe import Domain, Recipe
from datapipe.report.duplicates import RoundFigures, round_figures
from datapipe.report.outcomes import KEPT, Amount, Outcome, all_outcomes, step_order, total


@dataclass(frozen=True)
class UnitFigures:
    """A unit of a domain: its training documents, its share of them, and what the mixture makes of it."""

    name: str
    amount: Amount
    data_share: float
    """Of the training bytes of all domains, in [0, 1]."""
    weight: float
    epochs: float | None
    held_out: Amount


@dataclass(frozen=True)
class DomainFigures:
    """A domain and its units, the largest first."""

    domain: Domain
    units: tuple[UnitFigures, ...]

    @property
    def amount(self) -> Amount:
        """Of the training documents."""
        return sum((unit.amount for unit in self.units), Amount())

    @property
    def held_out(self) -> Amount:
        """Of the documents set apart for validation."""
        return sum((unit.held_out for unit in self.units), Amount())

    @property
    def data_share(self) -> float:
        """Share of the training bytes of all domains."""
        return sum(unit.data_share for unit in self.units)

    @property
    def epochs(self) -> float | None:
        """How often the domain as a whole is read."""
        known = [unit.epochs * unit.amount.bytes for unit in self.units if unit.epochs is not None]
        return sum(known) / self.amount.bytes if known and self.amount.bytes else None


@dataclass(frozen=True)
class PassFigures:
    """What a pass cost. `steps` are CPU seconds; what they leave of `cpu_seconds` went into files and accounts."""

    name: str
    shards: int
    documents: int
    bytes: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    steps: Mapping[str, float]

    @property
    def mb_per_cpu_second(self) -> float | None:
        """Text per CPU second, None where no time was measured or no text was read."""
        return self.bytes / 1e6 / self.cpu_seconds if self.bytes and self.cpu_seconds > 0 else None

    @property
    def rest_seconds(self) -> float:
        """CPU seconds outside the steps."""
        return max(0.0, self.cpu_seconds - sum(self.steps.values()))


@dataclass(frozen=True)
class Removal:
    """What a pass with `repeated` took out of texts."""

    pass_name: str
    unit: str
    """What the texts were divided into."""
    units: int
    passages: int
    """Those compared: of one unit each, or of several."""
    bytes_before: int
    bytes_after: int
    """Of the texts, when the pass was done: with what steps of its own removed or added."""


@dataclass(frozen=True)
class Figures:
    """All that is known of a run without reading its data."""

    folder: str
    run: Mapping[str, Any]
    """The content of `run.json`."""
    plan: Mapping[str, Any]
    """The content of `plan.json`."""
    recipe: Recipe
    steps: tuple[str, ...]
    """Where documents can be lost, in order."""
    outcomes: tuple[Outcome, ...]
    passed_over: Mapping[str, int]
    domains: tuple[DomainFigures, ...]
    passes: tuple[PassFigures, ...]
    passed_rules: Mapping[str, Amount]
    """Documents that passed the rules of each domain, before duplicates left."""
    duplicates: tuple[RoundFigures, ...]

    @property
    def first(self) -> Mapping[str, Any]:
        """The account of the pass that reads the sources."""
        account: Mapping[str, Any] = self.run["passes"][self.recipe.passes[0].name]
        return account

    @property
    def records(self) -> int:
        """Everything found in the sources."""
        return self.documents + sum(self.passed_over.values())

    @property
    def documents(self) -> int:
        """Records that are documents, the unreadable ones too; of a sample, what it took."""
        return int(self.first["rows_in"])

    @property
    def removals(self) -> tuple[Removal, ...]:
        """What was taken out of texts because it repeats, pass by pass."""
        passes = [(one.name, one.repeated.unit) for one in self.recipe.passes if one.repeated is not None]
        return tuple(
            Removal(
                name,
                unit,
                self.run["passes"].get(mark_pass(name), {}).get("passages", 0),
                self.run["passes"].get(find_pass(name), {}).get("passages", 0),
                self.run["passes"][name]["bytes_in"],
                self.run["passes"][name]["bytes_out"],
            )
            for name, unit in passes
        )

    @property
    def kept(self) -> Amount:
        """For training and validation together."""
        return total(one for one in self.outcomes if one.step == KEPT)

    @property
    def budget_tokens(self) -> int | None:
        """Training tokens that the weights are for; of a trial, its part of them."""
        budget: int | None = self.run["mixture"].get("budget_tokens", self.recipe.budget_tokens)
        return budget

    @property
    def failed(self) -> Counter[str]:
        """Documents that each reason fails, whether or not it was the first."""
        found: Counter[str] = Counter()
        for account in self.run["passes"].values():
            found.update(account["failed"])
        return found


def read_figures(folder: str) -> Figures:
    """The figures of the run in `folder`. Raises RecipeError when it is not a finished run."""
    run, plan = read_run(folder), read_plan(folder)
    recipe = loads(plan["recipe"]["text"], plan["recipe"]["file"], plan["recipe"]["settings"])
    return Figures(
        folder, run, plan, recipe, step_order(recipe), tuple(all_outcomes(run, recipe)),
        run["passes"][recipe.passes[0].name]["passed_over"], _domains(run, recipe), tuple(_passes(run, recipe)),
        _passed_rules(run), tuple(round_figures(run, recipe)),
    )  # fmt: skip


def _passed_rules(run: Mapping[str, Any]) -> dict[str, Amount]:
    return {domain: sum(map(_amount, units.values()), Amount()) for domain, units in run["passed_rules"].items()}


def _domains(run: Mapping[str, Any], recipe: Recipe) -> tuple[DomainFigures, ...]:
    mixture: Mapping[str, Any] = run["mixture"].get("domains", {})
    weights = {name: domain["units"] for name, domain in mixture.items()}
    # A mixture that cannot be met leaves no weights, but the documents are there all the same.
    sizes: Mapping[str, Any] = run.get("kept", weights)
    whole = sum(unit["bytes"] for units in sizes.values() for unit in units.values())
    domains = []
    for domain in recipe.domains:
        name = domain.name
        units = _units(sizes.get(name, {}), run["held_out"].get(name, {}), weights.get(name, {}), whole)
        domains.append(DomainFigures(domain, units))
    return tuple(domains)


def _units(
    sizes: Mapping[str, Any], held_out: Mapping[str, Any], weights: Mapping[str, Any], whole: int
) -> tuple[UnitFigures, ...]:
    """The units of a domain, those too whose few documents are all held out."""
    units = []
    for name in sizes.keys() | held_out.keys():
        amount = _amount(sizes.get(name, {}))
        weight = weights.get(name, {})
        share = amount.bytes / whole if whole else 0.0
        held = _amount(held_out.get(name, {}))
        units.append(UnitFigures(name, amount, share, weight.get("weight", 0.0), weight.get("epochs"), held))
    return tuple(sorted(units, key=lambda unit: (-unit.amount.bytes, unit.name)))


def _amount(size: Mapping[str, int]) -> Amount:
    return Amount(size.get("documents", 0), size.get("bytes", 0))


def _passes(run: Mapping[str, Any], recipe: Recipe) -> Iterable[PassFigures]:
    steps = {one.name: ["read", *(step.name for step in one.steps), "write"] for one in recipe.passes}
    for name, one in run["passes"].items():
        size = one["bytes_in"] or one["bytes_out"]
        times = {step: one["step_seconds"][step] for step in steps.get(name, ()) if step in one["step_seconds"]}
        yield PassFigures(
            name, one["shards"], one["rows_in"], size, one["seconds"], one["cpu_seconds"], one["peak_mb"], times
        )
