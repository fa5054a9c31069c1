"""Every weight of a proposal: how sure it is, what it comes to in tokens and epochs, and which limit it stands at."""

from collections.abc import Iterator

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.materials import Materials
from trainer.mixture.proposal_file import ComponentProposal
from trainer.mixture.repetition import effective_tokens
from trainer.mixture.search import Search
from trainer.mixture.space import Space

AT = 1e-6
"""What stands nearer to a limit stands at it."""


def proposed_weights(
    found: Search, materials: Materials, current_PK: Floats, reference_PK: Floats
) -> tuple[ComponentProposal, ...]:
    """Phase after phase."""
    weights_PK = found.best_PK
    low_PK, high_PK = found.weight_intervals()
    phase_tokens_P = np.array(list(materials.phase_tokens.values()), np.float64)
    unique_K = np.array([material.tokens for material in materials.components.values()], np.float64)
    read_PK = np.cumsum(weights_PK * phase_tokens_P[:, None], axis=0)
    worth_PK = np.diff(effective_tokens(read_PK, unique_K), axis=0, prepend=0)
    bytes_PK = _byte_shares(weights_PK, materials)
    return tuple(
        ComponentProposal(
            phase=found.space.phases[place],
            component=found.space.components[name],
            weight=float(weights_PK[place, name]),
            low=float(min(low_PK[place, name], weights_PK[place, name])),
            high=float(max(high_PK[place, name], weights_PK[place, name])),
            byte_share=None if bytes_PK is None else float(bytes_PK[place, name]),
            current=float(current_PK[place, name]),
            reference=float(reference_PK[place, name]),
            tokens=round(float(weights_PK[place, name] * phase_tokens_P[place])),
            epochs=float(read_PK[place, name] / unique_K[name]),
            effective_tokens=float(worth_PK[place, name]),
            at_limit=", ".join(_limits(found.space, weights_PK, place, name)),
        )
        for place, name in np.ndindex(*found.space.shape)
    )


def _byte_shares(weights_PK: Floats, materials: Materials) -> Floats | None:
    """Shares of the bytes of text that is read; None where the bytes of a component are not known."""
    sizes = [(one.bytes, one.tokens) for one in materials.components.values()]
    if any(size is None for size, _ in sizes):
        return None
    bytes_PK = weights_PK * np.array([(size or 0) / tokens for size, tokens in sizes])
    shares_PK: Floats = bytes_PK / bytes_PK.sum(axis=1, keepdims=True)
    return shares_PK


def _limits(space: Space, weights_PK: Floats, place: int, name: int) -> Iterator[str]:
    """Bounds and constraints that hold this weight where it is, in words."""
    weight, least, most = (float(one[place, name]) for one in (weights_PK, space.lower_PK, space.upper_PK))
    if weight <= least + AT:
        yield f"min {least:g}"
    if weight >= most - AT:
        yield f"max {most:g}"
    feature = place * len(space.components) + name
    for label, row_F, limit in zip(space.labels_C, space.rows_CF, space.limits_C, strict=True):
        if row_F[feature] != 0 and row_F @ weights_PK.ravel() >= limit - AT * max(1.0, float(np.abs(row_F).max())):
            yield label
