"""Rows of units -> windows of shards, many at once."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.integer]
Numbers = npt.NDArray[np.int64]


class WindowIndex:
    """Where the rows of units lie. Shards are numbered through all units."""

    def __init__(self, units: Iterable[Sequence[int]]) -> None:
        """Of units whose shards have so many windows each."""
        of_units = list(units)
        shards = np.array([windows for unit in of_units for windows in unit], np.int64)
        self._first = np.concatenate([[0], np.cumsum(shards)])
        first_shards = np.cumsum([0, *(len(unit) for unit in of_units)])
        self._unit_first = self._first[first_shards]
        """The first window of every unit, all windows numbered through; at the end, how many there are."""

    def locate(self, units: Integers, rows: Integers) -> tuple[Numbers, Numbers]:
        """The shard and the window in it of row `rows[i]` of unit `units[i]`. Raises IndexError where there is none."""
        numbers = self._unit_first[units] + rows
        if len(rows) and (rows.min() < 0 or (numbers >= self._unit_first[units + 1]).any()):
            raise IndexError(f"rows {rows.min()} to {rows.max()}: a unit has no such row")
        # Of shards that begin at the same window all but the last are empty: the last is the one to the left of it.
        shards = np.searchsorted(self._first, numbers, side="right") - 1
        return shards, numbers - self._first[shards]
