"""What must not be overlooked in a fit: said on the terminal, in `fit.json` and in the report."""

from collections.abc import Iterator, Sequence
from statistics import median

from trainer.mixture.fit_file import AnchorScore, Learning, OutOfFold, Score, TargetSummary

LEAST_SIGNAL = 2.0
"""Spread over the swarm against noise: below it the order of mixtures is mostly chance."""
GOOD = 0.9
"""Spearman out of fold that a law should come to, and checkpoints should agree with."""
FAR = 3.0
"""Usual errors by which a mixture that is predicted from all others may miss."""
MEDIAN_OF_NORMAL = 0.6745
"""Of the absolute value of a standard normal variable: errors are usual by their median, which outliers cannot move."""
HELPS = 0.02
"""Spearman that twice the runs should bring to be worth them: less is chance (measured on RegMix's runs)."""


def warnings_of(
    law: str,
    summaries: Sequence[TargetSummary],
    scores: Sequence[Score],
    anchors: Sequence[AnchorScore],
    out_of_fold: Sequence[OutOfFold],
    learning: Sequence[Learning],
    checkpoints: Sequence[tuple[int, str, float]],
) -> tuple[str, ...]:
    """All of them, of the law `law`, in words with numbers."""
    return (
        *_noise(summaries),
        *_scores(law, scores),
        *_anchors(anchors, out_of_fold),
        *_learning(learning),
        *_checkpoints(checkpoints),
    )


def _noise(summaries: Sequence[TargetSummary]) -> Iterator[str]:
    if any(one.noise is None for one in summaries):
        yield "no mixture was trained twice: nothing tells noise from signal (`swarm.repeats`)"
    for one in summaries:
        if one.signal_to_noise is not None and one.signal_to_noise < LEAST_SIGNAL:
            yield (
                f"{one.target}: noise of the size of the signal: mixtures spread by {one.spread:.2g}, "
                f"repeats of one by {one.noise:.2g}, a ratio of {one.signal_to_noise:.1f}, below {LEAST_SIGNAL:g}"
            )


def _scores(law: str, scores: Sequence[Score]) -> Iterator[str]:
    """Where the law is no better than a trivial rule, or not good."""
    for own in scores:
        if own.predictor != law:
            continue
        said = "none" if own.spearman is None else f"{own.spearman:.3f}"
        rules = [one for one in scores if one.is_trivial and one.target == own.target and one.spearman is not None]
        best = max(rules, key=lambda one: one.spearman or 0.0, default=None)
        if best is not None and (best.spearman or 0.0) >= (own.spearman or 0.0):
            yield (
                f"{own.target}: {best.predictor!r} ranks mixtures as well as the {law} law, or better: Spearman "
                f"{best.spearman:.3f} against {said}"
            )
        elif (own.spearman or 0.0) < GOOD:
            yield f"{own.target}: Spearman of the {law} law on mixtures not seen is {said}, below {GOOD:g}"


def _anchors(anchors: Sequence[AnchorScore], out_of_fold: Sequence[OutOfFold]) -> Iterator[str]:
    """Mixtures at the edge that the law misses by more than it misses others."""
    residuals: dict[str, list[float]] = {}
    for seen in out_of_fold:
        residuals.setdefault(seen.target, []).append(abs(seen.predicted - seen.observed))
    for one in anchors:
        missed, usual = abs(one.predicted - one.observed), median(residuals[one.target]) / MEDIAN_OF_NORMAL
        if missed > FAR * usual:
            name = f"{one.kind} {one.of}".strip()
            yield (
                f"{one.target}: extrapolation fails at {name} ({one.run}): predicted {one.predicted:.4g}, "
                f"observed {one.observed:.4g}, off by {missed:.2g} where {usual:.2g} is usual"
            )


def _learning(learning: Sequence[Learning]) -> Iterator[str]:
    """Targets whose curve still rises where it ends."""
    for target in dict.fromkeys(one.target for one in learning):
        curve = sorted((one for one in learning if one.target == target), key=lambda one: one.runs)
        last = curve[-1]
        half = [one for one in curve if one.runs <= 0.6 * last.runs]
        if half and last.spearman - half[-1].spearman > max(HELPS, half[-1].deviation):
            yield (
                f"{target}: more runs would help: Spearman rose from {half[-1].spearman:.2f} with {half[-1].runs:,} "
                f"mixtures to {last.spearman:.2f} with {last.runs:,}"
            )


def _checkpoints(checkpoints: Sequence[tuple[int, str, float]]) -> Iterator[str]:
    """Targets whose order still changes between the last two measurements."""
    latest = max((tokens for tokens, _, _ in checkpoints), default=0)
    for tokens, target, correlation in checkpoints:
        if tokens == latest and correlation < GOOD:
            yield (
                f"{target}: longer proxies may say otherwise: the order at {tokens:,} tokens agrees with the last one "
                f"by {correlation:.2f} only (Spearman)"
            )
