"""What is added up over the texts of a cell, and the groups of cells that figures are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.stage import text_buffers
from tokenizer.evaluation.texts import Cell
from tokenizer.evaluation.tokenizers import Kind, Named, Tokens, Vocabulary

ALL = "all"
INDENTATION = r"(?m)^[ \t]+"
INDENTED_LINE = r"(?m)^[ \t]+[^ \t\r\n]"
KEPT_FAILURES = 5
"""Failed round trips of a cell that are told with their text."""


@dataclass(frozen=True)
class Amount:
    """What a cell has, whatever the tokenizer."""

    documents: int
    bytes: int
    characters: int
    words: int
    letter_words: int
    """Words that are a letter of a script without spaces."""
    indented_lines: int
    """Of code; 0 of other text."""


def sum_amounts(amounts: Sequence[Amount]) -> Amount:
    """Of several cells together."""
    names = ("documents", "bytes", "characters", "words", "letter_words", "indented_lines")
    return Amount(*(sum(getattr(one, name) for one in amounts) for name in names))


@dataclass(frozen=True)
class Tally:
    """What a tokenizer makes of a cell."""

    tokens: int
    byte_tokens: int
    byte_characters: int
    unknown_tokens: int
    given_back: int
    """Documents with decode(encode(x)) == x."""
    indentation_tokens: int
    """Of code: tokens that go away with the indentation."""
    ids: npt.NDArray[np.int64]
    """Ids that occur, ascending,"""
    counts: npt.NDArray[np.int64]
    """and how often."""
    failures: tuple[str, ...]
    """Of the documents not given back the first: what differs."""


def amount_of(cell: Cell) -> Amount:
    """Measure the text."""
    from tokenizer.kernels.word_counts import count_words

    offsets, data = text_buffers(cell.texts)
    words, letters, characters = count_words(offsets, data)
    indented = pc.sum(pc.count_substring_regex(cell.texts, INDENTED_LINE)).as_py() if cell.is_code else 0
    size = int(offsets[-1] - offsets[0])
    return Amount(len(cell.texts), size, characters, words, letters, indented or 0)


def tally(cell: Cell, named: Named) -> Tally:
    """Encode and decode the cell."""
    tokenizer, texts = named.tokenizer, cell.texts
    tokens = tokenizer.encode(texts)
    ids, counts = np.unique(tokens.ids, return_counts=True)
    back = pa.array(tokenizer.decode(tokens.rows()), pa.large_string())
    is_equal = pc.equal(back, texts).to_numpy(zero_copy_only=False)
    failed = np.flatnonzero(~is_equal.astype(bool))
    bare = pc.replace_substring_regex(texts, INDENTATION, "") if cell.is_code else None
    return Tally(
        len(tokens.ids),
        *byte_counts(tokens, tokenizer.vocabulary),
        int(counts[tokenizer.vocabulary.kinds[ids] == Kind.UNKNOWN].sum()),
        len(texts) - len(failed),
        len(tokens.ids) - len(tokenizer.encode(bare).ids) if bare is not None else 0,
        ids.astype(np.int64),
        counts.astype(np.int64),
        tuple(difference(texts[k].as_py(), back[k].as_py()) for k in failed[:KEPT_FAILURES].tolist()),
    )


def byte_counts(tokens: Tokens, vocabulary: Vocabulary) -> tuple[int, int]:
    """Byte tokens, and the characters that they are: bytes that begin one in UTF-8."""
    values = vocabulary.byte_values[tokens.ids]
    is_byte = values >= 0
    begins = is_byte & ((values < 0x80) | (values >= 0xC0))
    return int(is_byte.sum()), int(begins.sum())


def difference(text: str, back: str) -> str:
    """Where two texts part, in a line."""
    place = next((k for k, (a, b) in enumerate(zip(text, back, strict=False)) if a != b), min(len(text), len(back)))
    start = max(place - 10, 0)
    return f"character {place}: {text[start : place + 20]!r} came back as {back[start : place + 20]!r}"


@dataclass(frozen=True)
class Group:
    """Cells that a figure is made of."""

    name: str
    kind: str
    """`all`, `domain`, `unit` or `language`."""
    cells: tuple[int, ...]


def groups_of(cells: Sequence[Cell]) -> list[Group]:
    """All texts, each domain, each unit, each language; a language that is called like a domain is `language:NAME`."""
    domains = {cell.domain for cell in cells}
    found = [Group(ALL, "all", tuple(range(len(cells))))]
    found += _by("domain", [cell.domain for cell in cells])
    found += _by("unit", [f"{cell.domain}/{cell.unit}" for cell in cells])
    languages = [cell.language if cell.language not in domains else f"language:{cell.language}" for cell in cells]
    return found + _by("language", languages)


def _by(kind: str, names: Iterable[str | None]) -> list[Group]:
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if name is not None:
            places.setdefault(name, []).append(place)
    return [Group(name, kind, tuple(places[name])) for name in sorted(places)]


def frequencies(tallies: Iterable[Tally], size: int) -> npt.NDArray[np.int64]:
    """How often each id occurs in all of them."""
    counts = np.zeros(size, np.int64)
    for one in tallies:
        counts[one.ids] += one.counts
    return counts
