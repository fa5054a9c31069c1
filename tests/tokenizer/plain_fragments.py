"""The cuts of text into fragments in plain Python: what the native ones, and all that is counted, are held to.

SentencePiece's BPE never makes a piece that crosses one of these cuts, so a table of fragments and counts trains the
vocabulary that the text itself would.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from tokenizer.kernels.script_data import SCRIPTS
from tokenizer.recipe import Symbols
from tokenizer.symbols import LIBRARY_DIGITS, user_symbols

WORD = re.compile(r"[ ▁]*[^ ▁]+|[ ▁]+\Z")
"""Runs of spaces begin a word, or end the text. To SentencePiece a U+2581 in the text is a space as well."""
DIGIT = re.compile(f"([{''.join(sorted(LIBRARY_DIGITS))}])")


def fragments(text: str, symbols: Symbols = Symbols()) -> list[str]:  # noqa: B008
    """All of `text`, cut, in order; each user-defined symbol is a fragment of its own."""
    found = []
    for number, segment in enumerate(_cut_at_symbols(text, user_symbols(symbols))):
        found += [segment] if number % 2 else _fragments_without_symbols(segment, symbols)
    return found


def _fragments_without_symbols(segment: str, symbols: Symbols) -> list[str]:
    words = WORD.findall(segment)
    if symbols.split_digits != "none":
        words = [piece for word in words for piece in DIGIT.split(word) if piece]
    return [run for word in words for run in _runs_of_script(word)]


def count_fragments(texts: Iterable[str], symbols: Symbols = Symbols()) -> Counter[str]:  # noqa: B008
    """How often each fragment occurs in `texts`."""
    return Counter(fragment for text in texts for fragment in fragments(text, symbols))


def _cut_at_symbols(text: str, symbols: tuple[str, ...]) -> list[str]:
    """Text and user-defined symbols in turn, text first: from left to right, the longest symbol first.

    Symbols take part in no merge, but SentencePiece counts each as a character when it looks how many are covered.
    """
    return _matcher(symbols).split(text) if symbols else [text]


@cache
def _matcher(symbols: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"({'|'.join(map(re.escape, sorted(symbols, key=len, reverse=True)))})")


def _runs_of_script(word: str) -> list[str]:
    """Cut between neighbours of two scripts, both surely known, and never behind a space."""
    known = scripts()
    runs = [word[:1]]
    for before, after in itertools.pairwise(word):
        differ = known.get(before, "") != known.get(after, "")
        if differ and before in known and after in known and before not in " ▁":
            runs.append(after)
        else:
            runs[-1] += after
    return runs


@cache
def scripts() -> dict[str, str]:
    """The script of each character about which the standard and SentencePiece agree."""
    found = {}
    for item in SCRIPTS.split():
        place, _, script = item.partition(":")
        first, _, last = place.partition("-")
        found.update(dict.fromkeys(map(chr, range(int(first, 16), int(last or first, 16) + 1)), script))
    return found
