"""A run over 100 TB of WARC and 10 billion documents, simulated from constants that a small real run gives.

Real: 500 pages as WARC through extraction, statistics, rules, exact duplicates and packing, inline, the second of two
runs; CPU time and bytes of its receipts. From other benchmarks, by name: what the driver costs per task (`driver`).
Assumed, as no run of ours has seen a whole crawl: shares of kept and of unique documents, units (`simulated_job.Job`).

Prints one JSON line; `--table` prints the table of datapipe/README.md.
"""

import json
import math
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from datapipe import load, run
from datapipe.loading.load import load as load_recipe
from datapipe.passes.round_plans import plan_rounds
from tests.benchmarks.crawl import RECIPE, write_crawl
from tests.benchmarks.simulated_job import Job, Measured, Row, simulate

DUPLICATES = """  - name: duplicates
    exact: {}
    keep: [{column: date, order: ascending}, {column: character_count, order: descending}]
domains:
"""
ROUND = "duplicates.exact"
CORES = 1_000
DRIVER_CPU_SECONDS = 0.00056
DRIVER_TASKS_PER_SECOND = 1_040
DRIVER_BYTES_PER_SHARD = 5_200
"""`driver`, November 2026: 0.56 ms of CPU and 1,040 tasks/s over few passes; 518 MB at 100,000 shards."""
HEAD_NODE_BYTES = 64e9
S3_WRITES_PER_SECOND, S3_READS_PER_SECOND = 3_500, 5_500
"""Per prefix, as Amazon says in "Best practices design patterns: optimizing Amazon S3 performance"."""


@dataclass(frozen=True)
class Limit:
    """How near a run comes to one of its limits."""

    name: str
    share: float
    """1: just at the limit."""


def measured(folder: Path) -> Measured:
    """The constants of a real run of the pages in `folder`."""
    recipe = folder / "recipe.yaml"
    recipe.write_text(RECIPE.replace("domains:\n", DUPLICATES))
    for number in (1, 2):
        output = Path(run(load(recipe, [f"output=out{number}"]), root=str(folder), console=Console(quiet=True)))
    receipts = [json.loads(path.read_text()) for path in (output / "receipts").rglob("*.json")]
    cpu: Counter[str] = Counter()
    sizes: Counter[tuple[str, str]] = Counter()
    rows: Counter[str] = Counter()
    for one in receipts:
        cpu[one["pass_name"]] += one["cpu_seconds"]
        rows[one["pass_name"]] += one["rows_in"]
        for out in one["outputs"]:
            sizes[one["pass_name"], out["path"].partition("/")[0]] += out["bytes"]
    stored = (folder / "pages.warc.gz").stat().st_size
    extract = next(one for one in receipts if one["pass_name"] == "extract")
    documents = sizes["extract", "documents"]
    gathered = [one for one in receipts if one["pass_name"] == "gather"]
    survivors = sizes["gather", "survivors"]
    form = plan_rounds(load_recipe(recipe))[-1].form
    return Measured(
        page_bytes=extract["bytes_in"] / stored,
        cpu={
            "extract": cpu["extract"] / stored,
            **{name: cpu[name] / documents for name in ("measure", "duplicates", "decide", "gather", "pack")},
            "resolve": cpu[ROUND] / documents,
            "map": cpu[f"{ROUND}.map"] / max(rows[f"{ROUND}.map"], 1),
            "reduce": cpu[f"{ROUND}.reduce"] / max(rows[f"{ROUND}.reduce"], 1),
        },
        document_bytes=documents / stored,
        survivor_bytes=survivors / documents * extract["rows_out"] / sum(one["rows_out"] for one in gathered),
        text_bytes=sum(one["bytes_out"] for one in gathered) / survivors,
        annotation_bytes={
            name: (sizes[name, "annotations"] + sizes[name, "decisions"]) / extract["rows_out"]
            for name in ("measure", "duplicates", "decide")
        },
        record_words=form.words,
    )


def hours(rows: list[Row]) -> float:
    """On so many cores: CPU time and waiting for the store."""
    return sum(row.core_seconds for row in rows) / CORES / 3600


def limits(rows: list[Row], shards: int) -> list[Limit]:
    """What would break first, first."""
    tasks = sum(row.tasks for row in rows)
    seconds = hours(rows) * 3600
    requests = max(row.requests / (row.core_seconds / CORES) for row in rows)
    exchange = next(row for row in rows if row.name == "exact: reduce")
    found = [
        Limit("memory of the driver (64 GB)", shards * DRIVER_BYTES_PER_SHARD / HEAD_NODE_BYTES),
        Limit("tasks per second of the driver", tasks / seconds / DRIVER_TASKS_PER_SECOND),
        Limit("requests per second of one S3 prefix, in the densest pass", requests / S3_READS_PER_SECOND),
        Limit("partitions of the exchange", exchange.tasks / (1 << 16)),
    ]
    return sorted(found, key=lambda one: -one.share)


def table(rows: list[Row]) -> list[str]:
    """Markdown."""
    head = ["pass", "tasks", "slices", "a slice", "read", "written", "requests", "CPU hours", "with waiting"]
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    for row in rows:
        size = f"{row.slice_bytes / 1e6:,.1f} MB" if row.slices else ""
        numbers = f"{row.tasks:,} | {f'{row.slices:,}' if row.slices else ''} | {size}"
        volumes = f"{_terabytes(row.read_bytes)} | {_terabytes(row.written_bytes)} | {row.requests / 1e6:,.1f} M"
        spent = f"{row.cpu_seconds / 3600:,.0f} | {row.core_seconds / 3600:,.0f}"
        lines.append(f"| {row.name} | {numbers} | {volumes} | {spent} |")
    return lines


def _terabytes(size: float) -> str:
    return f"{size / 1e12:,.2f} TB"


def summary(job: Job, known: Measured) -> dict[str, Any]:
    """The figures of one job."""
    rows = simulate(job, known)
    shards = next(row for row in rows if row.name == "decide").tasks
    tasks = sum(row.tasks for row in rows)
    return {
        "cut_gib": round(job.cut_bytes / 2**30, 2),
        "shards": shards,
        "tasks": tasks,
        "driver_gb": round(shards * DRIVER_BYTES_PER_SHARD / 1e9, 1),
        "driver_cpu_hours": round(tasks * DRIVER_CPU_SECONDS / 3600, 1),
        "hours": round(hours(rows), 1),
        "disk_tb": round(sum(row.written_bytes for row in rows) / 1e12, 1),
        "requests_m": round(sum(row.requests for row in rows) / 1e6, 1),
        "limits": {one.name: round(one.share, 2) for one in limits(rows, shards)},
    }


def told(job: Job, known: Measured) -> list[str]:
    """A job in words and a table."""
    one = summary(job, known)
    return [
        f"With `cut_bytes` of {one['cut_gib']:g} GiB: {one['shards']:,} shards, {one['tasks']:,} tasks, "
        f"{one['hours']:,.1f} hours on {CORES:,} cores, {one['disk_tb']:,.0f} TB written, {one['requests_m']:,.0f} "
        f"million requests; the driver takes {one['driver_gb']:,.1f} GB and {one['driver_cpu_hours']:,.1f} CPU hours. "
        f"Of its limits: {'; '.join(f'{name} {100 * share:,.0f} %' for name, share in one['limits'].items())}.",
        "",
        *table(simulate(job, known)),
        "",
    ]


def main() -> None:
    """Print one JSON line, or the table."""
    with tempfile.TemporaryDirectory() as name:
        write_crawl(Path(name) / "pages.warc.gz")
        known = measured(Path(name))
    jobs = [Job(), replace(Job(), cut_bytes=4 << 30)]
    if "--table" in sys.argv:
        print("\n".join(line for job in jobs for line in told(job, known)))
        return
    result = {"name": "simulation", "jobs": [summary(job, known) for job in jobs]}
    assert all(math.isfinite(job["hours"]) for job in result["jobs"])  # type: ignore[union-attr]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
