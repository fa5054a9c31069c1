"""Texts -> ids: text is cut where nothing ever merges, and each fragment looked up, or merged and remembered."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from tokenizer.kernels.bpe import SHORT, Merges, Symbols, merge_few, merge_many, split_symbols
from tokenizer.kernels.characters import SPACE, Bytes, Places, character, mend, mended_size
from tokenizer.kernels.fragment_cache import (
    LONGEST,
    FragmentCache,
    find_fragment,
    fragment_hash,
    keep_fragment,
    record_ids,
)
from tokenizer.kernels.merge_tables import MergeTables, may_merge

Ids = npt.NDArray[np.int32]

_SPACE_BYTES = (0xE2, 0x96, 0x81)  # U+2581, which a space is to SentencePiece


class Scratch(NamedTuple):
    """Working space for a fragment of up to so many bytes."""

    symbols: Symbols
    places: Places
    merges: Merges


@njit(nogil=True, cache=True)
def _scratch(size: int) -> Scratch:
    return Scratch(np.empty(size, np.int32), np.empty(size + 1, np.int64), np.empty(size, np.uint64))


@njit(nogil=True, cache=True)
def mended_sizes(data: Bytes, offsets: Places, sizes: Places) -> None:
    """Fill `sizes` with the `mended_size` of each text."""
    for k in range(len(sizes)):
        sizes[k] = mended_size(data, offsets[k], offsets[k + 1])


@njit(nogil=True, cache=True)
def encode_texts(
    tables: MergeTables,
    cache: FragmentCache,
    data: Bytes,
    offsets: Places,
    sizes: Places,
    spaces: tuple[int, int],
    ids: Ids,
    ends: Places,
) -> None:
    """Fill `ids` with the ids of all texts, and `ends` with the place behind the last id of each.

    `sizes` are those of `mended_sizes`; `spaces` how many are put in front of and behind each text that is not empty.
    """
    widest = 0
    for k in range(len(sizes)):
        size = sizes[k] if sizes[k] >= 0 else offsets[k + 1] - offsets[k]
        if sizes[k] >= 0 or spaces[0] + spaces[1]:
            widest = max(widest, size + spaces[0] + spaces[1])
    mended = np.empty(widest, np.uint8)
    scratch = _scratch(LONGEST)
    out = 0
    for k in range(len(sizes)):
        start, end = offsets[k], offsets[k + 1]
        if start < end and (sizes[k] >= 0 or spaces[0] + spaces[1]):
            mended[: spaces[0]] = SPACE
            behind = mend(data, start, end, mended, spaces[0])
            mended[behind : behind + spaces[1]] = SPACE
            out = _encode_text(tables, cache, scratch, mended, 0, behind + spaces[1], ids, out)
        elif start < end:
            out = _encode_text(tables, cache, scratch, data, start, end, ids, out)
        ends[k] = out


@njit(nogil=True, cache=True)
def _encode_text(
    tables: MergeTables, cache: FragmentCache, scratch: Scratch, data: Bytes, first: int, end: int, ids: Ids, out: int
) -> int:
    """Write the ids of the text data[first:end], which is not empty, from `out` on; returns the place behind."""
    ascii_, bits, unk_id = tables.ascii_neighbours, tables.neighbours, tables.unk_id
    slots, arena, words = cache.slots, cache.arena, cache.words
    begin = out
    following, behind = character(data, first, end)
    while first < end:
        code, i = following, behind
        while i < end:
            following, behind = character(data, i, end)
            if not may_merge(ascii_, bits, code, following):
                break
            code, i = following, behind
        at = out
        hash_ = fragment_hash(data, first, i) if i - first <= LONGEST else np.uint64(0)
        place = find_fragment(slots, arena, words, hash_, data, first, i) if i - first <= LONGEST else 0
        if place:
            record = record_ids(place, i - first)
            for k in range(record, record + words[(place >> 2) + 1]):
                ids[out] = words[k]
                out += 1
        elif i - first <= LONGEST:
            out = _merge(tables, scratch, data, first, i, ids, out)
            keep_fragment(cache, hash_, data, first, i, ids, at, out)
        else:
            out = _merge(tables, _scratch(i - first), data, first, i, ids, out)
        if unk_id >= 0 and at > begin and ids[at] == unk_id and ids[at - 1] == unk_id:
            for k in range(at, out - 1):  # one id for a run of what is unknown
                ids[k] = ids[k + 1]
            out -= 1
        first = i
    return out


@njit(nogil=True, cache=True)
def _merge(tables: MergeTables, scratch: Scratch, data: Bytes, start: int, end: int, ids: Ids, out: int) -> int:
    """Write the ids of a fragment from `out` on; returns the place behind."""
    symbols, places = scratch.symbols, scratch.places
    count = split_symbols(tables, data, start, end, symbols, places)
    if count <= SHORT:
        count = merge_few(tables.pairs, symbols, places, scratch.merges, count)
    else:
        count = merge_many(tables.pairs, symbols, places, scratch.merges, count)
    begin = out
    for k in range(count):
        if 0 <= symbols[k] < tables.vocab_size:
            ids[out] = symbols[k]
            out += 1
        elif tables.unk_id < 0:
            out = _write_bytes(tables, data, places[k], places[k + 1], ids, out)
        elif out == begin or ids[out - 1] != tables.unk_id:
            ids[out] = tables.unk_id
            out += 1
    return out


@njit(nogil=True, cache=True)
def _write_bytes(tables: MergeTables, data: Bytes, start: int, end: int, ids: Ids, out: int) -> int:
    if data[start] == SPACE:
        for byte in _SPACE_BYTES:
            ids[out] = tables.byte_ids[byte]
            out += 1
        return out
    for i in range(start, end):
        ids[out] = tables.byte_ids[data[i]]
        out += 1
    return out
