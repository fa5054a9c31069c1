"""What is sure of a vocabulary: whether it is that of all that was counted, and how much its merges rest on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tokenizer.model_file import Model
from tokenizer.replaying.pruning import Pruned
from tokenizer.replaying.replay import Replay, replay
from tokenizer.training.trainer_rules import Rules

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
    not_counted: int = 0
    """Fragments that were too long to be counted."""

    @property
    def sentence(self) -> str:
        """What was counted and what is proven, for people."""
        languages = ", ".join(one or "texts without a language" for one in self.sampled)
        sample = f"; {languages} rest on a sample" if languages else ""
        if self.not_counted:
            sample += f"; {self.not_counted:,} fragments were too long to be counted"
        if not self.left_out_fragments:
            which = "counted fragments were used" if sample else "fragments of the corpus were counted"
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
    from tokenizer.replaying.merge_bounds import proven_merges

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
