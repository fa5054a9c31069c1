"""The exchange with 24-byte records: dividing and writing, then reading, sorting by key and finding equal keys.

Bar: 150 MB/s of records per core, both together. Four files of the size of a map task are divided into four partitions
of that size; hashes as keys, one in four of which stands twice. What an exchange carries is numbers, so they are made.
"""

import json
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence

import numpy as np

from datapipe.exchange import Sizes, Split
from datapipe.exchange_files import Records, Slice, read_slices, write_records
from datapipe.kernels.record_sort import sort_records

BAR = 150.0
WORDS = 3
FILES = PARTITIONS = 4
ROUNDS = 6


def main() -> None:
    """Print the speed of both halves together, and of each."""
    rows = Sizes().map_bytes // (WORDS * 8)
    with tempfile.TemporaryDirectory(prefix="exchange-") as folder:
        paths = [f"{folder}/{number}.records" for number in range(FILES)]
        rounds = [(_map(rows, paths), _reduce(rows, paths)) for _ in range(ROUNDS)][1:]
    maps, reduces = (statistics.median(one) for one in zip(*rounds, strict=True))
    seconds = {"mb_per_s": statistics.median(map(sum, rounds)), "map": maps, "reduce": reduces}
    speeds = {name: round(FILES * rows * WORDS * 8 / 1e6 / spent, 1) for name, spent in seconds.items()}
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)
    passed = speeds["mb_per_s"] >= BAR
    print(json.dumps({"name": "exchange", **speeds, "peak_mb": peak, "bar": {"mb_per_s": BAR}, "passed": passed}))


def _records(rows: int, number: int) -> Records:
    chance = np.random.default_rng(number)
    records = chance.integers(0, 2**64, (rows, WORDS), np.uint64)
    records[: rows // 4, 0] = records[rows // 2 : rows // 2 + rows // 4, 0]
    return records


def _map(rows: int, paths: Sequence[str]) -> float:
    """CPU seconds of dividing and writing."""
    return sum(_map_one(_records(rows, number), path) for number, path in enumerate(paths))


def _map_one(records: Records, path: str) -> float:
    start = time.process_time()
    write_records(path, records, Split(PARTITIONS, 0, PARTITIONS).partition(records[:, 0]), PARTITIONS)
    return time.process_time() - start


def _reduce(rows: int, paths: Sequence[str]) -> float:
    """CPU seconds of reading, sorting and scanning every partition."""
    start = time.process_time()
    groups = sum(_groups([Slice(path, partition) for path in paths]) for partition in range(PARTITIONS))
    assert groups == FILES * (rows - rows // 4)
    return time.process_time() - start


def _groups(slices: Sequence[Slice]) -> int:
    ordered = sort_records(read_slices(slices, WORDS), 1)
    return 1 + int(np.count_nonzero(ordered[1:, 0] != ordered[:-1, 0]))


if __name__ == "__main__":
    main()
