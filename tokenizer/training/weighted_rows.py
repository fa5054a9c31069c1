"""The rows that a vocabulary is learned from: each fragment once, with its weighted count over all units."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.output import RunError
from tokenizer.training.weights_table import Unit

LEAST_SCALE = 1_000
"""Counts are scaled up before they are rounded: 1.3 x count, rounded, replaced 283 of 6,000 pieces, x 1,300 none."""
EXACT = 2**53
"""Sums are kept below it where `LEAST_SCALE` allows: up to here every whole number is a float64."""
LARGEST = 2**62
"""No sum is above it, or SentencePiece's 64-bit counts could overflow."""
BOUNDARY = "\x1f"
"""What SentencePiece puts where a user-defined symbol stood, and counts as a character that every text covers."""


@dataclass(frozen=True)
class Rows:
    """Fragments and their weighted counts, in the order of the counts."""

    fragments: pa.Array
    """large_string, each fragment once."""
    counts: npt.NDArray[np.int64]
    """At least 1."""
    scale: float = 1.0
    """A power of ten: how much larger the counts are than weighted ones."""
    unweighted: int = 0
    """Fragments left out because they stand only in units of weight 0,"""
    rounded_away: int = 0
    """or because their scaled count was below a half."""


def weighted_rows(
    batches: Iterable[pa.RecordBatch], factors: Mapping[Unit, float], user_symbols: Sequence[str] = ()
) -> Rows:
    """The rows of counts (columns as `tokenizer.counts.Counts.batches` gives them, by fragment).

    A fragment's count is the sum over units of count / sample_rate * factor. Where all of them are whole they stay as
    they are; otherwise they are scaled by a power of ten and rounded. All `user_symbols` become one row, `BOUNDARY`:
    they take part in no merge, and could not stand in a table. Raises RunError where nothing has any weight.
    """
    kept: list[pa.Array] = []
    sums: list[npt.NDArray[np.float64]] = []
    for fragments, of_fragment in _grouped(batches, factors):
        kept.append(fragments)
        sums.append(of_fragment)
    if not kept:
        raise RunError("there are no counts: no text was counted")
    rows = _rounded(pa.chunked_array(kept).combine_chunks(), np.concatenate(sums))
    return bounded(rows, user_symbols)


def bounded(rows: Rows, user_symbols: Sequence[str]) -> Rows:
    """The rows with one of `BOUNDARY`, last, in the place of all that are user-defined symbols."""
    is_symbol = pc.is_in(rows.fragments, pa.array(user_symbols, pa.large_string()))
    stays = pc.invert(is_symbol)
    symbols = int(rows.counts[is_symbol.to_numpy(zero_copy_only=False)].sum())
    if not symbols:
        return rows
    fragments = pa.concat_arrays([rows.fragments.filter(stays), pa.array([BOUNDARY], pa.large_string())])
    counts = np.append(rows.counts[stays.to_numpy(zero_copy_only=False)], symbols)
    return replace(rows, fragments=fragments, counts=counts)


def _rounded(fragments: pa.Array, sums: npt.NDArray[np.float64]) -> Rows:
    weighted = sums > 0
    total = float(sums.sum())
    if total == 0:
        raise RunError("train.weights: all that was counted has weight 0")
    scale = 1.0 if np.array_equal(sums, np.rint(sums)) else _scale(total)
    counts = np.rint(sums * scale).astype(np.int64)
    stays = counts > 0
    unweighted = len(counts) - int(np.count_nonzero(weighted))
    rounded_away = int(np.count_nonzero(weighted & ~stays))
    return Rows(fragments.filter(pa.array(stays)), counts[stays], scale, unweighted, rounded_away)


def _scale(total: float) -> float:
    """The largest power of ten that keeps `total` exact, but at least `LEAST_SCALE`, where 64 bits allow it."""
    scale = max(LEAST_SCALE, 10.0 ** np.floor(np.log10(EXACT / total)))
    while total * scale > LARGEST:
        scale /= 10
    return float(scale)


def _grouped(
    batches: Iterable[pa.RecordBatch], factors: Mapping[Unit, float]
) -> Iterator[tuple[pa.Array, npt.NDArray[np.float64]]]:
    """Runs of whole fragments with their sums; a fragment that goes on in the next batch waits for it."""
    waiting: tuple[pa.Array, npt.NDArray[np.float64]] | None = None
    for batch in batches:
        if batch.num_rows == 0:
            continue
        fragments, values = batch["fragment"].cast(pa.large_string()), _values(batch, factors)
        if waiting is not None:
            fragments = pa.concat_arrays([waiting[0], fragments])
            values = np.concatenate([waiting[1], values])
        firsts = _firsts(fragments)
        last = int(firsts[-1])
        if last:
            yield fragments.take(pa.array(firsts[:-1])), np.add.reduceat(values[:last], firsts[:-1])
        waiting = fragments[last:], values[last:]
    if waiting is not None:
        yield waiting[0][:1], np.add.reduceat(waiting[1], [0])  # as above: adding in pairs could round otherwise


def _firsts(fragments: pa.Array) -> npt.NDArray[np.int64]:
    """Rows at which another fragment begins."""
    differs = pc.not_equal(fragments[1:], fragments[:-1]).to_numpy(zero_copy_only=False)
    return np.concatenate([[0], np.flatnonzero(differs) + 1]).astype(np.int64)


def _values(batch: pa.RecordBatch, factors: Mapping[Unit, float]) -> npt.NDArray[np.float64]:
    """What each row of counts adds to its fragment. Raises RunError for counts that cannot be."""
    domains, units = _encoded(batch["domain"]), _encoded(batch["unit"])
    names = [[factors.get((domain, unit), -1.0) for unit in units.dictionary.to_pylist()]
             for domain in domains.dictionary.to_pylist()]  # fmt: skip
    factor = np.array(names)[domains.indices.to_numpy(), units.indices.to_numpy()]
    counts, rates = batch["count"].to_numpy(), batch["sample_rate"].to_numpy()
    if (factor < 0).any() or (counts < 1).any() or not ((rates > 0) & (rates <= 1)).all():
        raise RunError("the counts are damaged (a unit they do not name, or a count or rate out of range): count anew")
    return np.asarray(counts / rates * factor, np.float64)


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
