"""The learning rate of a plan as one schedule of Megatron-LM, where it is one."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from trainer.course import SettledRate

Flags = Mapping[str, tuple[str, ...]]
"""Values by the name of the argument; a switch has none."""

DECAYS = {"linear": "linear", "cosine": "cosine", "one_minus_square_root": "minus_sqrt"}
"""Our shapes by the names that Megatron has for the decay of WSD. Its exponential one is another curve."""


def rate_flags(rates: Sequence[SettledRate]) -> Flags | None:
    """What makes Megatron's rate after so many samples that of `rates`; None where nothing does.

    It knows a linear warm-up, then a constant rate, an inverse square root, a decay, or a constant rate with a decay
    (WSD); and the lowest rate from there on.
    """
    if any(before.end_rate != after.start_rate for before, after in pairwise(rates)):
        return None
    warm_up, rest = _parted(rates)
    if not rest:
        return None
    highest = rest[0].start_rate
    flags = {"--lr": (repr(highest),)}
    if warm_up is not None:
        flags["--lr-warmup-samples"] = (str(warm_up.end),)
        if warm_up.start_rate:
            flags["--lr-warmup-init"] = (repr(warm_up.start_rate),)
    shapes = [piece.shape for piece in rest]
    if shapes == ["constant"]:
        return flags | {"--lr-decay-style": ("constant",)}
    if shapes == ["inverse_square_root"]:
        return flags | _decay("inverse-square-root", rest[0], 0.0) if warm_up is not None else None
    if shapes[-1] == "constant" and len(rest) > 1:
        rest = rest[:-1]
    if rest[-1].shape not in DECAYS or rest[-1].end_rate > highest:
        return None
    last = rest[-1]
    if len(rest) == 1 and last.shape != "one_minus_square_root":
        return flags | _decay(last.shape, last, last.end_rate)
    if len(rest) == 1 or [piece.shape for piece in rest[:-1]] == ["constant"]:
        length = {
            "--lr-wsd-decay-style": (DECAYS[last.shape],),
            "--lr-wsd-decay-samples": (str(last.end - last.first),),
        }
        return flags | _decay("WSD", last, last.end_rate) | length
    return None


def _parted(rates: Sequence[SettledRate]) -> tuple[SettledRate | None, Sequence[SettledRate]]:
    """The warm-up, if there is one, and what follows."""
    if rates[0].shape == "linear" and rates[0].end_rate > rates[0].start_rate:
        return rates[0], rates[1:]
    return None, rates


def _decay(style: str, piece: SettledRate, lowest: float) -> dict[str, tuple[str, ...]]:
    return {
        "--lr-decay-style": (style,),
        "--lr-decay-samples": (str(piece.end),),
        "--min-lr": (repr(lowest),),
    }
