"""The models of a recipe, learned from rows: trained once, at the largest size, and checked merge by merge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datapipe.output import RunError
from tokenizer.model_file import Model, read_model
from tokenizer.nested_sizes import cut_to, merges_of
from tokenizer.recipe import VOCABULARY_MULTIPLE, Symbols, Train
from tokenizer.replay import Replay, replay
from tokenizer.trainer_rules import rules_of
from tokenizer.vocabulary import train_model
from tokenizer.weighted_rows import Rows

if TYPE_CHECKING:
    from rich.console import Console

TINY_COUNT = 100
"""Merges of pairs that stood less often rest on little: another sample of the text would have other ones."""


@dataclass(frozen=True)
class Learned:
    """Models by size, and the merges of the largest."""

    models: dict[int, Model]
    merges: Replay

    def counts(self, vocab_size: int, scale: float) -> list[float]:
        """How often the pair of each merge of that model stood in the weighted text."""
        counts = self.merges.counts[: len(merges_of(self.models[vocab_size]))]
        return [int(count) for count in counts] if scale == 1 else [float(count) for count in counts / scale]


def learn_models(
    rows: Rows, train: Train, symbols: Symbols, sizes: Sequence[int], *,
    warn: Callable[[str], None], console: "Console | None" = None,
) -> Learned:  # fmt: skip
    """A model of each of `sizes`. Raises RunError, with the largest size there can be, where one is too large."""
    largest = max(sizes)
    model = read_model(train_model(rows, train, symbols, largest, console=console), f"the model of {largest:,} pieces")
    merges = replay(rows.fragments, rows.counts, model, rules_of(train, symbols))
    _check_size(model, merges, largest)
    _warn(merges, rows.scale, warn)
    names = {size: f"the model of {size:,} pieces" for size in sizes}
    return Learned(
        {size: model if size == largest else read_model(cut_to(model, size), name) for size, name in names.items()},
        merges,
    )


def _check_size(model: Model, merges: Replay, vocab_size: int) -> None:
    """Whether there were pairs for all merges: the trainer goes on where the best pair no longer stands anywhere."""
    made = int(np.count_nonzero(merges.counts))
    others = model.vocab_size - len(merges.counts)
    if others + made >= vocab_size:
        return
    possible = (others + made) // VOCABULARY_MULTIPLE * VOCABULARY_MULTIPLE
    raise RunError(
        f"train.vocab_sizes: this text does not support {vocab_size:,} pieces: {others:,} symbols, bytes and "
        f"characters and {made:,} merges make {others + made:,}; the largest size possible is {possible:,}"
    )


def _warn(merges: Replay, scale: float, warn: Callable[[str], None]) -> None:
    counts = merges.counts / scale
    tiny = int(np.count_nonzero(counts < TINY_COUNT))
    if tiny:
        warn(
            f"warning: the last merges rest on tiny counts: {tiny:,} of {len(counts):,} on pairs that stand less than "
            f"{TINY_COUNT} times in the weighted text, the last one {counts[-1]:,.4g} times; "
            "more text, or a smaller vocabulary, would make them sure"
        )
    strange = int(np.count_nonzero(~merges.is_next))
    if strange:
        warn(
            f"warning: {strange:,} of {len(counts):,} merges are not those that the rules of SentencePiece give: "
            "please report this, with the version of SentencePiece"
        )
