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
