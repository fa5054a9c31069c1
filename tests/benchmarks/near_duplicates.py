"""Near-duplicates from Parquet in to decisions and evidence out, every pair verified. Bar: 25 MB/s per core.

Other bars: all of the corpus at least 0.85 times as fast as an eighth of it; the records of bands and of pairs at most
0.10 of the text, the shingles that are compared at most 0.6 of the texts they are of; 1.5 GB of memory.

Documents are those of the corpus without exact copies (`near` sees what `exact` has left), shuffled, so that an eighth
is like the whole but for its fewer duplicates, in eight shards as a first pass writes them; another process writes
them, so that the peak is that of the tasks. Text bytes per CPU second of all phases: the pass that makes signatures,
and the round behind an empty deciding pass, whose cost is not counted. Sizes in turn, medians of five rounds.
"""

import json
import multiprocessing
import os
import resource
import statistics
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.loading.load import loads
from datapipe.passes.shards import Shards
from tests.benchmarks.corpus import documents
from tests.benchmarks.duplicate_support import rounds_over, write_shards

BAR = {"mb_per_s": 25.0, "whole_to_eighth": 0.85, "exchanged": 0.10, "shingles": 0.6, "peak_mb": 1500}
MOST = ("exchanged", "shingles", "peak_mb")
"""Bars from below: what is measured stays under them."""
ROUNDS = int(os.environ.get("ROUNDS") or 5)
SHARDS = 8
RECIPE = """
name: near
output: out
sources: [{name: web, reader: jsonl, paths: [nothing]}]
passes:
  - {name: extract, steps: []}
  - name: duplicates
    near: {max_removed_fraction: 1.0}
    keep: [{column: date, order: ascending}, {column: text_bytes, order: descending}]
domains: [{name: all, weight: 1}]
"""
ROUND = "duplicates.near"


def write(folder: str) -> tuple[Shards, Shards]:
    """The shards of the whole, and of the eighth of it that is the first of them."""
    texts = documents()["text"].combine_chunks()
    first = pc.index_in(texts, pc.unique(texts)).to_numpy()
    _, rows = np.unique(first, return_index=True)
    shuffled = np.random.default_rng(17).permutation(rows)
    sizes = pc.binary_length(texts).to_numpy()[shuffled]
    each = -(-int(sizes.sum()) // SHARDS)
    eighth = shuffled[: int(np.searchsorted(np.cumsum(sizes), each)) + 1]
    recipe = loads(RECIPE)
    whole = write_shards(f"{folder}/whole", recipe, texts, shuffled.tolist(), each)
    return whole, write_shards(f"{folder}/eighth", recipe, texts, eighth.tolist(), each)


def figures(folder: Path) -> dict[str, Any]:
    """Of the receipts of a round: what it exchanged and found, by the text that it was given."""
    receipts = [json.loads(path.read_text()) for path in folder.glob(f"receipts/{ROUND}*/*.json")]
    sizes: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for one in receipts:
        seconds[one["pass_name"].removeprefix(f"{ROUND}.")] += one["cpu_seconds"]
        for out in one["outputs"]:
            sizes[out["path"].rpartition("/")[0]] += out["bytes"]
        for name, numbers in one["figures"].items():
            for key, number in numbers.items():
                counts[f"{name}.{key}"] += number
    text = sum(one["bytes_in"] for one in receipts if one["pass_name"] == ROUND)
    exchange = {name.removeprefix(f"exchange/{ROUND}."): size for name, size in sizes.items() if "exchange/" in name}
    return {
        "exchanged": round((exchange["bands"] + exchange["pairing.pairs"]) / text, 4),
        "shingles": round(counts["shingles.bytes"] / max(1, counts["shingles.text_bytes"]), 3),
        "candidates_text": round(counts["shingles.text_bytes"] / text, 3),
        "exchange": {name: round(size / text, 4) for name, size in sorted(exchange.items())},
        "phases": {name: round(spent, 2) for name, spent in seconds.items()},
        "pairs": {key.partition(".")[2]: n for key, n in sorted(counts.items()) if key.startswith("pairs.")},
    }


def measured(folder: str) -> dict[str, Any]:
    """The figures of all rounds."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        whole, eighth = pool.submit(write, folder).result()
    recipe = loads(RECIPE)
    both = zip(
        rounds_over(f"{folder}/whole", recipe, whole, ROUNDS + 1),
        rounds_over(f"{folder}/eighth", recipe, eighth, ROUNDS + 1),
        strict=True,
    )
    times = [(large, small, run.accounts[ROUND]) for (run, large), (_, small) in both][1:]
    speed = whole.text_bytes / 1e6 / statistics.median(sum(large) for large, _, _ in times)
    eighth_speed = eighth.text_bytes / 1e6 / statistics.median(sum(small) for _, small, _ in times)
    account = times[-1][2]
    return {
        "mb_per_s": round(speed, 1),
        "whole_to_eighth": round(speed / eighth_speed, 3),
        **figures(Path(folder) / "whole"),
        "documents": account.rows_in,
        "dropped_fraction": round(1 - account.rows_out / account.rows_in, 3),
        "mb": round(whole.text_bytes / 1e6),
        "signature_seconds": round(statistics.median(large[0] for large, _, _ in times), 2),
        "round_seconds": round(statistics.median(large[1] for large, _, _ in times), 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
    }


def main() -> None:
    """Print one JSON line."""
    pa.set_cpu_count(1)
    os.fsync = lambda _: None  # the disk of the machine is not measured
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCHMARK_FOLDER")) as folder:
        found = measured(folder)
    passed = all(found[name] <= bar if name in MOST else found[name] >= bar for name, bar in BAR.items())
    print(json.dumps({"name": "near_duplicates", **found, "bar": BAR, "passed": passed}))


if __name__ == "__main__":
    main()
