"""BPE over weighted rows: one merge after the other, each touching only where its pair stands.

All rows stand in one array, `NO_SYMBOL` between them. A symbol's number stands at its first and at its last
character, so that both neighbours are found from there; characters inside hold `INSIDE`.

A pair is born in the one merge that makes the later of its two symbols: its places are written then, all at once, and
never grow. A place where it no longer stands is seen by what stands there.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from tokenizer.kernels.pair_table import (
    FORBIDDEN,
    LIMIT,
    NOTHING,
    PAIRS,
    USED,
    Pairs,
    best,
    find,
    push,
    slot_of,
    weight,
)
from tokenizer.kernels.symbol_table import Int32s, Int64s, Symbols, compare, length, make_piece, may_join

NO_SYMBOL, INSIDE = -1, -2
DONE, ENDED, NO_ROOM = 0, 1, 2
"""How `merge_all` ends: all merges made, no pair left, more room needed."""
LATER, EITHER, FIRST = 0, 1, 2
"""Where a pair stands beside another: EITHER where both are as frequent and make the same piece."""
MADE, SYMBOLS, PLACES, NEEDED, COUNTED = 0, 1, 2, 3, 4
"""Places in `Text.state`: merges made, symbols there are, places in the list, those that the next merge may add, and
characters behind which pairs were counted."""


class Text(NamedTuple):
    """The rows, and where each pair stands in them."""

    tags: Int32s
    """The symbol at each character, as told above; NO_SYMBOL first and last, too."""
    row: Int32s
    """The row of each character."""
    counts: Int64s
    """Of each row."""
    places: Int32s
    """First characters of pairs: those of one pair side by side, pairs in order; there is room for more."""
    new_pairs: Int32s
    """Room for the pairs that a merge makes, one per place,"""
    new_places: Int32s
    """and for their places."""
    boundary_keys: Int64s
    """Hash table of the boundaries that have slack: a pair of code points, as in `Pairs.keys`,"""
    boundary_rows: Int32s
    """and their rows in `Pairs.slack`."""
    state: Int64s


class Steps(NamedTuple):
    """What to merge, and what is told of each merge."""

    splits: Int64s
    """Where in `left` and `right` the possible parts of each piece begin, one more than pieces; empty: the best."""
    left: Int32s
    right: Int32s
    lost: Int64s
    """How often each merge is made in rows that are not here."""
    merged: Int32s
    """Filled, two columns: the two symbols of each piece; below 0 where it has no parts."""
    told: Int64s
    """Filled, four columns: count, times it was merged, the most any other pair can have, and what `_order` says."""


@njit(nogil=True, cache=True)
def _boundary(text: Text, table: Symbols, left: int, right: int) -> int:
    last, first = table.codes[table.start[left + 1] - 1], table.codes[table.start[right]]
    slot = slot_of(text.boundary_keys, last, first)
    return int(text.boundary_rows[slot])


@njit(nogil=True, cache=True)
def new_pair(pairs: Pairs, text: Text, table: Symbols, left: int, right: int) -> int:
    """A pair that is not there yet, or FORBIDDEN where it may not become a piece. There must be room."""
    slot = slot_of(pairs.keys, left, right)
    pairs.keys[slot] = (np.int64(left) << 32 | np.int64(right)) + 1
    pairs.values[slot] = FORBIDDEN
    pairs.state[USED] += 1
    if not may_join(table, left, right):
        return FORBIDDEN
    pair = int(pairs.state[PAIRS])
    pairs.state[PAIRS] += 1
    pairs.values[slot] = pair
    pairs.left[pair], pairs.right[pair] = left, right
    pairs.counts[pair], pairs.size[pair], pairs.begin[pair] = 0, 0, 0
    pairs.boundary[pair] = _boundary(text, table, left, right)
    pairs.waiting[pair] = 1
    return pair


@njit(nogil=True, cache=True)
def _take_from(keys: Int64s, values: Int32s, counts: Int64s, left: int, right: int, count: int, merging: int) -> None:
    """A pair beside the merged one stands there no more."""
    pair = find(keys, values, left, right)
    if pair >= 0 and pair != merging:
        counts[pair] -= count


@njit(nogil=True, cache=True)
def _file_places(pairs: Pairs, text: Text, first: int, entries: int) -> None:
    """Write the places of the pairs from `first` on behind all others, pair after pair."""
    for pair in range(first, pairs.state[PAIRS]):
        pairs.begin[pair] = text.state[PLACES]
        text.state[PLACES] += pairs.size[pair]
        pairs.size[pair] = 0
    for number in range(entries):
        pair = text.new_pairs[number]
        text.places[pairs.begin[pair] + pairs.size[pair]] = text.new_places[number]
        pairs.size[pair] += 1


@njit(nogil=True, cache=True)
def _merge(pairs: Pairs, text: Text, table: Symbols, merging: int, symbol: int) -> int:
    """Make `symbol` of the pair wherever it stands; how often that was, weighted."""
    # Arrays by names of their own: were tuples of them handed on in the loop, numba would count references each time.
    tags, row, row_counts, places, starts = text.tags, text.row, text.counts, text.places, table.start
    keys, values, counts, sizes = pairs.keys, pairs.values, pairs.counts, pairs.size
    left, right = int(pairs.left[merging]), int(pairs.right[merging])
    own, whole = length(table, left), length(table, left) + length(table, right)
    merged, entries, first = 0, 0, int(pairs.state[PAIRS])
    begin = pairs.begin[merging]
    for at in range(begin, begin + sizes[merging]):
        place = places[at]
        if tags[place] != left or tags[place + own] != right:
            continue
        count = row_counts[row[place]]
        merged += count
        before, behind = tags[place - 1], tags[place + whole]
        tags[place + own - 1] = INSIDE
        tags[place + own] = INSIDE
        tags[place] = symbol
        tags[place + whole - 1] = symbol
        for side in range(2):
            beside = behind if side else before
            if beside < 0:
                continue
            if side:
                one, other, where = symbol, beside, place
                _take_from(keys, values, counts, right, beside, count, merging)
            else:
                one, other, where = beside, symbol, place - (starts[beside + 1] - starts[beside])
                _take_from(keys, values, counts, beside, left, count, merging)
            pair = find(keys, values, one, other)
            if pair == NOTHING:
                pair = new_pair(pairs, text, table, one, other)
            if pair >= 0:
                counts[pair] += count
                sizes[pair] += 1
                text.new_pairs[entries], text.new_places[entries] = pair, where
                entries += 1
    sizes[merging] = 0
    _file_places(pairs, text, first, entries)
    for pair in range(first, pairs.state[PAIRS]):
        if weight(pairs, pair) >= pairs.state[LIMIT]:
            push(pairs, table, pair, weight(pairs, pair))
    return merged


@njit(nogil=True, cache=True)
def _most_frequent(pairs: Pairs, table: Symbols, steps: Steps, step: int) -> int:
    """The pair that piece `step` is made of: of its possible parts, those that stand side by side most often."""
    chosen = NOTHING
    for split in range(steps.splits[step], steps.splits[step + 1]):
        pair = find(pairs.keys, pairs.values, steps.left[split], steps.right[split])
        if pair >= 0 and (chosen < 0 or pairs.counts[pair] > pairs.counts[chosen]):
            chosen = pair
    return chosen


@njit(nogil=True, cache=True)
def _order(pairs: Pairs, table: Symbols, one: int, least: int, other: int) -> int:
    """FIRST where a pair that stands at least `least` times goes before another one, with all of its slack."""
    if least != weight(pairs, other):
        return FIRST if least > weight(pairs, other) else LATER
    order = compare(table, pairs.left[one], pairs.right[one], pairs.left[other], pairs.right[other])
    return EITHER if order == 0 else FIRST if order < 0 else LATER


@njit(nogil=True, cache=True)
def has_room(pairs: Pairs, text: Text, entries: int) -> bool:
    """Whether a merge can add so many places and pairs."""
    return bool(
        text.state[PLACES] + entries <= len(text.places)
        and entries <= len(text.new_pairs)
        and pairs.state[PAIRS] + entries <= len(pairs.left)
        and 2 * (pairs.state[USED] + entries) <= len(pairs.keys)
    )


@njit(nogil=True, cache=True)
def merge_all(pairs: Pairs, text: Text, table: Symbols, steps: Steps, until: int) -> int:
    """Make pieces until there are `until`, and tell of each; DONE, ENDED or NO_ROOM, after which it can go on."""
    while text.state[MADE] < until:
        step = text.state[MADE]
        symbol = text.state[SYMBOLS]
        guided = len(steps.splits) > 0
        chosen = _most_frequent(pairs, table, steps, step) if guided else best(pairs, table)
        if chosen < 0 and not guided:
            return ENDED
        if chosen >= 0:
            text.state[NEEDED] = 2 * pairs.size[chosen]
            if not has_room(pairs, text, text.state[NEEDED]):
                return NO_ROOM
        _tell(pairs, table, steps, step, chosen)
        left, right = (pairs.left[chosen], pairs.right[chosen]) if chosen >= 0 else (NOTHING, NOTHING)
        if chosen < 0 and steps.splits[step] < steps.splits[step + 1]:
            left, right = steps.left[steps.splits[step]], steps.right[steps.splits[step]]
        steps.merged[2 * step], steps.merged[2 * step + 1] = left, right
        if left >= 0:
            make_piece(table, symbol, left, right)
        else:
            table.start[symbol + 1] = table.start[symbol]
        if chosen >= 0:
            steps.told[4 * step + 1] = _merge(pairs, text, table, chosen, symbol)
        text.state[MADE] += 1
        text.state[SYMBOLS] += 1
    return DONE


@njit(nogil=True, cache=True)
def _tell(pairs: Pairs, table: Symbols, steps: Steps, step: int, chosen: int) -> None:
    """Write how often the chosen pair stands there, and what the best of all others can reach. It waits no longer."""
    count = 0
    if chosen >= 0:
        count = pairs.counts[chosen]
        pairs.waiting[chosen] = 0
        pairs.slack[pairs.boundary[chosen]] -= steps.lost[step]
    other = best(pairs, table)
    rival = weight(pairs, other) if other >= 0 else 0
    steps.told[4 * step], steps.told[4 * step + 1], steps.told[4 * step + 2] = count, 0, rival
    order = LATER
    if chosen >= 0:
        order = FIRST if other < 0 else _order(pairs, table, chosen, count + steps.lost[step], other)
    steps.told[4 * step + 3] = order


@njit(nogil=True, cache=True)
def count_pairs(pairs: Pairs, text: Text, table: Symbols) -> bool:
    """Count the pairs of the rows as they are; False where more room is needed, after which it can go on."""
    tags, row, row_counts = text.tags, text.row, text.counts
    keys, values, counts, sizes = pairs.keys, pairs.values, pairs.counts, pairs.size
    for place in range(text.state[COUNTED], len(tags) - 1):
        left, right = tags[place], tags[place + 1]
        if left < 0 or right < 0:
            continue
        if pairs.state[PAIRS] == len(pairs.left) or 2 * (pairs.state[USED] + 1) > len(pairs.keys):
            text.state[COUNTED] = place
            return False
        pair = find(keys, values, left, right)
        if pair == NOTHING:
            pair = new_pair(pairs, text, table, left, right)
        if pair >= 0:
            counts[pair] += row_counts[row[place]]
            sizes[pair] += 1
    return True


@njit(nogil=True, cache=True)
def list_places(pairs: Pairs, text: Text) -> None:
    """Write where each pair stands, now that all are counted."""
    tags, keys, values = text.tags, pairs.keys, pairs.values
    for pair in range(pairs.state[PAIRS]):
        pairs.begin[pair] = text.state[PLACES]
        text.state[PLACES] += pairs.size[pair]
        pairs.size[pair] = 0
        pairs.state[LIMIT] = max(pairs.state[LIMIT], 2 * weight(pairs, pair))
    for place in range(len(tags) - 1):
        left, right = tags[place], tags[place + 1]
        pair = find(keys, values, left, right) if left >= 0 and right >= 0 else NOTHING
        if pair >= 0:
            text.places[pairs.begin[pair] + pairs.size[pair]] = place
            pairs.size[pair] += 1


@njit(nogil=True, cache=True)
def drop_stale_places(pairs: Pairs, text: Text, table: Symbols) -> None:
    """Take out of the list the places where pairs no longer stand, and those of pairs that became pieces."""
    kept = 0
    for pair in range(pairs.state[PAIRS]):
        begin, size = pairs.begin[pair], pairs.size[pair]
        own = length(table, pairs.left[pair])
        pairs.begin[pair] = kept
        if pairs.counts[pair] > 0:
            for at in range(begin, begin + size):
                place = text.places[at]
                if text.tags[place] == pairs.left[pair] and text.tags[place + own] == pairs.right[pair]:
                    text.places[kept] = place
                    kept += 1
        pairs.size[pair] = kept - pairs.begin[pair]
    text.state[PLACES] = kept
