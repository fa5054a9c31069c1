"""Which merges of a vocabulary are proven to be those of the whole table, when rare fragments were left out of it.

As long as all merges so far are the same, a merge can only differ if another pair stands more often in the whole
table. What the chosen pair has is known: its count in the rows kept, and how often it is merged in the rows left out,
once the same merges are made there. What another pair can have there is bounded by its *boundary*, the last character
of its left part and the first of its right one: every place of the pair in the rows left out is a place where these
two characters meet and are not merged yet. That number is known for each pair of characters after every merge: it is
how often they meet in the rows left out, less the merges made there so far at such a boundary. Pairs that stand in no
row kept are bounded by the largest of these numbers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tokenizer.model_file import Model
from tokenizer.pruning import Pruned
from tokenizer.replay import Replay, replay
from tokenizer.trainer_rules import Rules

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

ROWS_AT_ONCE = 1 << 20
"""Rows left out that are merged together."""
RARE = 100
"""Merges of lower counts rest on few places: a vocabulary is better smaller than with many of them."""


@dataclass(frozen=True)
class Certificate:
    """What of a vocabulary is sure, as `lineage.json` says it."""

    merges: int
    proven: int
    """So many merges, from the first on, are those of the whole table."""
    could_differ: int
    """Merges that could be others even if all before them are the same."""
    first_that_could: str | None
    """Piece of the first merge that is not proven."""
    left_out_fragments: int
    left_out_share: float
    """Of all that was counted, by count."""
    sampled: tuple[str, ...]
    """Languages that were counted in part."""
    last_count: int
    """How often the pair of the last merge stood in the rows."""
    rare_share: float
    """Share of merges with counts below RARE."""
    never: int
    """Merges of pairs that stood nowhere any more: the vocabulary is larger than what there is to learn."""

    @property
    def sentence(self) -> str:
        """What was counted and what is proven, for people."""
        sample = f"; {', '.join(self.sampled)} rest on a sample" if self.sampled else ""
        if not self.left_out_fragments:
            which = "counted fragments were used" if self.sampled else "fragments of the corpus were counted"
            return f"exact: all {which}{sample}"
        left_out = f"{self.left_out_fragments:,} rare fragments ({self.left_out_share:.2%} of all) were left out"
        if self.proven == self.merges:
            return f"exact: {left_out}, and none of the {self.merges:,} merges can differ for it{sample}"
        first = f"merge {self.proven + 1:,}, {self.first_that_could!r}, is the first that could differ"
        proven = f"of {self.merges:,} merges the first {self.proven:,} are proven"
        return f"{left_out}: {proven}; {first}, of {self.could_differ:,} that could{sample}"

    def as_json(self) -> dict[str, Any]:
        """All fields, and the sentence."""
        return {**asdict(self), "sampled": list(self.sampled), "sentence": self.sentence}


def certify(rows: Pruned, model: Model, rules: Rules, sampled: Sequence[str] = ()) -> tuple[Certificate, Replay]:
    """What is sure of `model`, which was trained on the rows kept; and its merges in them."""
    merges = replay(rows.fragments, rows.counts, model, rules)
    sure = proven_merges(rows, merges, rules) if len(rows.left_out) else np.ones(len(merges.pieces), bool)
    proven = len(sure) if sure.all() else int(np.argmin(sure))
    lost = float(rows.left_out_counts.sum())
    found = Certificate(
        merges=len(sure),
        proven=proven,
        could_differ=int(np.count_nonzero(~sure)),
        first_that_could=merges.pieces[proven] if proven < len(sure) else None,
        left_out_fragments=len(rows.left_out),
        left_out_share=lost / max(1.0, float(rows.counts.sum())),
        sampled=tuple(sampled),
        last_count=int(merges.counts[-1]) if len(sure) else 0,
        rare_share=float(np.mean(merges.counts < RARE)) if len(sure) else 0.0,
        never=int(np.count_nonzero(merges.counts == 0)),
    )
    return found, merges


def proven_merges(rows: Pruned, merges: Replay, rules: Rules) -> npt.NDArray[np.bool_]:
    """Of each merge, whether it is that of the whole table if all before it are."""
    from tokenizer.kernels.bounds import most_left
    from tokenizer.merging import given_steps, merging, slack_of

    boundaries, meetings, lost = _left_out(rows, merges, rules)
    slack = slack_of(boundaries >> 32, boundaries & 0xFFFFFFFF, meetings)
    steps = given_steps(merges.parts, lost)
    merging(rows.fragments, rows.counts, merges.characters, rules, steps, slack).run(len(lost))
    told = steps.told.reshape(-1, 4)
    least = told[:, 0] + lost
    others = most_left(_boundary_of_each(merges, boundaries), lost, slack.counts.copy())
    return np.asarray((told[:, 3] == 1) & ((least > others) | (others == 0)), np.bool_)


def _left_out(rows: Pruned, merges: Replay, rules: Rules) -> tuple[Int64s, Int64s, Int64s]:
    """Of the rows left out: boundaries (rising, as `code point << 32 | code point`), how often each is there before any
    merge, and how often each merge is made."""
    from tokenizer.kernels.pair_table import PAIRS
    from tokenizer.merging import NO_SLACK, given_steps, merging

    boundaries, meetings = np.zeros(0, np.int64), np.zeros(0, np.int64)
    lost = np.zeros(len(merges.pieces), np.int64)
    for fragments, counts in _batches(rows.left_out, rows.left_out_counts):
        steps = given_steps(merges.parts, np.zeros_like(lost))
        state = merging(fragments, counts, merges.characters, rules, steps, NO_SLACK)
        pairs, codes, number = state.pairs, state.symbols.codes.astype(np.int64), int(state.pairs.state[PAIRS])
        found = codes[pairs.left[:number]] << 32 | codes[pairs.right[:number]]
        boundaries, place = np.unique(np.concatenate([boundaries, found]), return_inverse=True)
        summed = np.zeros(len(boundaries), np.int64)
        np.add.at(summed, place, np.concatenate([meetings, pairs.counts[:number]]))
        meetings = summed
        state.run(len(lost))
        lost += steps.told.reshape(-1, 4)[:, 1]
    return boundaries, meetings, lost


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
