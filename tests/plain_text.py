"""Words, lines and paragraphs in plain Python, as naively as the definitions read, and texts to try them on."""

import re
from itertools import groupby

import unicodedata2
from hypothesis import strategies as st

from datapipe.kernels.unicode_classes import UNSPACED, classes_of

SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2003\u200a\u2028\u2029\u202f\u205f\u3000"
"""White space, of Unicode's property White_Space."""


def words_of(text: str) -> list[str]:
    """Each letter of a script without spaces with its marks, and each run of other characters between white space."""
    return [text[found.start() : found.end()] for found in re.finditer("um*|[xm]+", "".join(map(_kind, text)))]


def _kind(character: str) -> str:
    if character in SPACES:
        return "s"
    if classes_of(ord(character)) & UNSPACED:
        return "u"
    return "m" if category(character)[0] == "M" else "x"


def category(character: str) -> str:
    """General category."""
    return str(unicodedata2.category(character))


def is_blank(line: str) -> bool:
    """Whether there is nothing but white space."""
    return all(character in SPACES for character in line)


def lines_of(text: str) -> list[str]:
    """Lines; a final newline adds none."""
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def paragraphs_of(text: str) -> list[str]:
    """Lines up to the next blank one, joined again."""
    return ["\n".join(lines) for blank, lines in groupby(lines_of(text), is_blank) if not blank]


LETTERS = "aAbéßЖжΣςøاعमกขท中国のカー한ᄀཀក"
MARKS = "\u0301\u0e34\u0e48\u093f\u3099\u20dd"
OTHERS = "019٣½.,!?…-–•*#{}()\"'»。！।€+_/\0\x1f\u200b\ufeff😀\U000e0001"
TEXTS = st.one_of(
    st.text(),
    st.text(st.sampled_from(LETTERS + MARKS + OTHERS + SPACES + " \n" * 8), max_size=80),
    st.lists(
        st.sampled_from(["the", "cat", "sat.", "中", "国", "éa", "...", "\n", "\n\n", "\n \n", " "]), max_size=60
    ).map(" ".join),
)
"""Texts of any code points, of telling ones, and of few words that therefore repeat."""
