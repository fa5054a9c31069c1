"""A round of near-duplicates over 10 billion documents, simulated from constants that a small real round gives.

Real: the documents of CORPUS without exact copies, at most 64 MB of them, through signatures and the round, inline, the
second of two times; CPU time and bytes of the receipts. From the benchmark `driver`: what it costs per task and shard.
Assumed: that what a document costs stays the same (`simulated_near`), and the rounds that labels take over files.

Prints one JSON line; `--table` prints the table of datapipe/README.md.
"""

import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.loading.load import loads
from datapipe.passes.near_plans import NearPlan
from datapipe.passes.round_plans import plan_rounds
from tests.benchmarks.corpus import documents
from tests.benchmarks.duplicate_support import rounds_over, write_shards
from tests.benchmarks.near_duplicates import RECIPE, ROUND
from tests.benchmarks.simulated_job import Row
from tests.benchmarks.simulated_near import SLICE_BYTES, Near, NearJob, NearMeasured
from tests.benchmarks.simulation import (
    CORES,
    DRIVER_BYTES_PER_SHARD,
    DRIVER_TASKS_PER_SECOND,
    HEAD_NODE_BYTES,
    S3_READS_PER_SECOND,
    hours,
    table,
)

MOST_BYTES = 64_000_000
SHARD_BYTES = 8 << 20
STORED = ("decisions", "evidence", "indexes")


def measured(folder: str) -> NearMeasured:
    """The constants of a real round."""
    recipe = loads(RECIPE)
    texts = pc.unique(documents()["text"].combine_chunks())
    order = np.random.default_rng(17).permutation(len(texts))
    sizes = pc.binary_length(texts).to_numpy()[order]
    chosen = order[: int(np.searchsorted(np.cumsum(sizes), MOST_BYTES)) + 1]
    found = write_shards(folder, recipe, texts, chosen.tolist(), SHARD_BYTES)
    for _ in rounds_over(folder, recipe, found, 2):
        pass
    plan = plan_rounds(recipe)[-1]
    assert isinstance(plan, NearPlan)
    return of_receipts(Path(folder), plan)


def of_receipts(folder: Path, plan: NearPlan) -> NearMeasured:
    """The constants, from what tasks have left."""
    receipts = [json.loads(path.read_text()) for path in (folder / "receipts").rglob("*.json")]
    rounds = [one for one in receipts if one["pass_name"] == ROUND]
    count = sum(one["rows_in"] for one in rounds)
    cpu: Counter[str] = Counter()
    written: Counter[str] = Counter()
    figures: Counter[str] = Counter()
    for one in receipts:
        phase = {ROUND: "resolving", plan.round.pass_name: "signatures"}.get(one["pass_name"], "")
        phase = phase or one["pass_name"].removeprefix(f"{ROUND}.")
        cpu[phase] += one["cpu_seconds"] / count
        for out in one["outputs"]:
            written[_folder(out["path"], phase)] += out["bytes"] / count
        for kind, numbers in one["figures"].items():
            figures.update({f"{kind}.{name}": number for name, number in numbers.items()})
    return NearMeasured(
        form=plan.form,
        text_bytes=sum(one["bytes_in"] for one in rounds) / count,
        document_bytes=written["documents"],
        members=figures["pairs.members"] / count,
        compared_bytes=figures["pairs.text_bytes"] / count,
        labelled=sum(n for name, n in figures.items() if name.startswith("labelled.")) / count,
        cpu=cpu,
        written=written,
    )


def _folder(path: str, phase: str) -> str:
    """What a file counts as."""
    top, _, below = path.partition("/")
    if top == "exchange":
        return below.partition("/")[0].removeprefix(f"{ROUND}.")
    return "routes" if top == "annotations" and phase == "resolving" else top


def limits(near: Near, rows: list[Row]) -> dict[str, float]:
    """What would break first, first; 1 is just at the limit."""
    seconds = hours(rows) * 3600
    driver = near.shards * DRIVER_BYTES_PER_SHARD + near.most_slices() * SLICE_BYTES
    found = near.limits() | {
        "memory of the driver (64 GB)": driver / HEAD_NODE_BYTES,
        "tasks per second of the driver": sum(row.tasks for row in rows) / seconds / DRIVER_TASKS_PER_SECOND,
        "requests per second of one S3 prefix, in the densest phase": max(
            row.requests / (row.core_seconds / CORES) for row in rows if row.core_seconds
        )
        / S3_READS_PER_SECOND,
    }
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def summary(near: Near) -> dict[str, Any]:
    """The figures of one job."""
    rows = near.rows()
    slices = [row for row in rows if row.slices]
    smallest = min(slices, key=lambda row: row.slice_bytes)
    return {
        "documents": near.job.documents,
        "text_tb": round(near.job.documents * near.known.text_bytes / 1e12, 1),
        "shards": near.shards,
        "tasks": sum(row.tasks for row in rows),
        "label_rounds": near.label_rounds,
        "files": sum(row.files_written for row in rows),
        "exchanged_tb": round(sum(row.written_bytes for row in rows) / 1e12, 1),
        "requests_m": round(sum(row.requests for row in rows) / 1e6),
        "hours": round(hours(rows), 1),
        "smallest_slice_kb": {smallest.name: round(smallest.slice_bytes / 1e3, 1)},
        "limits": {name: round(share, 2) for name, share in limits(near, rows).items()},
    }


def told(near: Near) -> list[str]:
    """A job in words and a table."""
    one = summary(near)
    ((name, kilobytes),) = one["smallest_slice_kb"].items()
    return [
        f"{one['documents'] / 1e9:g} billion documents, {one['text_tb']:,} TB of text: {one['shards']:,} shards, "
        f"{one['tasks']:,} tasks, {one['files']:,} files, {one['label_rounds']} rounds of labels, "
        f"{one['exchanged_tb']:,} TB written, {one['requests_m']:,} million requests, {one['hours']:,} hours on "
        f"{CORES:,} cores; the smallest slices, of {name}, are of {kilobytes:,} kB. Of the limits: "
        f"{'; '.join(f'{name} {100 * share:,.0f} %' for name, share in one['limits'].items())}.",
        "",
        *table(near.rows()),
        "",
    ]  # fmt: skip


def main() -> None:
    """Print one JSON line, or the tables."""
    pa.set_cpu_count(1)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCHMARK_FOLDER")) as folder:
        known = measured(folder)
    jobs = [Near(NearJob(documents), known) for documents in (1e9, 10e9)]
    if "--table" in sys.argv:
        print("\n".join(line for job in jobs for line in told(job)))
        return
    print(json.dumps({"name": "near_simulation", "jobs": [summary(job) for job in jobs]}))


if __name__ == "__main__":
    main()
