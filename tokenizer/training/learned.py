"""The models of a recipe, learned from rows: trained once, at the largest size, and checked merge by merge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datapipe.output import RunError
from tokenizer.model_file import Model, read_model
from tokenizer.recipe import VOCABULARY_MULTIPLE, Symbols, Train
from tokenizer.replaying.certificate import RARE, Certificate, certify
from tokenizer.replaying.pruning import Pruned, pruned_rows
from tokenizer.replaying.replay import Replay
from tokenizer.training.estimate import NATIVE, SENTENCEPIECE
from tokenizer.training.native_training import train_natively
from tokenizer.training.nested_sizes import cut_to, merges_of
from tokenizer.training.trainer_rules import rules_of
from tokenizer.training.vocabulary import train_model
from tokenizer.training.waiting import waiting
from tokenizer.training.weighted_rows import Rows

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True)
class Learned:
    """One model."""

    model: Model
    counts: tuple[float, ...]
    """How often the pair of each merge stood in the weighted text, in order."""
    certificate: Certificate


def learn_models(
    rows: Rows, train: Train, symbols: Symbols, sizes: Sequence[int], sampled: Mapping[str, float] = {}, *,
    warn: Callable[[str], None], console: "Console | None" = None,
) -> dict[int, Learned]:  # fmt: skip
    """A model of each of `sizes`; `sampled` are languages counted in part, and their rates.

    Raises RunError, with the largest size there can be, where one is too large.
    """
    rules, largest = rules_of(train, symbols), max(sizes)
    kept, is_native = _kept(rows, train, symbols, largest)
    if is_native:
        megabytes = NATIVE.needed(kept.fragments, largest) / 1e6
        warn(
            "SentencePiece's trainer would need more than train.max_memory_bytes: training natively, by the same "
            f"rules, in about {megabytes:,.0f} MB"
        )
    train_rows = train_natively if is_native else train_model
    found = train_rows(Rows(kept.fragments, kept.counts), train, symbols, largest, console=console)
    model = read_model(found, _name(largest))
    with waiting(f"checking {len(merges_of(model)):,} merges", console):
        certificate, merges = certify(kept, model, rules, tuple(sampled))
    _check_size(model, merges, largest)
    learned = {}
    for size in sizes:
        cut = model if size == largest else read_model(cut_to(model, size), _name(size))
        counts = merges.counts[: len(merges_of(cut))] / rows.scale
        if size != largest and len(kept.left_out):
            with waiting(f"checking {len(merges_of(cut)):,} merges", console):
                certificate, _ = certify(kept, cut, rules, tuple(sampled))
        learned[size] = Learned(cut, tuple(_numbers(counts, rows.scale)), _of_text(certificate, counts))
    _warn(learned[largest], merges, warn)
    return learned


def _name(vocab_size: int) -> str:
    return f"the model of {vocab_size:,} pieces"


def _kept(rows: Rows, train: Train, symbols: Symbols, vocab_size: int) -> tuple[Pruned, bool]:
    """The rows that memory allows, and whether it allows them only to native training."""
    whole = Pruned(rows.fragments, rows.counts, pa.array([], pa.large_string()), np.zeros(0, np.int64))
    limit = train.max_memory_bytes
    if limit is None or SENTENCEPIECE.needed(rows.fragments, vocab_size) <= limit:
        return whole, False
    if NATIVE.needed(rows.fragments, vocab_size) <= limit:
        return whole, True
    return pruned_rows(rows.fragments, rows.counts, rules_of(train, symbols), limit, vocab_size), True


def _numbers(counts: "np.ndarray[tuple[int], np.dtype[np.float64]]", scale: float) -> list[float]:
    return [int(count) for count in counts] if scale == 1 else [float(count) for count in counts]


def _of_text(certificate: Certificate, counts: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> Certificate:
    """The certificate in counts of the text, not of rows that were scaled, and of so many merges."""
    merges = len(counts)
    return replace(
        certificate,
        merges=merges,
        proven=min(certificate.proven, merges),
        last_count=round(float(counts[-1])) if merges else 0,
        rare_share=float(np.mean(counts < RARE)) if merges else 0.0,
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


def _warn(learned: Learned, merges: Replay, warn: Callable[[str], None]) -> None:
    counts = np.array(learned.counts)
    tiny = int(np.count_nonzero(counts < RARE))
    if tiny:
        warn(
            f"the last merges rest on tiny counts: {tiny:,} of {len(counts):,} on pairs that stand less than "
            f"{RARE} times in the weighted text, the last one {counts[-1]:,.4g} times; "
            "more text, or a smaller vocabulary, would make them sure"
        )
    strange = int(np.count_nonzero(~merges.is_next))
    if strange:
        warn(
            f"{strange:,} of {len(counts):,} merges are not those that the rules of SentencePiece give: "
            "please report this, with the version of SentencePiece"
        )
