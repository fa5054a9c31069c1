"""From the ordinal of a sample in its unit to the row that it reads."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit

from datapipe.kernels.hashing import SEED, finish, hash_bytes, mix
from trainer.kernels.bijection import half_bits, permute
from trainer.kernels.turns import Int64s

Keys: TypeAlias = npt.NDArray[np.uint64]


@njit(nogil=True, cache=True)
def unit_key(seed: np.uint64, name: npt.NDArray[np.uint8]) -> np.uint64:
    """What the keys of a unit's epochs begin with; `name` is `domain/unit` in UTF-8."""
    return mix(mix(SEED, seed), hash_bytes(name, 0, len(name)))


@njit(nogil=True, cache=True)
def sample_key(name: npt.NDArray[np.uint8]) -> np.uint64:
    """The key of which windows of a unit, `domain/unit` in UTF-8, are in a sample: the same whatever the run's seed."""
    return finish(mix(SEED, hash_bytes(name, 0, len(name))))


@njit(nogil=True, cache=True)
def epoch_key(unit: np.uint64, epoch: int) -> np.uint64:
    """The key of the order of an epoch of a unit, by its `unit_key`."""
    return finish(mix(unit, np.uint64(epoch)))


@njit(nogil=True, cache=True)
def find_rows(units: Int64s, ordinals: Int64s, keys: Keys, windows: Int64s, epochs: Int64s, rows: Int64s) -> None:
    """Fill `epochs` and `rows` for samples that are the `ordinals[k]`-th of `units[k]`, of so many windows."""
    for k in range(len(units)):
        unit = units[k]
        count = windows[unit]
        epoch = ordinals[k] // count
        epochs[k] = epoch
        rows[k] = permute(epoch_key(keys[unit], epoch), count, half_bits(count), ordinals[k] - epoch * count)


@njit(nogil=True, cache=True)
def find_drawn(units: Int64s, rows: Int64s, keys: Keys, totals: Int64s) -> None:
    """Make of the places in samples, in `rows`, those in whole units, by their `sample_key` and windows in all.

    A total of 0 is that of a unit that is read whole. A sample is the beginning of one order of all windows: a larger
    one holds a smaller.
    """
    for k in range(len(units)):
        total = totals[units[k]]
        if total:
            rows[k] = permute(keys[units[k]], total, half_bits(total), rows[k])
