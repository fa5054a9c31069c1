"""Bounds on what rows that were left out could change.

As long as all merges so far are the same, a merge can only differ if another pair stands more often in the whole
table. What the chosen pair has is known: its count in the rows kept, and how often it is merged in the rows left out
when the same merges are made there. What another pair can have there is bounded by its *boundary*, the last character
of its left part and the first of its right one: each place of the pair is a place where these two characters meet and
are not merged yet. That is known after every merge: it is how often they meet in the rows left out at first, less all
merges made there so far at such a boundary. Pairs that stand in no row kept are bounded by the largest of these sums.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tokenizer.kernels.bounds import most_left
from tokenizer.kernels.merges import FIRST
from tokenizer.kernels.pair_table import PAIRS
from tokenizer.replaying.merging import NO_SLACK, Merging, given_steps, merging, slack_of
from tokenizer.replaying.pruning import Pruned
from tokenizer.replaying.replay import Replay
from tokenizer.training.trainer_rules import Rules

Int64s = npt.NDArray[np.int64]

ROWS_AT_ONCE = 1 << 20
"""Rows left out that are merged together, which bounds memory."""


@dataclass
class Missing:
    """What is found in the rows left out."""

    lost: Int64s
    """How often each merge is made."""
    boundaries: Int64s
    """Two characters that meet, `code point << 32 | code point`, rising;"""
    meetings: Int64s
    """how often each do before any merge."""


def proven_merges(rows: Pruned, merges: Replay, rules: Rules) -> npt.NDArray[np.bool_]:
    """Of each merge, whether it is that of the whole table if all before it are."""
    missing = _missing(rows, merges, rules)
    slack = slack_of(missing.boundaries >> 32, missing.boundaries & 0xFFFFFFFF, missing.meetings)
    steps = given_steps(merges.parts, missing.lost)
    merging(rows.fragments, rows.counts, merges.characters, rules, steps, slack).run(len(merges.pieces))
    told = steps.told.reshape(-1, 4)
    least = told[:, 0] + missing.lost
    others = most_left(_boundary_of_each(merges, missing.boundaries), missing.lost, slack.counts.copy())
    return np.asarray((told[:, 3] == FIRST) & ((least > others) | (others == 0)), np.bool_)


def _missing(rows: Pruned, merges: Replay, rules: Rules) -> Missing:
    """Make the same merges in the rows left out, some at a time."""
    found = Missing(*(np.zeros(size, np.int64) for size in (len(merges.pieces), 0, 0)))
    for fragments, counts in _batches(rows.left_out, rows.left_out_counts):
        steps = given_steps(merges.parts, np.zeros_like(found.lost))
        state = merging(fragments, counts, merges.characters, rules, steps, NO_SLACK)
        _add_boundaries(found, state)
        state.run(len(found.lost))
        found.lost += steps.told.reshape(-1, 4)[:, 1]
    return found


def _add_boundaries(found: Missing, state: Merging) -> None:
    """Add the pairs of characters, before any merge."""
    pairs, codes, number = state.pairs, state.symbols.codes.astype(np.int64), int(state.pairs.state[PAIRS])
    here = codes[pairs.left[:number]] << 32 | codes[pairs.right[:number]]
    meetings = np.concatenate([found.meetings, pairs.counts[:number]])
    found.boundaries, place = np.unique(np.concatenate([found.boundaries, here]), return_inverse=True)
    found.meetings = np.zeros(len(found.boundaries), np.int64)
    np.add.at(found.meetings, place, meetings)


def _batches(fragments: pa.Array, counts: Int64s) -> Iterator[tuple[pa.Array, Int64s]]:
    for start in range(0, len(fragments), ROWS_AT_ONCE):
        yield fragments[start : start + ROWS_AT_ONCE], counts[start : start + ROWS_AT_ONCE]


def _boundary_of_each(merges: Replay, boundaries: Int64s) -> Int64s:
    """For each merge 1 + the place of its boundary in `boundaries`; 0 where it is not there."""
    symbols = [*merges.characters, *merges.pieces]
    first = np.array([ord(symbol[0]) for symbol in symbols], np.int64)
    last = np.array([ord(symbol[-1]) for symbol in symbols], np.int64)
    sought = last[merges.parts[:, 0]] << 32 | first[merges.parts[:, 1]]
    places = np.searchsorted(boundaries, sought)
    known = np.append(boundaries, -1)[places] == sought
    return np.where(known & (merges.parts[:, 0] >= 0), places + 1, 0)
