"""Exact duplicates from Parquet in to decisions out: hashes, the exchange, who stays, decisions. Bar: 80 MB/s per core.

Nothing is rewritten. Shards hold real documents as a first pass writes them, each shard a cut of the corpus; the corpus
is read in twice and a half (a shard's copies are real duplicates, about 60 % of all). Text bytes per CPU second of all
phases: the pass that hashes, and the round behind an empty deciding pass, whose cost is not counted.
"""

import dataclasses
import io
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from rich.console import Console

from datapipe.executors import InlineExecutor
from datapipe.fingerprints import pass_fingerprints
from datapipe.loading.load import loads
from datapipe.observing.event_log import EventLog
from datapipe.output import Trial
from datapipe.passes.duplicate_phases import decide_duplicates
from datapipe.passes.phases import decide_shards, sweep_shards
from datapipe.passes.planning import PassPlan, plan_passes
from datapipe.passes.shards import PassInputs, Shards
from datapipe.receipts import Receipt, relative, write_receipt
from datapipe.running import Run
from datapipe.shard_files import shard_path
from datapipe.storage import writing_parquet
from tests.benchmarks.corpus import documents

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


def shards(folder: str, plan: PassPlan) -> Shards:
    """Write the documents of every shard as the first pass would, with its receipt."""
    pages = documents().combine_chunks()
    sizes = pc.binary_length(pages["text"]).to_numpy()
    wanted = min(TOTAL_BYTES, int(sizes.sum() * COPIES))
    found: list[Receipt] = []
    start = done = 0
    while done < wanted:
        rows, size = [], 0
        while size < SHARD_BYTES and done < wanted:
            rows.append(start % pages.num_rows)
            size, done, start = size + int(sizes[rows[-1]]), done + int(sizes[rows[-1]]), start + 1
        found.append(_write(folder, plan, f"web-{len(found):06}-0000", pages["text"].take(pa.array(rows))))
    inputs = PassInputs(plan.name, plan.fingerprint, [""] * len(found))
    return Shards([one.shard for one in found], sum(one.bytes_out for one in found), (inputs,))


def _write(folder: str, plan: PassPlan, shard: str, texts: pa.ChunkedArray) -> Receipt:
    texts = texts.combine_chunks()
    rows, digest = len(texts), xxhash.xxh3_64_hexdigest(shard.encode())
    columns = {
        "id": pa.array([f"web/{digest}/{row:010}" for row in range(rows)]),
        "source": pa.array(["web"] * rows),
        "date": pa.array([f"2024-01-{row % 28 + 1:02}" for row in range(rows)]),
        "text": texts,
        "text_bytes": pc.cast(pc.binary_length(texts), pa.int64()),
    }
    arrays = [columns.get(field.name, pa.nulls(rows, field.type)) for field in plan.schema]
    batch = pa.RecordBatch.from_arrays(arrays, schema=plan.schema)
    with writing_parquet(f"{folder}/{shard_path('documents', plan.name, shard)}", plan.schema) as (file, outputs):
        for at in range(0, rows, 512):
            file.write(batch.slice(at, 512))
        file.add_metadata({"id_digest": digest})
    size = pc.sum(columns["text_bytes"]).as_py()
    named = tuple(relative(output, folder) for output in outputs)
    receipt = Receipt(plan.name, shard, plan.fingerprint, "", rows_out=rows, bytes_out=size, outputs=named)
    write_receipt(folder, receipt)
    return receipt


def seconds_of(run: Run, plans: list[PassPlan], found: Shards) -> Iterator[float]:
    """CPU seconds of hashing and of the round, without the deciding pass between them."""
    start = time.process_time()
    hashed = sweep_shards(run, plans[1], found)
    yield time.process_time() - start
    decided = decide_shards(run, hashed)
    start = time.process_time()
    decide_duplicates(run, hashed, decided)
    yield time.process_time() - start


def main() -> None:
    """Print text per CPU second of the median round, and what the phases took."""
    pa.set_cpu_count(1)
    os.fsync = lambda _: None  # the disk of the machine is not measured
    recipe = loads(RECIPE)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCHMARK_FOLDER")) as folder:
        fingerprints = pass_fingerprints(recipe)
        plans = plan_passes(recipe, None, fingerprints)
        found = shards(folder, plans[0])
        quiet = Console(file=io.StringIO())
        times = []
        with EventLog(folder) as log:
            for number in range(ROUNDS + 1):
                # Another fingerprint: everything behind the documents is done again.
                salted = [dataclasses.replace(plan, fingerprint=f"{plan.fingerprint}{number}") for plan in plans]
                moved = {name: f"{value}{number}" for name, value in fingerprints.items()}
                run = Run(
                    folder, InlineExecutor(), quiet, log,
                    disk_reserve_bytes=0, recipe=recipe, trial=Trial(), fingerprints=moved,
                )  # fmt: skip
                times.append(tuple(seconds_of(run, salted, found)))
        account = run.accounts["duplicates.exact"]
    size = found.text_bytes
    medians = [statistics.median(part) for part in zip(*times[1:], strict=True)]
    speed = size / 1e6 / statistics.median(map(sum, times[1:]))
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
