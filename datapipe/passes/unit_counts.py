"""How many documents and bytes of a shard go to which unit, and how many of them could be held out."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapipe.passes.holdout import below, draws
from datapipe.receipts import UnitCount


class UnitCounts:
    """The sums per unit."""

    def __init__(self, steps: tuple[float, ...]) -> None:
        """Count below these steps of the holdout ladder."""
        self._steps = steps
        self._units: dict[tuple[str, str], list[int]] = {}

    def add(self, kept: pa.RecordBatch, routes: pa.RecordBatch, seed: int) -> None:
        """Add documents that stay, with where they go."""
        numbers = draws(kept["id"].to_pylist(), seed)
        sizes = kept["text_bytes"].to_numpy()
        for key, chosen in _groups(routes):
            entry = self._units.setdefault(key, [0, 0, *(0 for _ in self._steps)])
            added = [int(chosen.sum()), int(sizes[chosen].sum()), *below(numbers[chosen], self._steps)]
            self._units[key] = [a + b for a, b in zip(entry, added, strict=True)]

    def counts(self) -> tuple[UnitCount, ...]:
        """In the form of a receipt, in order."""
        return tuple(UnitCount(*key, v[0], v[1], tuple(v[2:])) for key, v in sorted(self._units.items()))


def _groups(rows: pa.RecordBatch) -> Iterator[tuple[tuple[str, str], npt.NDArray[np.bool_]]]:
    """The (domain, unit) pairs of a batch, each with its rows."""
    domains, units = rows["domain"].dictionary_encode(), rows["unit"].dictionary_encode()
    codes = domains.indices.to_numpy() * max(len(units.dictionary), 1) + units.indices.to_numpy()
    for code in np.unique(codes):
        domain, unit = divmod(int(code), max(len(units.dictionary), 1))
        yield (domains.dictionary[domain].as_py(), units.dictionary[unit].as_py()), codes == code
