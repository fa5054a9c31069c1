"""The documents of a batch that a round compares: those still kept that have a signature."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

SIGNATURE = "signature"
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd: 2**64 divided by the golden ratio


def takes_part(batch: pa.RecordBatch) -> pa.BooleanArray:
    """Which documents are compared."""
    return pc.and_(pc.is_null(batch["drop_reason"]), pc.is_valid(batch[SIGNATURE]))


def signatures(batch: pa.RecordBatch, permutations: int) -> npt.NDArray[np.uint32]:
    """Shape (rows, permutations), C-contiguous: of documents that all have a signature."""
    values: npt.NDArray[np.uint32] = batch[SIGNATURE].flatten().to_numpy(zero_copy_only=False)
    return np.ascontiguousarray(values, np.uint32).reshape(batch.num_rows, permutations)


def scope_hashes(batch: pa.RecordBatch, scope: tuple[str, ...]) -> npt.NDArray[np.uint64]:
    """A number per document, the same for equal values in the columns of `scope`, in every run; nulls are equal too."""
    found = np.zeros(batch.num_rows, np.uint64)
    for name in scope:
        codes = pc.cast(batch[name], pa.string()).dictionary_encode()
        known = [xxhash.xxh3_64_intdigest(value.encode()) for value in codes.dictionary.to_pylist()]
        values = np.array([*known, 0], np.uint64)  # the last one for nulls
        found = found * _MULTIPLIER ^ values[pc.fill_null(codes.indices, len(known)).to_numpy(zero_copy_only=False)]
    return found
