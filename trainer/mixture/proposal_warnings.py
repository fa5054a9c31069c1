"""What a reader of a proposal must know before believing it."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from trainer.mixture.evidence import Evidence
from trainer.mixture.experiment import Caps
from trainer.mixture.materials import Materials
from trainer.mixture.proposal_file import Mixture
from trainer.mixture.search import Search
from trainer.mixture.static import CURRENT
from trainer.mixture.tried import Tried

FAR = 0.2
"""Share of the tokens: a swarm without a mixture nearer than this says little of one."""
SURE = 0.95
"""Of the interval that what was observed must lie outside of to be called a surprise."""
LOOSE = 0.2
"""Share of the tokens that resamples move on average: a fifth is what swarms of 64 runs leave open."""
APART = 0.2
"""Share of the tokens between the best of a mean and that of one of its laws, which is then named."""


def warnings_of(
    found: Search,
    evidence: Evidence,
    tried: Tried,
    materials: Materials,
    caps: Caps,
    judged: tuple[Sequence[Mixture], Mixture, Mixture],
) -> tuple[str, ...]:
    """In words, the gravest first. `judged` are static mixtures, the best and the worst."""
    statics, best, worst = judged
    return (
        *_of_ties(statics, best, worst, tried),
        *_of_runs(statics, found.coverage, tried),
        *_of_promise(best, tried),
        *_of_distance(found, evidence),
        *_of_looseness(found),
        *_of_members(found),
        *_of_epochs(found, materials, caps),
        *evidence.notes,
    )


def _of_ties(statics: Sequence[Mixture], best: Mixture, worst: Mixture, tried: Tried) -> Iterator[str]:
    today = next((one for one in statics if one.name == CURRENT), None)
    if worst.is_tied:
        yield "even the worst mixture that is allowed is tied with the best: this swarm does not tell mixtures apart"
    elif today is not None and today.is_tied:
        said = ""
        if today.observed is not None and tried.is_as_good(np.array(today.weights), best.objective):
            error = tried.error(np.array(today.weights))
            said = f" (trained, it came to {today.observed:+.3f} ± {error:.3f}; the law's best: {best.objective:+.3f})"
        yield f"today's mixture is tied with the best{said}: nothing here says that a change would help"


def _of_runs(statics: Sequence[Mixture], coverage: float, tried: Tried) -> Iterator[str]:
    """Static mixtures that came to what the law does not say, once where some of them are the same."""
    from scipy.stats import norm, t

    today_last = sorted(statics, key=lambda one: one.name == CURRENT)
    for weights, one in {one.weights: one for one in today_last}.items():
        if one.observed is None:
            continue
        of_law = (one.high - one.low) / 2 / float(norm.ppf((1 + coverage) / 2))
        error = math.hypot(of_law, tried.error(np.array(weights)))
        if abs(one.observed - one.objective) > float(t.ppf((1 + SURE) / 2, tried.degrees)) * error:
            yield (
                f"runs of {one.name} came to {one.observed:+.3f}, where the law says {one.objective:+.3f}: more than "
                "noise and what laws are off by allow; it may be as wrong of the best"
            )


def _of_promise(best: Mixture, tried: Tried) -> Iterator[str]:
    """Where the law has the best below all that it has seen, by more than it misses: the least of what a law says is
    where it errs downwards most, and neither noise nor other laws tell how much."""
    if best.objective < tried.least - tried.missed:
        yield (
            f"the law says {best.objective:+.3f} of the best, where the best run came to {tried.least:+.3f}: that is "
            f"extrapolated, and the least that a law says flatters; it missed unseen runs by {tried.missed:.2f}. "
            "Expect less, and add runs around it with `trainer mix design --more` or validate"
        )


def _of_distance(found: Search, evidence: Evidence) -> Iterator[str]:
    apart_NP = 0.5 * np.abs(evidence.weights_NPK - found.best_PK).sum(axis=2)
    nearest = float((apart_NP @ found.aim.shares_P).min())
    if nearest > FAR:
        yield (
            f"the best differs from every run in {nearest:.0%} of the tokens or more: the law extrapolates; add runs "
            "around it with `trainer mix design --more`"
        )


def _of_looseness(found: Search) -> Iterator[str]:
    apart_RP = 0.5 * np.abs(found.optima_RPK - found.best_PK).sum(axis=2)
    moved = float((apart_RP @ found.aim.shares_P).mean())
    if moved > LOOSE:
        yield f"other outcomes of the same runs would move {moved:.0%} of the tokens on average: more runs would help"


def _of_members(found: Search) -> Iterator[str]:
    """Laws of a mean that would propose something else by themselves; intervals are as wide as they differ."""
    moved = {
        name: float(0.5 * np.abs(own_PK - found.best_PK).sum(axis=1) @ found.aim.shares_P)
        for name, own_PK in found.alone.items()
    }
    told = [f"{name} alone would move {share:.0%} of the tokens" for name, share in moved.items() if share > APART]
    if told:
        yield f"laws disagree: {', '.join(told)}; runs between the best and theirs would tell which is right"


def _of_epochs(found: Search, materials: Materials, caps: Caps) -> Iterator[str]:
    read_K = np.array(list(materials.phase_tokens.values()), np.float64) @ found.best_PK
    for (name, material), tokens in zip(materials.components.items(), read_K.tolist(), strict=True):
        if tokens / material.tokens > caps.warn_epochs:
            yield f"{name} is read {tokens / material.tokens:.1f} times in the full run"
