"""Where two texts differ, word by word: for people to look at, so white space does not count and long texts are cut."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|\w+|[^\w\s]")
"""A run of letters and digits, any other visible character, or a letter of a script that is written without spaces."""
MAX_WORDS = 5_000
"""Of either text, from the first difference on, that are compared: the time for it grows with their product."""
MAX_CHARACTERS = 200_000
"""Of a text that are looked at."""
CONTEXT = 120
"""Characters of what is equal that are shown on either side of a difference,"""
LONGEST = 600
"""and of what differs, from its start."""
ELLIPSIS = " … "


@dataclass(frozen=True)
class Piece:
    """A stretch of two texts that is equal in both, or differs; or `beyond`: was not compared."""

    kind: Literal["equal", "changed", "beyond"]
    left: str
    right: str


def differences(left: str, right: str) -> list[Piece]:
    """The pieces that two texts with any words are made of, in order: joined, they are what was looked at of them."""
    a, b = _Words(left[:MAX_CHARACTERS]), _Words(right[:MAX_CHARACTERS])
    shorter = min(len(a), len(b))
    start = next((k for k in range(shorter) if a.words[k] != b.words[k]), shorter)
    end = next((k for k in range(shorter - start) if a.words[-1 - k] != b.words[-1 - k]), shorter - start)
    inner_a, inner_b = a.words[start : len(a) - end], b.words[start : len(b) - end]
    found = [("equal", 0, start, 0, start)] if start else []
    found += [
        ("equal" if tag == "equal" else "changed", start + i1, start + i2, start + j1, start + j2)
        for tag, i1, i2, j1, j2 in _matched(inner_a[:MAX_WORDS], inner_b[:MAX_WORDS])
    ]
    if max(len(inner_a), len(inner_b)) > MAX_WORDS:
        # What only one has at the very end, the other may have right behind it.
        is_torn = found[-1][0] == "changed" and (found[-1][1] == found[-1][2] or found[-1][3] == found[-1][4])
        begin = found.pop() if is_torn else ("", found[-1][2], 0, found[-1][4], 0)
        found.append(("beyond", begin[1], len(a), begin[3], len(b)))
    elif end:
        found.append(("equal", len(a) - end, len(a), len(b) - end, len(b)))
    return [Piece(kind, a.between(i1, i2), b.between(j1, j2)) for kind, i1, i2, j1, j2 in found]  # type: ignore[arg-type]


def _matched(a: Sequence[str], b: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """What `difflib` finds. It sets out from rare words: from frequent ones it may take minutes, and tells less."""
    if a or b:
        yield from SequenceMatcher(None, a, b, autojunk=True).get_opcodes()


class _Words:
    """A text as words, each with the white space behind it."""

    def __init__(self, text: str) -> None:
        spans = [match.span() for match in WORD.finditer(text)]
        self.words = [text[begin:end] for begin, end in spans]
        self._text = text
        self._starts = [0, *(begin for begin, _ in spans[1:]), len(text)] if spans else [0]

    def __len__(self) -> int:
        return len(self.words)

    def between(self, begin: int, end: int) -> str:
        """The text of these words."""
        return self._text[self._starts[begin] : self._starts[end]]


def shortened(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces with the middle of what is equal, and the end of long differences, left out."""
    last = len(pieces) - 1
    return [
        Piece(one.kind, *(_cut(one.kind, text, number == 0, number == last) for text in (one.left, one.right)))
        for number, one in enumerate(pieces)
    ]


def _cut(kind: str, text: str, is_first: bool, is_last: bool) -> str:
    if kind == "equal":
        head, tail = 0 if is_first and not is_last else CONTEXT, 0 if is_last else CONTEXT
        if len(text) <= head + tail + len(ELLIPSIS):
            return text
        return text[:head] + ELLIPSIS + (text[-tail:] if tail else "")
    most = CONTEXT if kind == "beyond" else LONGEST
    return text if len(text) <= most else f"{text[:most]}{ELLIPSIS}({len(text) - most:,} characters more){ELLIPSIS}"
