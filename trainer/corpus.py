"""What there is to train on: how many windows every unit has, and in which files they lie.

Window k of a shard is its tokens [k * seq_len, (k + 1) * seq_len], as `tokenizer.encoding.manifest` has it, for the
plan's `seq_len`. Row r of a unit is the r-th window of its shards, one after the other.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from datapipe.output import RunError
from tokenizer.encoding.manifest import windows_of
from trainer.course import ByUnit
from trainer.plan import Plan
from trainer.processes.degrees import float8_misfit, tensor_misfit
from trainer.shapes import Shape

SEQ_LEN = 4096
"""Where neither plan nor tokens say one: table 1 of arXiv 2402.16819."""
SIZES_ONLY = "sizes"
"""Fingerprint of a corpus that is nothing but sizes in a plan."""


@dataclass(frozen=True)
class UnitSize:
    """A unit in numbers."""

    tokens: int
    windows: int
    shards: int
    drawn_from: int = 0
    """Windows in all, where `windows` are a sample of them; 0: none is left out."""

    @classmethod
    def of(cls, shard_tokens: Iterable[int], seq_len: int, fraction: float = 1.0) -> "UnitSize":
        """The unit of shards with so many tokens, of whose windows there is a share, one at least."""
        found = list(shard_tokens)
        windows = sum(windows_of(tokens, seq_len) for tokens in found)
        chosen = min(windows, max(1, round(windows * fraction)))
        return cls(sum(found), chosen, len(found), windows if chosen < windows else 0)


@dataclass(frozen=True)
class CorpusSizes:
    """A corpus in numbers: all that a plan is reckoned from."""

    units: Mapping[str, Mapping[str, UnitSize]]
    """By domain and unit; some may have no window."""
    seq_len: int
    vocab_size: int
    """Of the tokenizer; that of the model where there are sizes only."""
    vocabulary: str = ""
    """Fingerprint of the tokenizer's model, "" where it is not known."""
    model_sha256: str = ""
    """Of `tokenizer.model`, "" where there is none."""
    bos: int | None = None
    eos: int | None = None
    """Ids that begin and end each document; None: none does, or it is not known."""
    fingerprint: str = SIZES_ONLY
    """Of what is trained on: tokens of every shard, in order, and their sums where there is a manifest."""
    mixture: Mapping[str, Any] = field(default_factory=dict)
    """`mixture.json` of the data, {} where there is none."""

    @property
    def windows(self) -> ByUnit:
        """Of every unit."""
        return {domain: {unit: size.windows for unit, size in units.items()} for domain, units in self.units.items()}


@dataclass(frozen=True, slots=True)
class ShardFile:
    """One shard: `PREFIX.bin` and `PREFIX.idx`."""

    prefix: str
    tokens: int


Shards = Mapping[str, Mapping[str, tuple[ShardFile, ...]]]
"""By domain and unit, in order."""


@dataclass(frozen=True)
class Corpus:
    """A corpus on local or mounted storage."""

    sizes: CorpusSizes
    dtype: np.dtype[np.integer]
    """Of the tokens in all files."""
    units: Shards
    validation: Shards
    """Documents that are held out."""
    has_sidecars: bool
    """Whether `PREFIX.documents.parquet` tells of the documents."""


def corpus_of(plan: Plan, root: str | None = None) -> Corpus:
    """What the plan trains on. Of token files their index is opened where there is no manifest, nothing is read.

    Raises RunError where there are no such tokens, they are not local, or have more ids than the model.
    """
    from trainer.tokens import megatron_files, token_folder

    if plan.megatron is not None:
        found = megatron_files.corpus_of(plan, plan.megatron)
    elif plan.data is not None:
        found = token_folder.corpus_of(plan, plan.data, root)
    else:
        raise RunError(f"{plan.file}: nothing to train on: give data and tokenizer, or megatron")
    shape_of(plan, found.sizes)
    return found


def sizes_of(plan: Plan, root: str | None = None) -> CorpusSizes:
    """The plan's corpus in numbers: of its tokens, which may be remote, or of `sizes` while there are none.

    Raises RunError where there are neither, or tokens have more ids than the model.
    """
    from trainer.tokens import token_folder

    if plan.sizes and (plan.data is None or not token_folder.is_there(plan, plan.data, root)) and plan.megatron is None:
        return _only_sizes(plan)
    if plan.data is None or plan.megatron is not None:
        return corpus_of(plan, root).sizes
    found = token_folder.sizes_of(plan, plan.data, root)
    shape_of(plan, found)
    return found


def _only_sizes(plan: Plan) -> CorpusSizes:
    seq_len = plan.seq_len or SEQ_LEN
    units = {
        domain: {unit: UnitSize.of([tokens], seq_len, plan.data_fraction) for unit, tokens in of_domain.items()}
        for domain, of_domain in plan.sizes.items()
    }
    assert plan.shape is not None
    return CorpusSizes(units, seq_len, plan.shape.vocab_size)


def shape_of(plan: Plan, sizes: CorpusSizes) -> Shape:
    """The model's sizes, with the tokenizer's vocabulary where the plan says none.

    Raises RunError where the plan's is smaller, and where processes that share layers cannot divide it.
    """
    assert plan.shape is not None
    given, shape = plan.shape.vocab_size, plan.shape
    if given == 1:  # as `trainer.load` has it where nothing is said
        shape = dataclasses.replace(shape, vocab_size=sizes.vocab_size)
    elif given < sizes.vocab_size:
        raise RunError(
            f"{plan.file}: the model has {given:,} pieces (model.vocab_size, or its preset's), the tokens have ids up "
            f"to {sizes.vocab_size - 1:,}: give it at least {sizes.vocab_size:,}"
        )
    if misfit := tensor_misfit(shape, sizes.seq_len, plan.execution.tensor_parallel):
        raise RunError(f"{plan.file}: execution.tensor_parallel: expected {misfit}")
    if plan.execution.fp8 and (misfit := float8_misfit(shape, sizes.seq_len, plan.execution.tensor_parallel)):
        raise RunError(f"{plan.file}: execution.fp8: expected {misfit}")
    return shape
