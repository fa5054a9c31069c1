"""`prediction.json`, written before anything is trained, and `validation.json`, what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass

PREDICTION = "prediction.json"
VALIDATION = "validation.json"


@dataclass(frozen=True)
class PredictedTarget:
    """Baseline less proposal: above 0 the proposal is better."""

    target: str
    proposal: float
    baseline: float
    gain: float
    low: float
    high: float
    """At the proxies' size, with its interval."""


@dataclass(frozen=True)
class Prediction:
    """What is expected, before it is seen."""

    experiment: str
    swarm_digest: str
    proposal_digest: str
    """Of `proposal.json`: another proposal needs another prediction."""
    written_at: str
    """UTC."""
    interval: float
    proposal: tuple[tuple[float, ...], ...]
    baseline: tuple[tuple[float, ...], ...]
    seeds: tuple[int, ...]
    proxy: Mapping[str, object]
    """Keys of what is trained, as `swarm.json` has those of the proxies,"""
    tokens: int
    """of which this is the length,"""
    parameters: int
    """and this its size."""
    targets: tuple[PredictedTarget, ...]
    """The objective first."""


@dataclass(frozen=True)
class ObservedTarget:
    """The same, seen: mean over pairs, with the interval of the paired differences (Student's t)."""

    target: str
    proposal: float
    baseline: float
    gain: float
    low: float
    high: float
    is_better: bool
    """Whether the interval is above 0."""
    sign_as_predicted: bool


@dataclass(frozen=True)
class Pair:
    """One seed."""

    seed: int
    proposal: tuple[float, ...]
    baseline: tuple[float, ...]
    """By target."""


@dataclass(frozen=True)
class ValidationResult:
    """All of it."""

    prediction_digest: str
    targets: tuple[ObservedTarget, ...]
    pairs: tuple[Pair, ...]
    seconds: float
    notes: tuple[str, ...]
