"""What the learning rate is inside one piece: a pure function of the samples seen."""

from collections.abc import Callable
from math import cos, pi, sqrt

from trainer.course import SettledRate

Curve = Callable[[float, float, float], float]
"""Rate where a share f of a piece from `start` to `end` is done."""

CURVES: dict[str, Curve] = {
    "linear": lambda start, end, f: start + (end - start) * f,
    "constant": lambda start, end, f: start,
    # Half a wave, as in SGDR (arXiv 1608.03983), equation 5.
    "cosine": lambda start, end, f: end + (start - end) * (1 + cos(pi * f)) / 2,
    # Falls by the same factor over every equal stretch.
    "exponential": lambda start, end, f: start * (end / start) ** f,
    # The decay at the end of WSD that Haegele et al. 2024 (arXiv 2405.18392) found best: 1 - sqrt(f).
    "one_minus_square_root": lambda start, end, f: end + (start - end) * (1 - sqrt(f)),
}
"""All shapes but inverse_square_root, which knows no end."""


def inverse_square_root(start: float, first: int, samples_seen: float) -> float:
    """`start` * sqrt(t0 / t), as after the warm-up of Vaswani et al. 2017 (arXiv 1706.03762).

    Both times are counted from the plan's sample 0: t is now, and t0 > 0 is where the piece begins.
    """
    return start * sqrt(first / samples_seen)


def rate_inside(piece: SettledRate, samples_seen: int) -> float:
    """The rate of a piece at a sample; before its first it is that of its first, after its end that of its end."""
    if samples_seen <= piece.first:
        return piece.start_rate
    if samples_seen >= piece.end:
        return piece.end_rate
    if piece.shape == "inverse_square_root":
        return inverse_square_root(piece.start_rate, piece.first, samples_seen)
    share_done = (samples_seen - piece.first) / (piece.end - piece.first)
    return CURVES[piece.shape](piece.start_rate, piece.end_rate, share_done)
