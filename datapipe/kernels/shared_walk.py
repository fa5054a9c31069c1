"""One walk over the words of a batch for two stages.

`text_statistics` and `repetition` are stages of their own, and finding the words is a good part of the work of each.
Where one follows the other on the same text, as in most recipes, the first measures for both and leaves the result
here for the second. That the second comes is learnt from the batch before; nothing but time depends on it.
"""

import threading
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from datapipe.kernels.repetition import Repetition

Offsets = npt.NDArray[np.int64]
Data = npt.NDArray[np.uint8]
Place = tuple[int, int, int]


class _Walk(threading.local):
    """What this thread knows of the last batch."""

    place: Place | None = None
    """Where the text lies that `text_statistics` measured last."""
    follower: bool | None = None
    """How `repetition` counted the text after it (its `datatrove`); None if it did not come."""
    left: "tuple[Offsets, Data, Repetition] | None" = None
    """The result, and the text it is of: held, so that no other text can come to lie in the same place."""


_walk = _Walk()


def _place_of(offsets: Offsets, data: Data) -> Place:
    return offsets.ctypes.data, data.ctypes.data, len(offsets)


def expected() -> bool | None:
    """Whether `repetition` will want this batch too, and with which `datatrove`: asked by `text_statistics`."""
    if _walk.left is not None:
        _walk.left = _walk.follower = None  # the last result was not wanted
    return _walk.follower


def leave(offsets: Offsets, data: Data, result: "Repetition | None") -> None:
    """Say which text was walked over, and leave what was found for `repetition`."""
    _walk.place = _place_of(offsets, data)
    _walk.left = None if result is None else (offsets, data, result)


def take(offsets: Offsets, data: Data, datatrove: bool) -> "Repetition | None":
    """What was left for this text, if it was counted this way."""
    if _walk.place != _place_of(offsets, data):
        return None
    result = _walk.left[2] if _walk.left is not None and _walk.follower == datatrove else None
    _walk.place, _walk.left, _walk.follower = None, None, datatrove
    return result
