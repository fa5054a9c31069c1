"""What the law foretells against what runs come to; how that grows with runs and with longer proxies."""

from collections.abc import Mapping, Sequence

from datapipe.report.scales import Scale
from trainer.mixture.comparison import OBJECTIVE
from trainer.mixture.fit_file import AnchorScore, Fit, OutOfFold
from trainer.mixture.report.gathering import Gathered
from trainer.mixture.report.panel import (
    Line,
    Mark,
    Panel,
    across_bar,
    across_scale,
    band,
    points,
    ticks,
    up_scale,
)
from trainer.mixture.report.scores import Duel, duels, judged, mean
from trainer.mixture.report.ternary import run_title
from trainer.report.charts import COLOURS, short

BETWEEN = 34
"""Numbers below an axis stand so far apart at least."""
COLOURED = 4
"""Lines with colours and bands of their own; where there are more they are pale, beside their mean."""


def predicted_against_observed(found: Gathered) -> list[Panel]:
    """A chart for every target."""
    fit = found.fit
    if fit is None:
        return []
    law = judged(fit, found.experiment.propose.predictor)
    panels = []
    for duel in duels(fit, law):
        seen = [one for one in fit.out_of_fold if one.target == duel.target]
        apart = [one for one in fit.anchors if one.target == duel.target]
        if seen:
            panels.append(_panel(found, duel, seen, apart))
    return panels


def learning_curve(fit: Fit) -> Panel | None:
    """Rank correlation with runs not seen, by the number of runs that were; None where there is nothing to draw."""
    sizes = sorted({one.runs for one in fit.learning})
    if len(sizes) < 2:
        return None
    by_target = {
        target: [(one.runs, one.spearman, one.deviation) for one in fit.learning if one.target == target]
        for target in dict.fromkeys(one.target for one in fit.learning)
    }
    is_many = len(by_target) > COLOURED
    about = "Across: mixtures the law was fitted to. "
    about += "Pale: targets." if is_many else "Bands: one standard deviation over draws of so many."
    return _curves("With fewer mixtures", about, "mixtures", by_target)


def longer_proxies(fit: Fit) -> Panel | None:
    """Rank correlation of earlier checkpoints with the last; None where there is only one."""
    if len({tokens for tokens, _, _ in fit.checkpoints}) < 2:
        return None
    by_target = {
        target: [(tokens, value, 0.0) for tokens, name, value in fit.checkpoints if name == target]
        for target in dict.fromkeys(name for _, name, _ in fit.checkpoints)
    }
    about = (
        "Across: tokens of an earlier checkpoint. Where it is near 1 before the end, longer proxies would say the same."
    )
    return _curves("With shorter proxies", about, "tokens", by_target)


def _panel(found: Gathered, duel: Duel, seen: Sequence[OutOfFold], apart: Sequence[AnchorScore]) -> Panel:
    kinds = {run.id: run_title(run.id, run.kind, run.of) for run in found.swarm.runs}
    ranks = found.best_rank
    values = [value for one in seen for value in (one.predicted - one.spread, one.predicted + one.spread, one.observed)]
    values += [value for one in apart for value in (one.predicted, one.observed)]
    across, up = across_scale(values), up_scale(values)
    marks = [_seen(one, kinds.get(one.run, one.run), ranks, across, up) for one in seen]
    marks += [_apart(one, across, up) for one in apart]
    errors = "".join(
        across_bar(
            across.place(one.predicted - one.spread), across.place(one.predicted + one.spread), up.place(one.observed)
        )
        for one in seen
    )
    corners = points([(across.start, up.place(across.least)), (across.end, up.place(across.most))])
    rule = f"; {duel.rule} {duel.rule_spearman:.3f}" if duel.rule_spearman is not None else ""
    about = f"Spearman {duel.law:.3f}{rule}" if duel.law is not None else "No rank correlation is defined."
    return Panel(
        duel.target,
        about,
        f"{duel.target}: predicted against observed",
        "predicted",
        "observed",
        ticks(across),
        ticks(up),
        tuple(marks),
        errors,
        (Line("even", corners),),
    )


def _seen(one: OutOfFold, title: str, ranks: Mapping[str, float], across: Scale, up: Scale) -> Mark:
    tip = f"{title}: predicted {one.predicted:.4g} ± {one.spread:.2g}, observed {one.observed:.4g}"
    rank = 100 * ranks[one.run] if one.run in ranks else None
    return Mark(across.place(one.predicted), up.place(one.observed), "run", tip, one.run, rank)


def _apart(one: AnchorScore, across: Scale, up: Scale) -> Mark:
    tip = f"{run_title(one.run, one.kind, one.of)}, foretold from other mixtures only: "
    tip += f"predicted {one.predicted:.4g}, observed {one.observed:.4g}"
    return Mark(across.place(one.predicted), up.place(one.observed), "apart", tip, one.run)


def _curves(title: str, about: str, unit: str, by_target: dict[str, list[tuple[int, float, float]]]) -> Panel:
    rows = {name: sorted(row) for name, row in by_target.items()}
    xs = sorted({x for row in rows.values() for x, _, _ in row})
    is_many = len(rows) > COLOURED
    ends = [1.0, *(value for row in rows.values() for _, y, s in row for value in (y if is_many else y - s, y))]
    across, up = across_scale([float(x) for x in xs]), up_scale(ends)
    lines, bands, marks = [], [], []
    for place, (name, row) in enumerate(rows.items()):
        colour = "pale" if is_many else COLOURS[place]
        lines.append(Line(colour, points((across.place(x), up.place(y)) for x, y, _ in row), "" if is_many else name))
        if not is_many and any(s for _, _, s in row):
            edges = [[up.place(min(y + sign * s, up.most)) for _, y, s in row] for sign in (-1, 1)]
            bands.append(Line(colour, band([across.place(x) for x, _, _ in row], *edges)))
        marks += [
            Mark(
                across.place(x),
                up.place(y),
                f"dot {colour}",
                f"{name}: {y:.3f}{f' ± {s:.3f}' if s else ''} at {_amount(x, unit)}",
            )
            for x, y, s in row
        ]
    if is_many:
        name, strong = _strong(rows, xs)
        lines.append(Line("s5 strong", points((across.place(x), up.place(y)) for x, y in strong), name))
        marks += [
            Mark(across.place(x), up.place(y), "dot s5", f"{name}: {y:.3f} at {_amount(x, unit)}") for x, y in strong
        ]
    marked = tuple((short(x) if x >= 10_000 else f"{x:,}", across.place(x)) for x in _apart_enough(xs, across))
    return Panel(title, about, title, unit, "Spearman", marked, ticks(up), tuple(marks), "", tuple(lines), tuple(bands))


def _apart_enough(xs: Sequence[int], across: Scale) -> list[int]:
    """Those that can be written side by side, the last among them."""
    chosen: list[int] = []
    for x in reversed(xs):
        if not chosen or across.place(chosen[0]) - across.place(x) >= BETWEEN:
            chosen.insert(0, x)
    return chosen


def _strong(
    rows: Mapping[str, Sequence[tuple[int, float, float]]], xs: Sequence[int]
) -> tuple[str, list[tuple[int, float]]]:
    """The line that stands out among many: the objective's, else their mean."""
    if OBJECTIVE in rows:
        return OBJECTIVE, [(x, y) for x, y, _ in rows[OBJECTIVE]]
    means = [(x, mean(y for row in rows.values() for at, y, _ in row if at == x) or 0.0) for x in xs]
    return "mean of all targets", means


def _amount(value: int, unit: str) -> str:
    return f"{short(value) if value >= 10_000 else f'{value:,}'} {unit}"
