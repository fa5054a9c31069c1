"""Exact duplicates from Parquet in to decisions out: hashes, the exchange, who stays, decisions. Bar: 80 MB/s per core.

Nothing is rewritten. Shards hold real documents as a first pass writes them, each shard a cut of the corpus; the corpus
is read in twice and a half (a shard's copies are real duplicates, about 60 % of all). Text bytes per CPU second of all
phases: the pass that hashes, and the round behind an empty deciding pass, whose cost is not counted.
"""

import json
import math
import os
import resource
import statistics
import tempfile

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.loading.load import loads
from tests.benchmarks.corpus import documents
from tests.benchmarks.duplicate_support import rounds_over, write_shards

BAR = 80.0
ROUNDS = 5
SHARD_BYTES = 64 << 20
TOTAL_BYTES = 600 << 20
COPIES = 2.5
RECIPE = """
name: exact
output: out
sources: [{name: web, reader: jsonl, paths: [nothing]}]
passes:
  - {name: extract, steps: []}
  - {name: duplicates, exact: {}, keep: [{column: date, order: ascending}, {column: text_bytes, order: descending}]}
domains: [{name: all, weight: 1}]
"""


def rows(texts: pa.Array) -> list[int]:
    """The corpus again and again, until it is as much as it should be."""
    sizes = pc.binary_length(texts).to_numpy()
    wanted = min(TOTAL_BYTES, int(sizes.sum() * COPIES))
    found = np.tile(np.arange(len(texts)), math.ceil(COPIES))
    return found[: int(np.searchsorted(np.cumsum(sizes[found]), wanted)) + 1].tolist()


def main() -> None:
    """Print text per CPU second of the median round, and what the phases took."""
    pa.set_cpu_count(1)
    os.fsync = lambda _: None  # the disk of the machine is not measured
    recipe = loads(RECIPE)
    texts = documents()["text"].combine_chunks()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCHMARK_FOLDER")) as folder:
        found = write_shards(folder, recipe, texts, rows(texts), SHARD_BYTES)
        done = list(rounds_over(folder, recipe, found, ROUNDS + 1))
    account = done[-1][0].accounts["duplicates.exact"]
    times = [seconds for _, seconds in done[1:]]
    size = found.text_bytes
    medians = [statistics.median(part) for part in zip(*times, strict=True)]
    speed = size / 1e6 / statistics.median(map(sum, times))
    result = {
        "name": "exact_duplicates",
        "mb_per_s": round(speed, 1),
        "documents": account.rows_in,
        "dropped_fraction": round(1 - account.rows_out / account.rows_in, 3),
        "mb": round(size / 1e6),
        "hash_seconds": round(medians[0], 2),
        "round_seconds": round(medians[1], 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
        "bar": {"mb_per_s": BAR},
        "passed": speed >= BAR,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
