"""What a plan comes to, in numbers: `trainer plan --json` prints these, and keeps their names."""

from collections.abc import Mapping
from dataclasses import dataclass

from trainer.reckoning.cost import Cost, Flops
from trainer.reckoning.memory import Memory
from trainer.shapes import Shape


@dataclass(frozen=True)
class UnitOutlook:
    """A unit in one phase."""

    domain: str
    unit: str
    asked: float
    """Its share of the phase."""
    given: float
    """The same in whole parts."""
    samples: int
    """Of the phase."""
    windows: int
    epochs: float
    """How often it has been read by the end of the phase, since the start of training."""
    cap: float | None
    """What `max_epochs` of the phase allows."""


@dataclass(frozen=True)
class DomainOutlook:
    """A domain in one phase, as its units are."""

    domain: str
    asked: float
    given: float
    samples: int
    windows: int
    epochs: float
    largest_deviation: float
    """Largest |given / asked - 1| of its units' shares of the domain,"""
    of_unit: str
    """and which one has it."""


@dataclass(frozen=True)
class PhaseOutlook:
    """One phase. Steps are counted from 1, samples from 0."""

    name: str
    blend: str
    batch: int
    steps: int
    first_step: int
    last_step: int
    first_sample: int
    edge_sample: int
    """Where its tokens end,"""
    end_sample: int
    """and where its last batch does."""
    tokens: int
    """Of its steps."""
    first_rate: float
    """Learning rate of its first step"""
    last_rate: float
    """and its last."""
    domains: tuple[DomainOutlook, ...]
    units: tuple[UnitOutlook, ...]
    memory: Memory
    """Bytes per GPU: arithmetic, not measured;"""
    memory_bytes: int
    """and all of them."""
    cost: Cost


@dataclass(frozen=True)
class Totals:
    """Of all phases."""

    steps: int
    samples: int
    tokens: int
    overshoot_samples: int
    """By which the last batch goes beyond the plan's tokens."""
    flops: int
    days: float
    gpu_hours: float


@dataclass(frozen=True)
class Beginning:
    """The checkpoint that the plan starts from."""

    checkpoint: str
    is_there: bool
    samples_seen: int | None
    """In the run it is of."""


@dataclass(frozen=True)
class Outlook:
    """A plan."""

    name: str
    output: str
    model: Shape
    parameters: int
    seq_len: int
    corpus: str
    """`tokens`, or `sizes` where there are none yet."""
    corpus_tokens: Mapping[str, int]
    """By domain."""
    start: Beginning | None
    gpu: str
    peak_flops: float
    memory_bytes: float
    """What one GPU has."""
    flops_per_token: Flops
    attention_of_mfu: str
    """Which of the two `mfu.full` and all FLOPs are reckoned with: `full`."""
    phases: tuple[PhaseOutlook, ...]
    totals: Totals
    notes: tuple[str, ...]
    """What a reader must know beside the numbers."""
