"""What a plan comes to, on the terminal: a block for every phase, then the totals."""

import dataclasses
import json
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from trainer.load import load
from trainer.planning import outlook_of
from trainer.reckoning.cost import Flops, Utilisation
from trainer.reckoning.memory import Memory
from trainer.reckoning.outlook import DomainOutlook, Outlook, PhaseOutlook, UnitOutlook

GIB = 2**30
MOST_EPOCHS = 3
"""Units shown of every domain: those read most often."""


def print_plan(file: Path, root: str | None, settings: list[str], as_json: bool) -> None:
    """What the plan in `file` comes to. Raises RecipeError or RunError for one that cannot be met."""
    outlook = outlook_of(load(file, settings), root)
    if as_json:
        print(json.dumps(dataclasses.asdict(outlook), ensure_ascii=False, indent=1))
    else:
        print_outlook(outlook, Console())


def print_outlook(outlook: Outlook, console: Console) -> None:
    """All of it."""
    _print_head(outlook, console)
    for phase in outlook.phases:
        console.print(f"\n[bold]{escape(phase.name)}[/bold]", highlight=False)
        _print_rows(_phase_rows(phase, outlook), console)
        _print_domains(phase, outlook, console)
    _print_totals(outlook, console)
    for note in outlook.notes:
        console.print(f"[bold]note:[/bold] {escape(note)}", highlight=False)


def _print_head(outlook: Outlook, console: Console) -> None:
    model = outlook.model
    sizes = f"{model.n_layer} layers, d_model {model.d_model:,}, vocabulary {model.vocab_size:,}"
    corpus = ", ".join(f"{domain} {large(tokens)}" for domain, tokens in outlook.corpus_tokens.items())
    console.print(f"plan {outlook.name}, output {outlook.output}", highlight=False, soft_wrap=True)
    of = "sizes in the plan, no tokens" if outlook.corpus == "sizes" else "tokens"
    rows = [
        ("model", f"{outlook.parameters:,} parameters: {sizes}; sequences of {outlook.seq_len:,}"),
        ("data", f"{of}: {corpus}"),
        ("FLOPs", _flops_line(outlook.flops_per_token)),
        (
            "GPU",
            f"{outlook.gpu}: {outlook.peak_flops / 1e12:,.0f} TFLOP/s dense bf16, {outlook.memory_bytes / 1e9:g} GB",
        ),
    ]
    if outlook.start is not None:
        seen = outlook.start.samples_seen
        state = f"after {seen:,} samples" if seen is not None else "not there yet"
        rows.insert(2, ("start", f"{outlook.start.checkpoint}: {state}"))
    _print_rows(rows, console)


def _flops_line(flops: Flops) -> str:
    return (
        f"per token {flops.full / 1e9:.4g} G with full attention, which MFU and FLOPs below are reckoned with; "
        f"{flops.causal / 1e9:.4g} G with the causal half"
    )


def _phase_rows(phase: PhaseOutlook, outlook: Outlook) -> list[tuple[str, str]]:
    cost = phase.cost
    over = phase.end_sample - phase.edge_sample
    ends = "ends on its edge" if over == 0 else f"{over:,} beyond its edge at {phase.edge_sample:,}"
    source = "as the plan says" if cost.is_measured else f"at {cost.mfu.full:.3g} % MFU, assumed"
    return [
        ("steps", f"{phase.steps:,} of {phase.batch:,} sequences: {phase.first_step:,} to {phase.last_step:,}"),
        ("samples", f"{phase.first_sample:,} to {phase.end_sample:,}, {ends}; {large(phase.tokens)} tokens"),
        ("rate", f"{phase.first_rate:.4g} at the first step, {phase.last_rate:.4g} at the last"),
        ("memory", _memory_line(phase.memory, outlook.memory_bytes)),
        *([("states", _states_line(phase.memory))] if cost.gpus > 1 else []),
        ("time", f"{_duration(cost.days)} at {cost.step_seconds:.3g} s per step, {source}, on {_gpus(cost.gpus)}"),
        ("MFU", _mfu_line(cost.mfu, cost.is_measured)),
        ("cost", f"{cost.flops:.3g} FLOPs, {_hours(cost.gpu_hours)} GPU-hours, {large(cost.tokens_per_s)} tokens/s"),
    ]


def _mfu_line(mfu: Utilisation, is_measured: bool) -> str:
    between = f" ({mfu.low:.2f} to {mfu.high:.2f} by the rounding of the seconds)" if is_measured else ", assumed"
    line = f"{mfu.full:.1f} % with full attention{between}; {mfu.causal:.1f} % with the causal half"
    if mfu.published is None:
        return line
    return f"{line}; published {mfu.published:g} %, {'inside' if mfu.is_inside else 'OUTSIDE'} that interval"


def _memory_line(memory: Memory, available: float) -> str:
    parts = {
        "weights": memory.weights,
        "gradients": memory.gradients,
        "optimizer": memory.optimizer,
        "gathered": memory.gathered,
        "bf16 copies": memory.casts,
        "activations": memory.activations,
        "loss": memory.loss,
        "short-lived": memory.short_lived,
    }
    listed = ", ".join(f"{name} {_gib(size)}" for name, size in parts.items() if size)
    return (
        f"{_gib(memory.total)} of {_gib(available)} GiB per GPU, reckoned, not measured, most in the {memory.moment}: "
        f"{listed}; {memory.assumes}"
    )


def _states_line(memory: Memory) -> str:
    return (
        f"weights, gradients and moments {_gib(memory.states)} GiB per GPU; "
        f"{_gib(memory.megatron_states)} by Megatron-LM's distributed optimizer"
    )


def _print_domains(phase: PhaseOutlook, outlook: Outlook, console: Console) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=f"blend {escape(phase.blend)}", title_justify="left")
    for title, justify in (("domain", "left"), ("asked %", "right"), ("given %", "right"), ("tokens", "right")):
        table.add_column(title, justify="left" if justify == "left" else "right", overflow="fold")
    table.add_column("epochs", justify="right")
    table.add_column("read most often: epochs so far", overflow="fold")
    for domain in phase.domains:
        table.add_row(
            escape(domain.domain),
            f"{100 * domain.asked:.4g}",
            f"{100 * domain.given:.5f}",
            large(domain.samples * outlook.seq_len),
            f"{domain.epochs:.2f}",
            escape(_most_read(domain, phase.units)),
        )
    console.print(Padding(table, (0, 0, 0, 1)))
    farthest = max(phase.domains, key=lambda domain: domain.largest_deviation)
    unit, off = f"{farthest.domain}/{farthest.of_unit}", 100 * farthest.largest_deviation
    console.print(f"  shares of units are met to {off:.2g} % of themselves ({unit})", highlight=False, markup=False)


def _most_read(domain: DomainOutlook, units: tuple[UnitOutlook, ...]) -> str:
    """The units of a domain that were read most often, with their caps."""
    of_domain = [unit for unit in units if unit.domain == domain.domain]
    most = sorted(of_domain, key=lambda unit: (-unit.epochs, unit.unit))[:MOST_EPOCHS]
    shown = [f"{unit.unit} {unit.epochs:.2f}" + (f" of {unit.cap:g}" if unit.cap else "") for unit in most]
    return ", ".join(shown) + (f", {len(of_domain) - len(most):,} more" if len(of_domain) > len(most) else "")


def _print_totals(outlook: Outlook, console: Console) -> None:
    totals = outlook.totals
    over = f", {totals.overshoot_samples:,} beyond the plan's last" if totals.overshoot_samples else ""
    console.print("\n[bold]all phases[/bold]", highlight=False)
    rows = [
        ("steps", f"{totals.steps:,}"),
        ("samples", f"{totals.samples:,}{over}; {large(totals.tokens)} tokens"),
        ("cost", f"{totals.flops:.3g} FLOPs, {_hours(totals.gpu_hours)} GPU-hours, {_duration(totals.days)}"),
    ]
    _print_rows(rows, console)


def _print_rows(rows: list[tuple[str, str]], console: Console) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for word, content in rows:
        grid.add_row(f"  {word}", escape(content))
    console.print(grid, highlight=False)


def _gpus(count: int) -> str:
    return "1 GPU" if count == 1 else f"{count:,} GPUs"


def _duration(days: float) -> str:
    """In the largest unit of which there is at least a tenth."""
    for unit, of_day in (("days", 1), ("hours", 24), ("minutes", 24 * 60)):
        if days * of_day >= 0.1:
            return f"{days * of_day:,.1f} {unit}"
    return f"{days * 86_400:.1f} seconds"


def _hours(hours: float) -> str:
    return f"{hours:,.0f}" if hours >= 10 else f"{hours:.2g}"


def _gib(size: float) -> str:
    return f"{size / GIB:.2f}" if size < 100 * GIB else f"{size / GIB:,.0f}"


def large(number: float) -> str:
    """Four digits and a unit: 200.0 B, 1.2 M, 950."""
    for limit, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.4g} {unit}"
    return f"{number:.4g}"
