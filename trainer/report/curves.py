"""Long columns as short ones: a chart has as many points as its width can show, whatever the log has."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

POINTS = 360
"""Of a curve at most: one for two units of a chart's width."""


@dataclass(frozen=True)
class Curve:
    """Points in order; each stands for the values of a part of the run."""

    samples: tuple[float, ...]
    least: tuple[float, ...]
    mean: tuple[float, ...]
    most: tuple[float, ...]

    @property
    def is_thinned(self) -> bool:
        """Whether any point stands for several values."""
        return self.least != self.most


def curve(samples: Sequence[float], values: Sequence[float], points: int = POINTS) -> Curve:
    """The curve of these values, `samples` rising; values that are not finite leave a gap."""
    at, what = np.asarray(samples, np.float64), np.asarray(values, np.float64)
    is_there = np.isfinite(what)
    at, what = at[is_there], what[is_there]
    if len(at) <= points:
        exact = tuple(what.tolist())
        return Curve(tuple(at.tolist()), exact, exact, exact)
    span = max(at[-1] - at[0], 1.0)
    parts = np.minimum((at - at[0]) / span * points, points - 1).astype(np.int64)
    starts = np.flatnonzero(np.diff(parts, prepend=-1))
    sizes = np.diff(np.append(starts, len(at)))
    return Curve(
        tuple((np.add.reduceat(at, starts) / sizes).tolist()),
        tuple(np.minimum.reduceat(what, starts).tolist()),
        tuple((np.add.reduceat(what, starts) / sizes).tolist()),
        tuple(np.maximum.reduceat(what, starts).tolist()),
    )
