"""What a tokenizer's vocabulary can do, tried on the tokenizer alone."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tokenizer.evaluation.metrics import Figure
from tokenizer.evaluation.tokenizers import Kind, Tokenizer

ANCHOR = "«"
"""Stands before pieces that do not begin a text; rare enough to merge with nothing (Land and Bartolo 2024)."""
REPLACEMENT = "\ufffd"
NUMBERS = ("0123456789", "1990", "2024", "000", "100", "365")
"""What digits are tried in: each of them, and what vocabularies like to join."""
DEAD_BYTES = (0xC0, 0xC1, *range(0xF5, 0x100))
"""Bytes that no UTF-8 has (RFC 3629)."""


@dataclass(frozen=True)
class Unreachable:
    """Pieces that are in the way of nothing but are never used."""

    tested: int
    pieces: tuple[str, ...]
    """Their texts, by id."""


def unreachable(tokenizer: Tokenizer, used: npt.NDArray[np.int64]) -> Unreachable:
    """Pieces whose own text is encoded otherwise and that, by the frequencies `used`, no text had either."""
    ids = tokenizer.vocabulary.of_kind(Kind.TEXT)
    surfaces = tokenizer.decode([[one] for one in ids.tolist()])
    is_whole = np.array([REPLACEMENT not in surface for surface in surfaces], bool)
    ids, surfaces = ids[is_whole], [one for one, whole in zip(surfaces, is_whole.tolist(), strict=True) if whole]
    failed = np.flatnonzero(~_yields(tokenizer, surfaces, ids) & (used[ids] == 0)).tolist()
    missing = [place for place in failed if not _yields_behind_anchor(tokenizer, int(ids[place]))]
    return Unreachable(len(ids), tuple(surfaces[place] for place in missing))


def _yields(tokenizer: Tokenizer, texts: list[str], ids: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether each text is encoded as the one id."""
    tokens = tokenizer.encode(pa.array(texts, pa.large_string()))
    first = np.append(tokens.ids, -1)[tokens.offsets[:-1]]
    return np.asarray((tokens.counts == 1) & (first == ids), bool)


def _yields_behind_anchor(tokenizer: Tokenizer, piece: int) -> bool:
    anchor = _ids(tokenizer, ANCHOR)
    (text,) = tokenizer.decode([[*anchor, piece]])
    return _ids(tokenizer, text) == [*anchor, piece]


def _ids(tokenizer: Tokenizer, text: str) -> list[int]:
    return [int(one) for one in tokenizer.encode(pa.array([text], pa.large_string())).ids]


def dead_byte_pieces(tokenizer: Tokenizer) -> Figure:
    """How many byte pieces no text yields."""
    values = tokenizer.vocabulary.byte_values
    return Figure(float(np.isin(values, DEAD_BYTES).sum()), int((values >= 0).sum()))


def many_digit_pieces(tokenizer: Tokenizer) -> Figure:
    """Pieces with two decimal digits in a row."""
    ids = tokenizer.vocabulary.of_kind(Kind.TEXT, Kind.INNER)
    surfaces = pa.array(tokenizer.decode([[one] for one in ids.tolist()]), pa.large_string())
    return Figure(float(pc.sum(pc.match_substring_regex(surfaces, r"\p{Nd}\p{Nd}")).as_py() or 0), len(ids))


def digit_tokens(tokenizer: Tokenizer) -> dict[str, Figure]:
    """For each script with digits, whether each digit is always a token of its own; `all`: the share of scripts."""
    found = {name: _are_apart(tokenizer, digits) for name, digits in digit_scripts().items()}
    share = sum(found.values()) / len(found)
    tried = len(NUMBERS)
    return {"all": Figure(share, tried * len(found))} | {name: Figure(float(one), tried) for name, one in found.items()}


def _are_apart(tokenizer: Tokenizer, digits: str) -> bool:
    numbers = [number.translate({ord("0") + k: digits[k] for k in range(10)}) for number in NUMBERS]
    rows = tokenizer.encode(pa.array([f"x{number}" for number in numbers], pa.large_string())).rows()
    tails = [row[-len(number) :] for row, number in zip(rows, numbers, strict=True)]
    pieces = tokenizer.decode([[one] for tail in tails for one in tail])
    return [piece.strip() for piece in pieces] == list("".join(numbers))


def digit_scripts() -> dict[str, str]:
    """Name -> the ten digits, of all sets of decimal digits of Unicode: `ASCII`, `ARABIC-INDIC`, `DEVANAGARI` ..."""
    import unicodedata2

    from datapipe.kernels.unicode_classes import NUMBER_DIGITS

    codes = sorted(NUMBER_DIGITS.tolist())
    sets = ["".join(map(chr, codes[k : k + 10])) for k in range(0, len(codes), 10)]
    return {unicodedata2.name(one[0]).removesuffix("DIGIT ZERO").strip() or "ASCII": one for one in sets}
