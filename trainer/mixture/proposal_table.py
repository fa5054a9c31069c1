"""A proposal on the terminal."""

from collections.abc import Iterator
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from trainer.mixture.proposal_file import FILE, ComponentProposal, Mixture, Proposal
from trainer.reckoning.plan_report import large

SHOWN = 4
"""Components whose weights along the path of divergences stand in the last table: those of the last phase."""


def print_proposal(proposal: Proposal, output: Path, console: Console) -> None:
    """All that fits a screen."""
    runs = f"{proposal.resamples:,} resamples, {proposal.interval:.0%} intervals"
    held = f"held to {proposal.reference} by {proposal.kl:g} x divergence"
    console.print(f"[bold]{escape(proposal.experiment)}[/bold]: {proposal.predictor}, {held}, {runs}", highlight=False)
    for phase in proposal.phases:
        console.print(_weights(proposal, phase))
    console.print(_mixtures(proposal))
    console.print(_path(proposal))
    if proposal.pareto:
        names = " / ".join(proposal.objectives)
        console.print(f"Pareto front between {escape(names)}: {len(proposal.pareto)} mixtures", highlight=False)
    for warning in proposal.warnings:
        console.print(f"[bold]note:[/bold] {escape(warning)}", highlight=False)
    files = [FILE, *([proposal.plan] if proposal.plan else [])]
    console.print(f"written: {', '.join(str(output / name) for name in files)}", highlight=False, soft_wrap=True)


def _weights(proposal: Proposal, phase: str) -> Table:
    table = Table(box=SIMPLE_HEAD, title=phase if len(proposal.phases) > 1 else None, title_justify="left")
    for name in ("component", "weight", "interval", "today", "held to", "tokens", "epochs", "at"):
        table.add_column(escape(name), justify="left" if name in ("component", "at") else "right", no_wrap=name != "at")
    for one in proposal.weights:
        if one.phase == phase:
            table.add_row(*(escape(cell) for cell in _cells(one)))
    return table


def _cells(one: ComponentProposal) -> Iterator[str]:
    yield one.component
    yield f"{one.weight:.1%}"
    yield f"{100 * one.low:.1f}-{one.high:.1%}"
    yield "-" if one.current is None else f"{one.current:.1%}"
    yield f"{one.reference:.1%}"
    yield large(one.tokens)
    yield "-" if one.epochs is None else f"{one.epochs:.2f}"
    yield one.at_limit


def _mixtures(proposal: Proposal) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for name in ("mixture", "objective", "interval", "its runs", "tied"):
        table.add_column(name, justify="left" if name == "mixture" else "right", no_wrap=True)
    for one in _shown(proposal):
        table.add_row(
            escape(one.name),
            f"{one.objective:+.3f}",
            f"{one.low:+.3f} .. {one.high:+.3f}",
            "" if one.observed is None else f"{one.observed:+.3f}",
            "yes" if one.is_tied else "",
        )
    return table


def _shown(proposal: Proposal) -> Iterator[Mixture]:
    """The best, the nearest tied, static ones by objective, the worst."""
    yield proposal.best
    yield proposal.nearest_tied
    yield from sorted(proposal.statics, key=lambda one: one.objective)
    yield proposal.worst


def _path(proposal: Proposal) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for name in ("kl", "objective", "nats away", "tied", *(escape(name) for name in proposal.components[:SHOWN])):
        table.add_column(name, justify="right", no_wrap=True)
    for point in proposal.kl_path:
        weights = (f"{weight:.1%}" for weight in point.mixture.weights[-1][:SHOWN])
        tied = "yes" if point.mixture.is_tied else ""
        table.add_row(f"{point.kl:g}", f"{point.mixture.objective:+.3f}", f"{point.divergence:.3f}", tied, *weights)
    return table
