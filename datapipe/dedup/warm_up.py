"""The kernels of the rounds, compiled before many tasks at once want them."""

import numpy as np


def compile_kernels() -> None:
    """Call each once, with what it is called with later."""
    from datapipe.kernels.id_words import parse_ids
    from datapipe.kernels.pairs import find_pairs
    from datapipe.kernels.partitions import partition_of
    from datapipe.kernels.record_sort import sort_records

    records = np.zeros((4, 3), np.uint64)
    partition_of(np.ascontiguousarray(records[:, 0]), 2)
    find_pairs(sort_records(records, 2), np.ascontiguousarray(records[:, :2]))
    offsets, data = np.zeros(2, np.int64), np.zeros(0, np.uint8)
    offsets.flags.writeable = data.flags.writeable = False
    parse_ids(offsets, data)
