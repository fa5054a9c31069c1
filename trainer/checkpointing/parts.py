"""Where the parts of a tensor lie in it: what saving on one mesh and going on with another takes. No torch here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A part of a tensor: from where on, and how large, in every dim."""

    first: tuple[int, ...]
    shape: tuple[int, ...]

    @property
    def end(self) -> tuple[int, ...]:
        """One behind the last, in every dim."""
        return tuple(first + size for first, size in zip(self.first, self.shape, strict=True))

    @property
    def count(self) -> int:
        """Of numbers in it."""
        return math.prod(self.shape)

    def slices(self, inside: "Box") -> tuple[slice, ...]:
        """Where it is in one that holds it."""
        return tuple(
            slice(first - start, first - start + size)
            for first, size, start in zip(self.first, self.shape, inside.first, strict=True)
        )

    def common(self, other: "Box") -> "Box | None":
        """What both have; None where that is nothing."""
        first = tuple(map(max, self.first, other.first))
        shape = tuple(end - start for start, end in zip(first, map(min, self.end, other.end), strict=True))
        return Box(first, shape) if all(size > 0 for size in shape) else None


def whole_box(shape: tuple[int, ...]) -> Box:
    """All of a tensor."""
    return Box((0,) * len(shape), shape)


@dataclass(frozen=True)
class Part:
    """A part of a tensor in a file."""

    box: Box
    file: str
    start: int
    """The byte of the file that it begins at; its numbers stand one after the other from there on."""


@dataclass(frozen=True)
class Placed:
    """A tensor in the files of a checkpoint."""

    shape: tuple[int, ...]
    parts: tuple[Part, ...]
    """Each number is in one of them."""


def placed(parts: Sequence[Part]) -> Placed:
    """The tensor that these are all parts of. Raises ValueError where they are not: some is missing or twice there."""
    boxes = [part.box for part in parts]
    if len({len(box.shape) for box in boxes}) > 1:
        raise ValueError("its parts have different numbers of dims")
    shape = tuple(map(max, zip(*(box.end for box in boxes), strict=True)))
    filled = sorted((part for part in parts if part.box.count), key=lambda part: part.box.first)
    reaching: list[Part] = []  # of those before it, the ones that reach as far in the first dim
    for part in filled:
        reaching = [one for one in reaching if not shape or one.box.end[0] > part.box.first[0]]
        for one in reaching:
            if one.box.common(part.box) is not None:
                raise ValueError(f"its parts in {one.file} and {part.file} overlap")
        reaching.append(part)
    there, all_ = sum(part.box.count for part in filled), math.prod(shape)
    if there != all_:
        raise ValueError(f"{all_ - there:,} of its {all_:,} numbers are in none of its parts")
    return Placed(shape, tuple(filled))
