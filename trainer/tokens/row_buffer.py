"""Memory that rows of tokens are read into, again and again."""

import numpy as np
import numpy.typing as npt

from datapipe.output import RunError

Rows = npt.NDArray[np.integer]
"""[rows, seq_len + 1] tokens, in the type of the files."""


class RowBuffer:
    """Rows, and of each a view of its bytes, made once."""

    def __init__(self, rows: int, seq_len: int, dtype: np.dtype[np.integer], is_pinned: bool = False) -> None:
        """For `rows` windows; pinned memory can be copied to a GPU at full speed, and takes CUDA to get."""
        shape = (rows, seq_len + 1)
        try:
            self.rows: Rows = _pinned(shape, dtype) if is_pinned else np.empty(shape, dtype)
        except (MemoryError, ValueError) as error:  # numpy has the other for more bytes than 64 bits count
            size = f"{rows:,} rows of {seq_len:,} + 1 tokens"
            raise RunError(f"no memory for a batch of {size}: give a phase a smaller batch") from error
        self.views = [memoryview(row).cast("B") for row in self.rows]


def _pinned(shape: tuple[int, int], dtype: np.dtype[np.integer]) -> Rows:
    import torch

    bytes_ = torch.empty(shape[0] * shape[1] * dtype.itemsize, dtype=torch.uint8, pin_memory=True)
    found: Rows = bytes_.numpy().view(dtype).reshape(shape)
    return found
