"""What a run would do, on the terminal: sources, passes, columns, tasks, memory. Nothing runs."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from datapipe.inputs import Group, find_groups
from datapipe.output import output_folder, read_plan
from datapipe.planning import PassPlan, packed_schema, plan_passes
from datapipe.receipts import read_receipt
from datapipe.recipe import Recipe


def print_plan(recipe: Recipe, root: str | None) -> None:
    """Resolve the inputs and print the plan."""
    console = Console()
    folder = output_folder(recipe, root)
    groups = find_groups(recipe, read_plan(folder).get("sources", {}))
    plans = plan_passes(recipe)
    console.print(f"recipe {recipe.name}, output {folder}", highlight=False)
    _print_sources(console, recipe, groups)
    _print_passes(console, recipe, plans, groups, folder)
    _print_domains(console, recipe)


def _print_sources(console: Console, recipe: Recipe, groups: dict[str, list[Group]]) -> None:
    table = Table("source", "reader", "files", "MB stored", "tasks", "shards, at least")
    for source in recipe.sources:
        found = groups[source.name]
        size = sum(group.size for group in found)
        shards = sum(max(1, group.size // recipe.cut_bytes) for group in found)
        files = sum(len(group.files) for group in found)
        name = type(source.reader).reader_name  # type: ignore[attr-defined]
        table.add_row(source.name, name, f"{files:,}", f"{size / 1e6:,.1f}", f"{len(found):,}", f"{shards:,}")
    console.print(table)


def _print_passes(
    console: Console, recipe: Recipe, plans: list[PassPlan], groups: dict[str, list[Group]], folder: str
) -> None:
    table = Table("pass", "reads", "writes", "steps", "memory per task", "done")
    shards = [group.shard(0) for found in groups.values() for group in found]
    for position, plan in enumerate(plans):
        reads = "sources" if position == 0 else ", ".join(f"{one.kind}/{one.pass_name}" for one in plan.upstream)
        memory = f"{plan.resources.memory_bytes / 2**30:g} GiB"
        table.add_row(plan.name, reads, _writes(plan), " · ".join(step.name for step in plan.steps), memory,
                      _done(plan, shards, folder))  # fmt: skip
    decides = [rule_set.name for domain in recipe.domains for rule_set in domain.rules]
    table.add_row("decide", "annotations", "decisions", "rules: " + " · ".join(dict.fromkeys(decides)), "2 GiB", "")
    table.add_row("gather", "documents, routes", "survivors", "order by unit", "2 GiB", "")
    table.add_row("pack", "survivors", f"shards ({len(packed_schema(recipe))} columns)", "keyed order", "2 GiB", "")
    console.print(table)


def _writes(plan: PassPlan) -> str:
    if plan.writes_text:
        return f"documents ({len(plan.schema)} columns)"
    return f"annotations ({len(plan.schema) - 1} columns)"


def _done(plan: PassPlan, shards: list[str], folder: str) -> str:
    """How many first shards of the groups have a receipt with this fingerprint."""
    if "://" not in folder and not Path(folder).exists():
        return f"0 of {len(shards)}"
    receipts = [read_receipt(folder, plan.name, shard) for shard in shards]
    done = sum(receipt is not None and receipt.fingerprint == plan.fingerprint for receipt in receipts)
    return f"{done} of {len(shards)}"


def _print_domains(console: Console, recipe: Recipe) -> None:
    table = Table("domain", "weight", "tokens", "units by", "sampling", "rules")
    for domain in recipe.domains:
        sampling = domain.sampling
        way = "by size"
        if sampling.unimax is not None:
            way = f"UniMax, at most {sampling.unimax.max_epochs:g} epochs"
        elif sampling.weights is not None:
            way = "explicit weights"
        elif sampling.alpha or sampling.temperature:
            way = f"alpha {sampling.alpha or sampling.temperature:g}"
        tokens = f"{domain.weight * recipe.budget_tokens:,.0f}" if recipe.budget_tokens else ""
        rules = ", ".join(dict.fromkeys(rule_set.name for rule_set in domain.rules))
        table.add_row(domain.name, f"{domain.weight:.2f}", tokens, domain.by, way, rules)
    console.print(table)
