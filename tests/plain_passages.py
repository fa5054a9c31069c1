"""Lines, paragraphs, sentences and the removal of repeated passages in plain Python, as the definitions read."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from datapipe.kernels.case_data import FOLDED
from datapipe.kernels.unicode_classes import CLOSING, LETTER, NUMBER, TERMINAL, classes_of
from tests.plain_text import SPACES, category, is_blank, lines_of

CASE = {int(letter, 16): int(folded, 16) for letter, folded in (item.split(":") for item in FOLDED.split())}
Place = tuple[int, int]
Passage = tuple[str, ...]


def units_of(text: str, unit: str) -> list[Place]:
    """Start and end of every unit, in characters."""
    lines: list[Place] = []
    start = 0
    for line in lines_of(text):
        lines.append((start, start + len(line)))
        start += len(line) + 1
    filled = [(start, end) for start, end in lines if not is_blank(text[start:end])]
    if unit == "line":
        return filled
    if unit == "sentence":
        return [place for start, end in filled for place in _sentences(text, start, end)]
    paragraphs: list[Place] = []
    for start, end in filled:
        if paragraphs and paragraphs[-1][1] + 1 == start:
            paragraphs[-1] = (paragraphs[-1][0], end)
        else:
            paragraphs.append((start, end))
    return paragraphs


def _sentences(text: str, start: int, end: int) -> list[Place]:
    found: list[Place] = []
    while start < end:
        while start < end and text[start] in SPACES:
            start += 1
        behind = next((k for k in range(start + 1, end + 1) if _ends_sentence(text, start, k, end)), end)
        piece = text[start:behind].rstrip(SPACES)
        if any(classes_of(ord(one)) & (LETTER | NUMBER) for one in piece) or (piece and not found):
            found.append((start, start + len(piece)))
        elif piece:
            found[-1] = (found[-1][0], start + len(piece))
        start = behind
    return found


def _ends_sentence(text: str, start: int, behind: int, end: int) -> bool:
    """Whether text[start:behind] has something to end, and closes with marks after which nothing closes any more."""
    marks = behind
    while marks > start and classes_of(ord(text[marks - 1])) & (TERMINAL | CLOSING):
        marks -= 1
    # A closing mark before the first terminal one does not end anything.
    while marks < behind and not classes_of(ord(text[marks])) & TERMINAL:
        marks += 1
    if marks == behind or not any(classes_of(ord(one)) & (LETTER | NUMBER) for one in text[start:marks]):
        return False
    if behind < end and classes_of(ord(text[behind])) & (TERMINAL | CLOSING):
        return False
    has_other = any(ord(one) >= 0x80 and classes_of(ord(one)) & TERMINAL for one in text[marks:behind])
    return has_other or behind == end or text[behind] in SPACES


def what_counts(text: str) -> str:
    """A unit as it is compared."""
    kept = []
    for character in text.translate(CASE):
        kind = category(character)
        if character in SPACES:
            kept.append(" ")
        elif kind[0] != "P" and kind not in ("Cc", "Cf"):
            kept.append("0" if kind == "Nd" else character)
    return re.sub(" +", " ", "".join(kept)).strip(" ")


def passages_of(text: str, unit: str, span: int, least: int) -> list[Passage | None]:
    """The passages of a text; None for one that is too short."""
    units = [what_counts(text[start:end]) for start, end in units_of(text, unit)]
    windows = [tuple(units[k : k + span]) for k in range(len(units) - span + 1)]
    return [one if sum(map(len, one)) >= least else None for one in windows]


def without_units(text: str, unit: str, gone: Sequence[int]) -> str:
    """A text without the units of these numbers."""
    units = units_of(text, unit)
    kept = [number for number in range(len(units)) if number not in set(gone)]
    if not gone:
        return text
    if not kept:
        return ""
    gaps = [text[one[1] : other[0]] for one, other in pairwise(units)]
    written = text[: units[0][0]] if kept[0] == 0 else ""
    for number, following in zip(kept, [*kept[1:], None], strict=True):
        written += text[slice(*units[number])]
        if following is not None:
            written += max(gaps[number:following], key=lambda gap: gap.count("\n"))
        elif number == len(units) - 1:
            written += text[units[-1][1] :]
    return written


def without_repeated(
    texts: Sequence[str], unit: str, span: int = 1, least: int = 1, keeps_first: bool = True,
    scopes: Sequence[object] | None = None,
) -> list[tuple[str, int]]:  # fmt: skip
    """The texts without their repeated passages, and how many units went of each."""
    keys = scopes or [None] * len(texts)
    passages = [passages_of(text, unit, span, least) for text in texts]
    counts = Counter((key, p) for key, found in zip(keys, passages, strict=True) for p in found if p is not None)
    seen: set[tuple[object, Passage]] = set()
    result = []
    for text, key, found in zip(texts, keys, passages, strict=True):
        goes: set[int] = set()
        stays: set[int] = set()
        for first, passage in enumerate(found):
            if passage is not None and counts[key, passage] > 1:
                is_kept = keeps_first and (key, passage) not in seen
                (stays if is_kept else goes).update(range(first, first + span))
                seen.add((key, passage))
        gone = sorted(goes - stays)
        result.append((without_units(text, unit, gone), len(gone)))
    return result
