"""Shingles in plain Python, as the definitions read: tuples of words or characters in the place of hashes."""

import re

import unicodedata2

from datapipe.kernels.case_data import FOLDED
from datapipe.kernels.shingling import Shingling
from datapipe.kernels.unicode_classes import UNSPACED, classes_of
from tests.plain_text import SPACES, category

CASE = {int(letter, 16): int(folded, 16) for letter, folded in (item.split(":") for item in FOLDED.split())}
Shingle = tuple[str, ...]


def shingles_of(text: str, shingling: Shingling) -> list[Shingle]:
    """The shingles of a text in order, repeated ones too."""
    units = units_of(text[: shingling.max_chars], shingling)
    if 0 < len(units) < shingling.ngram:
        return [tuple(units)]
    return [tuple(units[first : first + shingling.ngram]) for first in range(len(units) - shingling.ngram + 1)]


def units_of(text: str, shingling: Shingling) -> list[str]:
    """Words or characters as they are compared."""
    is_folded = shingling.normalize == "folded"
    if is_folded:
        text = "".join("0" if category(one) == "Nd" else one for one in text.translate(CASE))
    if shingling.strip_marks:
        text = "".join(_without_marks(one) for one in text)
    if shingling.unit == "char" and shingling.normalize == "none":
        return list(text)
    kinds = "".join(_kind(one, is_folded) for one in text)
    if shingling.unit == "word":
        return [text[found.start() : found.end()] for found in re.finditer("um*|[xm]+", kinds)]
    return list(
        re.sub(" +", " ", "".join(" " if kind == " " else one for one, kind in zip(text, kinds, strict=True))).strip(
            " "
        )
    )


def _without_marks(character: str) -> str:
    base, *rest = unicodedata2.normalize("NFD", character)
    is_marked = rest and all(category(one)[0] == "M" for one in rest)
    return "" if category(character)[0] == "M" else base if is_marked else character


def _kind(character: str, is_folded: bool) -> str:
    if character in SPACES or "\u2001" <= character <= "\u2009" or (is_folded and category(character)[0] == "P"):
        return " "
    if classes_of(ord(character)) & UNSPACED:
        return "u"
    return "m" if category(character)[0] == "M" else "x"
