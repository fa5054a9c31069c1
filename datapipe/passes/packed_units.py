"""What one shard gives to every unit, in few bytes: a driver keeps it of a hundred thousand shards.

As objects, 24 units of 100,000 shards would take more than 2 GB.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import overload

from datapipe.receipts import UnitCount

PAIR = struct.Struct("<qq")


@dataclass(frozen=True, slots=True)
class PackedUnits(Sequence[UnitCount]):
    """Unit counts that are made when they are asked for."""

    names: tuple[tuple[str, str], ...]
    """Domain and unit; one tuple for all shards that give to the same units."""
    numbers: bytes
    """Per unit: bytes, documents."""

    def __len__(self) -> int:
        """How many units."""
        return len(self.names)

    def __iter__(self) -> Iterator[UnitCount]:
        """In their order."""
        for (domain, unit), (size, documents) in zip(self.names, PAIR.iter_unpack(self.numbers), strict=True):
            yield UnitCount(domain, unit, documents, size, ())

    @overload
    def __getitem__(self, index: int) -> UnitCount: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[UnitCount]: ...
    def __getitem__(self, index: int | slice) -> UnitCount | Sequence[UnitCount]:
        """One, or some."""
        return list(self)[index]


def packed(units: Sequence[UnitCount]) -> Sequence[UnitCount]:
    """The same counts without their ladders, packed."""
    if not units:
        return ()
    names = _shared(tuple((one.domain, one.unit) for one in units))
    return PackedUnits(names, b"".join(PAIR.pack(one.bytes, one.documents) for one in units))


@lru_cache(maxsize=100_000)
def _shared(names: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The first equal tuple there was."""
    return names
