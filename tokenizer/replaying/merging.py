"""The memory of a replay: its arrays, made and made larger when a merge needs more room.

Per character of rows in which a pair can be: 8 bytes of text and 4 to 12 of places; about 70 per distinct pair.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapipe.output import RunError
from tokenizer.kernels.library_scripts import SCRIPTS
from tokenizer.kernels.merges import (
    NEEDED,
    NO_ROOM,
    PLACES,
    SYMBOLS,
    Steps,
    Text,
    count_pairs,
    drop_stale_places,
    list_places,
    merge_all,
)
from tokenizer.kernels.pair_table import PAIRS, USED, Pairs, enter, number_keys
from tokenizer.kernels.row_symbols import CODE_POINTS, WRITTEN_SPACE, count_code_points, write_symbols
from tokenizer.kernels.symbol_table import ANY_SCRIPT, SPACES, Symbols
from tokenizer.symbols import LIBRARY_DIGITS
from tokenizer.training.trainer_rules import Rules, symbols_apart, text_buffers

Number = TypeVar("Number", np.int32, np.int64, np.uint8)
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

LARGEST = 2**31 - 2**24
"""Characters of all rows at most: their places are 32-bit numbers, and so are the pairs."""
GROWTH = 1.5
ROOM = 1 << 16
"""Pairs that there is room for at first, and at least more each time."""
ONE_SCRIPT = {"Hiragana": "Han", "Katakana": "Han"}
"""The trainer takes these for one script,"""
PROLONGED = "ー"
"""and this, which is Common, for one of them."""
INHERITED = "Inherited"


@dataclass(frozen=True)
class Slack:
    """How much more often than counted a pair may stand, by the two characters where its parts meet."""

    keys: Int64s
    """Hash table of boundaries: as `merges.Text` has it."""
    rows: Int32s
    counts: Int64s
    """By row; row 0 is 0."""


@dataclass
class Merging:
    """A training under way. Arrays are replaced by larger ones as it goes on."""

    pairs: Pairs
    text: Text
    symbols: Symbols
    steps: Steps

    def run(self, merges: int) -> int:
        """Make so many merges; returns how many there were."""
        while merge_all(self.pairs, self.text, self.symbols, self.steps, merges) == NO_ROOM:
            self.make_room(int(self.text.state[NEEDED]))
        return int(self.text.state[0])

    def make_room(self, entries: int) -> None:
        """Find room for so many more places and pairs."""
        text, pairs = self.text, self.pairs
        if len(text.new_pairs) < entries:
            size = max(entries, int(GROWTH * len(text.new_pairs)))
            text = text._replace(new_pairs=np.empty(size, np.int32), new_places=np.empty(size, np.int32))
        if text.state[PLACES] + entries > len(text.places):
            drop_stale_places(pairs, text, self.symbols)
            if GROWTH * (text.state[PLACES] + entries) > len(text.places):
                text = text._replace(places=_larger(text.places, int(text.state[PLACES]), entries))
        self.text, self.pairs = text, _with_more_slots(_with_more_rows(pairs, entries), entries)


def merging(fragments: pa.Array, counts: Int64s, characters: str, rules: Rules, steps: Steps, slack: Slack) -> Merging:
    """The rows with `characters` as symbols, their pairs counted. Raises RunError for more text than fits 32 bits."""
    offsets, data = text_buffers(fragments)
    apart = symbols_apart(rules)
    length = count_code_points(data[offsets[0] : offsets[-1]])
    if length + len(fragments) > LARGEST:
        raise RunError(f"{length:,} characters of fragments; {LARGEST:,} at most can be trained on: prune them first")
    symbols = symbol_table(characters, rules, len(steps.merged) // 2)
    tags, rows = np.empty(length + len(fragments) + 2, np.int32), np.empty(length + len(fragments) + 2, np.int32)
    used = write_symbols(offsets, data, apart, _numbers(characters), tags, rows)
    tags, rows = tags[:used], rows[:used]
    room = np.zeros(0, np.int32)
    places = np.empty(2 * used + ROOM, np.int32)
    text = Text(tags, rows, counts, places, room, room, slack.keys, slack.rows, np.zeros(5, np.int64))
    text.state[SYMBOLS] = len(characters)
    pairs = _new_pairs(ROOM, slack.counts.copy())
    while not count_pairs(pairs, text, symbols):
        pairs = _with_more_slots(_with_more_rows(pairs, ROOM), ROOM)
    list_places(pairs, text)
    return Merging(pairs, text, symbols, steps)


def _new_pairs(room: int, slack: Int64s) -> Pairs:
    slots = 1 << (2 * room - 1).bit_length()
    return Pairs(
        left=np.empty(room, np.int32), right=np.empty(room, np.int32), counts=np.empty(room, np.int64),
        begin=np.empty(room, np.int64), size=np.empty(room, np.int32), boundary=np.empty(room, np.int32),
        waiting=np.empty(room, np.uint8), keys=np.zeros(slots, np.int64), values=np.empty(slots, np.int32),
        heap=np.empty(room, np.int32), heap_keys=np.empty(room, np.int64), slack=slack, state=np.zeros(4, np.int64),
    )  # fmt: skip


def _larger(array: npt.NDArray[Number], used: int, more: int) -> npt.NDArray[Number]:
    """A copy with room for `more` behind what is used."""
    grown = np.empty(max(used + more, int(GROWTH * len(array))), array.dtype)
    grown[:used] = array[:used]
    return grown


def _with_more_rows(pairs: Pairs, more: int) -> Pairs:
    used = int(pairs.state[PAIRS])
    if used + more <= len(pairs.left):
        return pairs
    return pairs._replace(
        left=_larger(pairs.left, used, more), right=_larger(pairs.right, used, more),
        counts=_larger(pairs.counts, used, more), begin=_larger(pairs.begin, used, more),
        size=_larger(pairs.size, used, more), boundary=_larger(pairs.boundary, used, more),
        waiting=_larger(pairs.waiting, used, more), heap=_larger(pairs.heap, used, more),
        heap_keys=_larger(pairs.heap_keys, used, more),
    )  # fmt: skip


def _with_more_slots(pairs: Pairs, more: int) -> Pairs:
    slots = 1 << (2 * (int(pairs.state[USED]) + more) - 1).bit_length()
    if slots <= len(pairs.keys):
        return pairs
    grown = pairs._replace(keys=np.zeros(slots, np.int64), values=np.empty(slots, np.int32))
    enter(pairs.keys, pairs.values, grown.keys, grown.values)
    return grown


def symbol_table(characters: str, rules: Rules, merges: int) -> Symbols:
    """The characters as symbols, with room for the pieces of so many merges."""
    codes = np.array([ord(one) for one in characters], np.int32)
    size = len(codes) + merges
    table = Symbols(
        codes=np.zeros(len(codes) + merges * rules.max_piece_length, np.int32),
        start=np.arange(size + 1, dtype=np.int64),
        script=np.full(size, ANY_SCRIPT, np.int32),
        spaces=np.zeros(size, np.uint8),
        alone=np.zeros(size, np.uint8),
        slots=np.zeros(1 << (4 * merges + 16).bit_length(), np.int32),
        rules=np.array([rules.max_piece_length, 1]),
    )
    table.codes[: len(codes)] = codes
    table.script[: len(codes)] = library_scripts()[codes]
    table.spaces[: len(codes)][codes == WRITTEN_SPACE] = SPACES
    table.script[: len(codes)][codes == WRITTEN_SPACE] = ANY_SCRIPT
    if rules.split_digits:
        table.alone[: len(codes)] = np.isin(codes, [ord(digit) for digit in LIBRARY_DIGITS])
    return table


@cache
def library_scripts() -> Int32s:
    """Number of the script that the trainer sees in each code point."""
    numbers = {"Common": 0, INHERITED: ANY_SCRIPT}
    table = np.zeros(CODE_POINTS, np.int32)
    for item in SCRIPTS.split():
        place, _, name = item.partition(":")
        first, _, last = place.partition("-")
        script = ONE_SCRIPT.get(name, name)
        table[int(first, 16) : int(last or first, 16) + 1] = numbers.setdefault(script, len(numbers))
    table[ord(PROLONGED)] = numbers["Han"]
    return table


def _numbers(characters: str) -> Int32s:
    """1 + the symbol of each code point, 0 for none."""
    numbers = np.zeros(CODE_POINTS, np.int32)
    numbers[[ord(one) for one in characters]] = np.arange(1, len(characters) + 1, dtype=np.int32)
    return numbers


def free_steps(merges: int) -> Steps:
    """Any merges, so many."""
    none = np.zeros(0, np.int32)
    return Steps(np.zeros(0, np.int64), none, none, np.zeros(merges, np.int64), *_told(merges))


def led_steps(pieces: Sequence[str], characters: str) -> Steps:
    """The merges that make these pieces, of whatever parts."""
    numbers = {one: number for number, one in enumerate(characters)}
    splits, left, right = [0], [], []
    for number, piece in enumerate(pieces, len(characters)):
        for cut in range(1, len(piece)):
            if (one := numbers.get(piece[:cut])) is not None and (other := numbers.get(piece[cut:])) is not None:
                left.append(one)
                right.append(other)
        if len(left) > splits[-1]:
            numbers[piece] = number
        splits.append(len(left))
    return Steps(np.array(splits), np.array(left, np.int32), np.array(right, np.int32),
                 np.zeros(len(pieces), np.int64), *_told(len(pieces)))  # fmt: skip


def given_steps(parts: Int32s, lost: Int64s) -> Steps:
    """Merges of exactly these parts (two columns), each made `lost` times in rows elsewhere."""
    known = parts[:, 0] >= 0
    splits = np.concatenate([[0], np.cumsum(known)]).astype(np.int64)
    left, right = (np.ascontiguousarray(parts[known, side]) for side in range(2))
    return Steps(splits, left, right, lost, *_told(len(parts)))


def _told(merges: int) -> tuple[Int32s, Int64s]:
    return np.full(2 * merges, -1, np.int32), np.zeros(4 * merges, np.int64)


def slack_of(left: Int64s, right: Int64s, counts: Int64s) -> Slack:
    """Slack of these boundaries, each given once by two code points."""
    slots = 1 << (2 * len(left) + 1).bit_length()
    keys, rows = np.zeros(slots, np.int64), np.zeros(slots, np.int32)
    number_keys(keys, rows, left, right)
    return Slack(keys, rows, np.concatenate([[0], counts]).astype(np.int64))


NO_SLACK = slack_of(*(np.zeros(0, np.int64) for _ in range(3)))
