"""What a reader of a proposal must know before believing it."""

from collections.abc import Iterator, Mapping

import numpy as np

from trainer.mixture.evidence import Evidence
from trainer.mixture.experiment import Caps
from trainer.mixture.materials import Materials
from trainer.mixture.proposal_file import Mixture
from trainer.mixture.search import Search
from trainer.mixture.static import CURRENT

FAR = 0.2
"""Share of the tokens: a swarm without a mixture nearer than this says little of one."""
LOOSE = 0.2
"""Share of the tokens that resamples move on average: a fifth is what swarms of 64 runs leave open."""


def warnings_of(
    found: Search, evidence: Evidence, materials: Materials, caps: Caps, statics: Mapping[str, Mixture], worst: Mixture
) -> tuple[str, ...]:
    """In words, the gravest first."""
    return (
        *_of_ties(statics, worst),
        *_of_distance(found, evidence),
        *_of_looseness(found),
        *_of_epochs(found, materials, caps),
        *evidence.notes,
    )


def _of_ties(statics: Mapping[str, Mixture], worst: Mixture) -> Iterator[str]:
    if worst.is_tied:
        yield "even the worst mixture that is allowed is tied with the best: this swarm does not tell mixtures apart"
    elif CURRENT in statics and statics[CURRENT].is_tied:
        yield "today's mixture is tied with the best: nothing here says that a change would help"


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


def _of_epochs(found: Search, materials: Materials, caps: Caps) -> Iterator[str]:
    read_K = np.array(list(materials.phase_tokens.values()), np.float64) @ found.best_PK
    for (name, material), tokens in zip(materials.components.items(), read_K.tolist(), strict=True):
        if tokens / material.tokens > caps.warn_epochs:
            yield f"{name} is read {tokens / material.tokens:.1f} times in the full run"
