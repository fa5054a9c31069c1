"""What a run would do, on the terminal: sources, passes, columns, tasks, memory. Nothing runs."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from datapipe.housekeeping.disk import free_bytes
from datapipe.housekeeping.disk_estimate import DiskEstimate, estimate_disk
from datapipe.inputs import Group, find_groups
from datapipe.output import output_folder, read_plan
from datapipe.passes.deciding import PASS as DECIDE
from datapipe.passes.earlier_runs import check_earlier
from datapipe.passes.planning import PassPlan, decide_upstream, packed_schema, plan_passes
from datapipe.passes.rounds import rounds_of
from datapipe.reader import name_of
from datapipe.receipts import read_receipt
from datapipe.recipe import Recipe
from datapipe.round_report import round_blocks


def print_plan(recipe: Recipe, root: str | None) -> None:
    """Resolve the inputs and print the plan."""
    console = Console()
    folder = output_folder(recipe, root)
    check_earlier(recipe, folder, root)
    groups = find_groups(recipe, read_plan(folder).get("sources", {}))
    plans = plan_passes(recipe)
    console.print(f"recipe {recipe.name}, output {folder}", highlight=False)
    _print_sources(console, recipe, groups)
    _print_passes(console, recipe, plans, groups, folder)
    _print_domains(console, recipe)
    _print_disk(console, estimate_disk(recipe, groups, folder), free_bytes(folder))


def _print_sources(console: Console, recipe: Recipe, groups: dict[str, list[Group]]) -> None:
    table = Table("source", "reader", "files", "MB stored", "tasks", "shards, at least")
    for source in recipe.sources:
        found = groups[source.name]
        size = sum(group.size for group in found)
        shards = sum(max(1, group.size // recipe.cut_bytes) for group in found)
        files = sum(len(group.files) for group in found)
        name = name_of(source.reader)
        table.add_row(source.name, name, f"{files:,}", f"{size / 1e6:,.1f}", f"{len(found):,}", f"{shards:,}")
    console.print(table)


def _print_passes(
    console: Console, recipe: Recipe, plans: list[PassPlan], groups: dict[str, list[Group]], folder: str
) -> None:
    shards = [group.shard(0) for found in groups.values() for group in found]
    for position, plan in enumerate(plans):
        need = plan.resources
        gpus = f", {need.num_gpus:g} GPU" if need.num_gpus else ""
        cost = f"{need.num_cpus:g} CPU{gpus}, {need.memory_bytes / 2**30:g} GiB per task"
        upstream = [f"{one.kind}/{one.pass_name} ({', '.join(one.columns or ())})" for one in plan.upstream]
        kind = "documents" if plan.writes_text else "annotations"
        _print_pass(
            console,
            f"{plan.name}: {len(shards):,} tasks, {cost}; {_done(plan, shards, folder)} done",
            "sources" if position == 0 else ", ".join(upstream),
            " · ".join(step.name for step in plan.steps),
            f"{kind}/{plan.name} ({', '.join(plan.schema.names)})",
        )
    rules = dict.fromkeys(rule_set.name for domain in recipe.domains for rule_set in domain.rules)
    routes = ", ".join(f"{one.kind}/{one.pass_name}" for one in decide_upstream(recipe))
    _print_pass(console, "decide", routes, f"rules {' · '.join(rules)}", "decisions/decide, annotations/decide")
    _print_rounds(console, recipe, groups)
    last = [DECIDE, *(one.name for one in rounds_of(recipe))][-1]
    _print_pass(console, "gather", f"documents, annotations/{last}", "order what stays by unit", "survivors")
    packed = f"shards, validation ({', '.join(packed_schema(recipe).names)})"
    _print_pass(console, "pack", "survivors", f"cut at {recipe.shard_bytes / 2**20:g} MiB, in keyed order", packed)


def _print_rounds(console: Console, recipe: Recipe, groups: dict[str, list[Group]]) -> None:
    """The rounds of duplicates, for as many documents as the inputs may hold."""
    stored = sum(group.size for found in groups.values() for group in found)
    for block in round_blocks(recipe, stored):
        _print_pass(console, *block)


def _print_pass(console: Console, title: str, reads: str, steps: str, writes: str) -> None:
    console.print(f"\n[bold]{escape(title)}[/bold]", highlight=False)
    block = Table.grid(padding=(0, 2))
    block.add_column(style="dim")
    block.add_column(overflow="fold")
    for word, content in (("  reads", reads), ("  steps", steps), ("  writes", writes)):
        block.add_row(word, escape(content))
    console.print(block, highlight=False)


def _done(plan: PassPlan, shards: list[str], folder: str) -> str:
    """How many first shards of the groups have a receipt with this fingerprint."""
    if "://" not in folder and not Path(folder).exists():
        return f"0 of {len(shards)}"
    receipts = [read_receipt(folder, plan.name, shard) for shard in shards]
    done = sum(receipt is not None and receipt.fingerprint == plan.fingerprint for receipt in receipts)
    return f"{done} of {len(shards)}"


def _print_domains(console: Console, recipe: Recipe) -> None:
    console.print()
    table = Table()
    for title in ("domain", "weight", "tokens", "units by", "sampling", "rules"):
        table.add_column(title, overflow="fold")
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


def _print_disk(console: Console, need: DiskEstimate, free: int | None) -> None:
    kinds = ", ".join(f"{kind} {_size(size)}" for kind, size in need.bytes.items() if size)
    basis = "by ratios measured on other data"
    if need.measured:
        others = f", the others {basis}" if len(need.measured) < len(need.bytes) else ""
        basis = f"{', '.join(need.measured)} by what this folder's finished shards take{others}"
    room = "" if free is None else f"; {_size(free)} free"
    there = f", {_size(need.stored_bytes)} of it there" if need.stored_bytes else ""
    lines = [f"disk: about {_size(sum(need.bytes.values()))} ({kinds}; {basis}){there}{room}"]
    if free is not None and need.missing_bytes > free:
        lines.append(
            f"warning: {_size(need.missing_bytes)} are still to be written, more than is free: "
            "the run would stop before the disk is full"
        )
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def _size(count: float) -> str:
    """`1.2 TB`, `340 MB`."""
    size, unit = next(((s, u) for s, u in ((1e12, "TB"), (1e9, "GB")) if count >= s), (1e6, "MB"))
    return f"{count / size:,.1f} {unit}"
