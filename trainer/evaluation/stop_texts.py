"""Texts that end an answer: looked for while it is written, and cut off when it is."""

from collections.abc import Callable, Sequence


def ends(decode: Callable[[Sequence[int]], str], ids: Sequence[int], stops: Sequence[str]) -> bool:
    """Whether the last id finishes one of the stops. Only so many ids are decoded as can have a part in one: every id
    has a byte of text at least, but for the first of a text, whose space some tokenizers take."""
    if not stops:
        return False
    last = decode(ids[-(max(len(stop.encode()) for stop in stops) + 1) :])
    return any(stop in last for stop in stops)


def cut(text: str, stops: Sequence[str]) -> str:
    """What stands before the first of the stops."""
    places = [place for stop in stops if (place := text.find(stop)) >= 0]
    return text[: min(places)] if places else text
