"""Our order of sources beside Megatron's: its compiled index builder gives every source as much, at every prefix."""

import warnings

import numpy as np
import pytest

from trainer.blend import whole_parts
from trainer.turns import Turns

pytestmark = pytest.mark.slow
"""megatron-core imports torch, and its installation takes minutes."""

PREFIX = 200_000
BLENDS = {
    "nemotron4": [70.0, 15.0, 15.0],
    "two": [2.0, 1.0],
    "one_of_twenty": [19.0, *[1.0 / 19] * 19],
    "harmonic": [1.0 / rank for rank in range(1, 41)],
    "flat": [1.0] * 83,
}


def theirs(weights: list[float], samples: int) -> np.ndarray:
    """The source of every sample, by megatron-core."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that Transformer Engine and Apex are not there
        from megatron.core.datasets import helpers
    sources, ordinals = np.zeros(samples, np.int16), np.zeros(samples, np.int64)
    shares = np.array(weights) / sum(weights)
    helpers.build_blending_indices(sources, ordinals, shares, len(weights), samples, False)
    return sources


def ours(weights: list[float], samples: int) -> np.ndarray:
    parts = whole_parts({f"{place:03}": weight / sum(weights) for place, weight in enumerate(weights)})
    nodes = np.zeros(samples, np.int64)
    Turns(list(parts.values())).send(0, 1, nodes, np.arange(samples))
    return nodes - 1


def counts(sources: np.ndarray, source: int) -> np.ndarray:
    """Samples of a source up to every prefix."""
    return np.cumsum(sources == source)


@pytest.mark.parametrize("name", BLENDS)
def test_no_source_is_more_than_two_samples_from_megatrons_at_any_prefix(name: str) -> None:
    weights = BLENDS[name]
    megatron, corpusmill = theirs(weights, PREFIX), ours(weights, PREFIX)
    for source in range(len(weights)):
        assert np.abs(counts(megatron, source) - counts(corpusmill, source)).max() <= 2


def test_seventy_fifteen_fifteen_of_500_samples_are_350_75_75_in_both() -> None:
    """Ours has 734,003 parts of 2 ** 20 for 70 %, which is 350.0 of 500 samples."""
    for sources in (theirs(BLENDS["nemotron4"], 500), ours(BLENDS["nemotron4"], 500)):
        assert np.bincount(sources).tolist() == [350, 75, 75]
