"""What one objective costs another, and what nearness to the reference costs."""

import itertools

from datapipe.report.words import percent
from trainer.mixture.phases import in_phase
from trainer.mixture.proposal_file import Mixture, ParetoPoint, Proposal
from trainer.mixture.report.panel import Line, Mark, Panel, across_scale, points, ticks, up_bar, up_scale
from trainer.report.charts import COLOURS

PAIRS = 6
"""Pairs of objectives that are drawn, at most."""


def pareto_panels(proposal: Proposal) -> list[Panel]:
    """A chart for every pair of objectives: the mixtures that no other beats in all of them."""
    pairs = itertools.combinations(range(len(proposal.objectives)), 2)
    return [_pair(proposal, *pair) for pair in itertools.islice(pairs, PAIRS)] if len(proposal.pareto) > 1 else []


def reference_of(proposal: Proposal) -> str:
    """What the proposal is held near to, for people."""
    return "today's mixture" if proposal.reference == "current" else proposal.reference


def kl_panel(proposal: Proposal) -> Panel | None:
    """Objective over divergence from the reference, a point for every strength; None where there are no two."""
    path = sorted(proposal.kl_path, key=lambda one: one.divergence)
    if len(path) < 2:
        return None
    across = across_scale([one.divergence for one in path])
    up = up_scale([value for one in path for value in (one.mixture.low, one.mixture.high, one.mixture.objective)])
    places = [(across.place(one.divergence), up.place(one.mixture.objective)) for one in path]
    marks = [
        Mark(
            x,
            y,
            "best" if one.kl == proposal.kl else "dot s5",
            f"KL weight {one.kl:g}: objective {one.mixture.objective:.3f} ({one.mixture.low:.3f} to "
            f"{one.mixture.high:.3f}), {one.divergence:.3f} nats from {reference_of(proposal)}",
        )
        for one, (x, y) in zip(path, places, strict=True)
    ]
    bars = "".join(
        up_bar(x, up.place(one.mixture.low), up.place(one.mixture.high))
        for one, (x, _) in zip(path, places, strict=True)
    )
    return Panel(
        "What nearness costs",
        f"Each point is the optimum at one strength; bars are {100 * proposal.interval:g} % intervals.",
        "Objective over divergence from the reference",
        f"nats from {reference_of(proposal)}",
        "objective",
        ticks(across),
        ticks(up),
        tuple(marks),
        bars,
        (Line("s5", points(places)),),
    )


def kl_weights(proposal: Proposal) -> list[Panel]:
    """Weights over divergence, a chart for every phase; [] where the path has no two points or too many components."""
    path = sorted(proposal.kl_path, key=lambda one: one.divergence)
    if len(path) < 2 or len(proposal.components) > len(COLOURS):
        return []
    across = across_scale([one.divergence for one in path])
    found = []
    for phase, phase_name in enumerate(proposal.phases):
        up = up_scale([0.0, *(100 * weight for one in path for weight in one.mixture.weights[phase])])
        lines, marks = [], []
        for place, name in enumerate(proposal.components):
            shares = [one.mixture.weights[phase][place] for one in path]
            places = [
                (across.place(one.divergence), up.place(100 * share)) for one, share in zip(path, shares, strict=True)
            ]
            lines.append(Line(COLOURS[place], points(places), name))
            marks += [
                Mark(x, y, f"dot {COLOURS[place]}", f"{name} {percent(share)} at KL weight {one.kl:g}")
                for one, share, (x, y) in zip(path, shares, places, strict=True)
            ]
        of = in_phase(phase_name, proposal.phases)
        found.append(
            Panel(
                f"Weights on the way{of}",
                "From near the reference, on the left, to the law's own optimum.",
                f"Weights over divergence from the reference{of}",
                f"nats from {reference_of(proposal)}",
                "percent of tokens",
                ticks(across),
                ticks(up),
                tuple(marks),
                "",
                tuple(lines),
            )
        )
    return found


def _pair(proposal: Proposal, first: int, second: int) -> Panel:
    names = proposal.objectives
    front = sorted(proposal.pareto, key=lambda one: one.objectives[first])
    across = across_scale([one.objectives[first] for one in front])
    up = up_scale([one.objectives[second] for one in front])
    places = [(across.place(one.objectives[first]), up.place(one.objectives[second])) for one in front]
    marks = [Mark(x, y, "pareto", _told(proposal, one)) for one, (x, y) in zip(front, places, strict=True)]
    lines = (Line("pale", points(places)),) if len(names) == 2 else ()
    return Panel(
        f"{names[first]} and {names[second]}",
        "Lower is better: what is down and to the left beats the rest.",
        f"{names[second]} over {names[first]}",
        names[first],
        names[second],
        ticks(across),
        ticks(up),
        tuple(marks),
        "",
        lines,
    )


def _told(proposal: Proposal, one: ParetoPoint) -> str:
    reached = ", ".join(f"{name} {value:.3f}" for name, value in zip(proposal.objectives, one.objectives, strict=True))
    weights = "; ".join(
        ", ".join(f"{name} {percent(value)}" for name, value in zip(proposal.components, row, strict=True))
        for row in one.weights
    )
    return f"{reached}. {weights}"


def side_by_side(proposal: Proposal) -> list[tuple[str, Mixture]]:
    """Mixtures with their names for people, best first."""
    named = [("proposal", proposal.best), ("tied, nearest to today", proposal.nearest_tied)]
    named += [("today" if one.name == "current" else one.name, one) for one in proposal.statics]
    return sorted([*named, ("the worst allowed", proposal.worst)], key=lambda one: one[1].objective)
