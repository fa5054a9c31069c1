"""Distinct words and identifiers of texts, with how often they occur: found once, encoded once per tokenizer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tokenizer.evaluation.tokenizers import Tokenizer

WITHOUT_SPACES = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
"""Letters of scripts whose words have no spaces between them, as `datapipe.kernels.words` has it."""
PROBES = ("the", "and", "of", "to", "in", "is")
"""Words that tell whether a tokenizer puts a space before a text by itself."""


@dataclass(frozen=True)
class WordList:
    """Distinct words of many cells, and how often each cell has which."""

    words: pa.LargeStringArray
    occurrences: tuple[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]], ...]
    """Of each cell: places in `words`, ascending, and counts."""

    def token_counts(self, tokenizer: Tokenizer) -> npt.NDArray[np.int64]:
        """Tokens of each distinct word behind a space, as words stand in text."""
        space, nothing = (pa.scalar(value, pa.large_string()) for value in (" ", ""))
        is_bare = adds_space(tokenizer)
        texts = self.words if is_bare else pc.binary_join_element_wise(space, self.words, nothing)
        return tokenizer.encode(texts).counts


def adds_space(tokenizer: Tokenizer) -> bool:
    """Whether a text by itself is encoded as it would be behind a space: then words are encoded bare.

    Compared inside a text: `x the` against `x`, behind which stands what `the` is in running text.
    """
    plain, spaced = list(PROBES), [f" {word}" for word in PROBES]
    within = tokenizer.encode(pa.array(["x", *(f"x {word}" for word in PROBES)], pa.large_string())).counts
    inside = within[1:] - within[0]
    as_bare = tokenizer.encode(pa.array(plain, pa.large_string())).counts
    as_spaced = tokenizer.encode(pa.array(spaced, pa.large_string())).counts
    return int(abs(as_bare - inside).sum()) < int(abs(as_spaced - inside).sum())


def words_of(cells: Iterable[pa.LargeStringArray]) -> WordList:
    """Words as the metric `continued_word_rate` defines them."""
    return _joined([_words(texts) for texts in cells])


def identifiers_of(cells: Iterable[pa.LargeStringArray]) -> WordList:
    """Identifiers as the metric `tokens_per_identifier` defines them."""
    return _joined([_identifiers(texts) for texts in cells])


Counted = tuple[pa.LargeStringArray, npt.NDArray[np.int64]]


def _words(texts: pa.LargeStringArray) -> Counted:
    runs, counts = _counted(pc.utf8_split_whitespace(texts))
    trimmed = pc.utf8_trim(runs, characters=_signs())
    has_letter = pc.match_substring_regex(trimmed, r"\p{L}")
    is_spaced = pc.invert(pc.match_substring_regex(trimmed, WITHOUT_SPACES))
    chosen = pc.and_(has_letter, is_spaced)
    return trimmed.filter(chosen), counts[chosen.to_numpy(zero_copy_only=False)]


def _identifiers(texts: pa.LargeStringArray) -> Counted:
    spaced = pc.replace_substring_regex(texts, r"[^A-Za-z0-9_]+", " ")
    runs, counts = _counted(pc.ascii_split_whitespace(spaced))
    chosen = pc.match_substring_regex(runs, r"^[A-Za-z_][A-Za-z0-9_]+$")
    return runs.filter(chosen), counts[chosen.to_numpy(zero_copy_only=False)]


def _counted(lists: pa.Array) -> Counted:
    found = pc.list_flatten(lists).value_counts()
    return found.field("values"), found.field("counts").to_numpy()


@cache
def _signs() -> str:
    """All punctuation and symbols."""
    from datapipe.kernels.unicode_classes import PUNCTUATION, SYMBOL, classes_of

    return "".join(chr(code) for code in range(0x20, 0x20000) if classes_of(code) & (PUNCTUATION | SYMBOL))


def _joined(found: Sequence[Counted]) -> WordList:
    """One list for all cells; equal words of a cell (they differed in what was trimmed) add up."""
    runs = pa.chunked_array([words for words, _ in found], pa.large_string()).combine_chunks()
    encoded = runs.dictionary_encode()
    places = encoded.indices.to_numpy()
    occurrences = []
    start = 0
    for words, counts in found:
        here, inverse = np.unique(places[start : start + len(words)], return_inverse=True)
        occurrences.append((here.astype(np.int64), np.bincount(inverse, counts, len(here)).astype(np.int64)))
        start += len(words)
    return WordList(encoded.dictionary, tuple(occurrences))
