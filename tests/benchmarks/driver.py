"""What the driver costs: the phases of the tiny recipe over 100,000 shards on Ray, whose tasks do nothing.

Each task comes back at once with a receipt of real size: counts of ten languages, 24 units. The driver does all that it
does in a run: fingerprints of inputs, sums, progress, event log, rounds of duplicates, planning of packed shards.
Bars: 1.5 ms of CPU per task, 300 tasks/s, 500 MB at the peak. `SHARDS=` takes fewer. Tasks, Ray's own processes and the
driver share the CPUs.

`finished` is a pass over shards that are done: real receipts and outputs on disk, checked by real tasks.
"""

import dataclasses
import io
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from rich.console import Console

from datapipe import load
from datapipe.dedup.candidates import CandidatesTask
from datapipe.dedup.resolving import ResolveTask
from datapipe.dedup.survivors import SurvivorsTask
from datapipe.executors import InlineExecutor, RayExecutor, Resources
from datapipe.fingerprints import pass_fingerprints
from datapipe.inputs import Group, InputFile
from datapipe.observing.event_log import EventLog
from datapipe.output import Trial
from datapipe.passes.deciding import DecideTask
from datapipe.passes.duplicate_phases import decide_duplicates
from datapipe.passes.packing import GatherTask, PackTask
from datapipe.passes.phases import decide_shards, pack_shards, read_sources, sweep_shards
from datapipe.passes.planning import plan_passes
from datapipe.passes.reading import ReadTask
from datapipe.receipts import Count, Receipt, UnitCount, write_receipt
from datapipe.relays import RelayTask
from datapipe.run import ShardTask, run_shard
from datapipe.running import Run, map_tasks
from datapipe.storage import Output, write_bytes

TINY = Path(__file__).parents[2] / "recipes" / "tiny" / "recipe.yaml"
BARS = {"cpu_ms_per_task": 1.5, "tasks_per_s": 300, "peak_mb": 500}
SHARDS = int(os.environ.get("SHARDS") or 100_000)
FINISHED = 5_000
SHARD_BYTES = 256 << 20
LANGUAGES = ("en", "de", "ru", "zh", "es", "ja", "fr", "pt", "it", "th")
UNITS = tuple([("english", f"web{n}") for n in range(4)] + [("multilingual", f"x{n}") for n in range(20)])
LADDER = (8, 16, 32, 64, 128, 256)


def outputs(kind: str, task: Any) -> tuple[Output, ...]:
    """As long as real ones."""
    return (Output(f"{kind}/extract/{task.shard}.parquet", 10_000_000, "0" * 64),)


def done(task: Any, name: str, **more: Any) -> Receipt:
    """A receipt of the size that real ones have."""
    counts = tuple(Count(one, "extract.select", "language.language_score.min", 123, 456_789) for one in LANGUAGES)
    costs = {"seconds": 12.3, "cpu_seconds": 11.9, "step_seconds": {"extract_html": 5.1}, "peak_mb": 612.3}
    sizes = {"rows_in": 60_123, "rows_out": 59_321, "bytes_in": SHARD_BYTES + 17, "bytes_out": SHARD_BYTES - 1_234}
    return Receipt(
        name, task.shard, task.fingerprint, task.input_fingerprint,
        **{**sizes, **costs, "counts": counts, "outputs": outputs(name, task), **more},
    )  # fmt: skip


class _Named(NamedTuple):
    shard: str
    fingerprint: str
    input_fingerprint: str


def units(ladder: tuple[int, ...], size: int) -> tuple[UnitCount, ...]:
    """What one shard gives to every unit."""
    return tuple(UnitCount(domain, unit, 2_500, size // len(UNITS), ladder) for domain, unit in UNITS)


def simulate(task: Any) -> Receipt | tuple[Receipt, ...]:
    """The receipt of a task that is not done."""
    match task:
        case ReadTask():
            return (done(_Named(task.group.shard(0), task.fingerprint, task.input_fingerprint), task.pass_name),)
        case ShardTask():
            return done(task, task.pass_name)
        case DecideTask():
            return done(task, "decide", units=units(LADDER, SHARD_BYTES))
        case CandidatesTask() | RelayTask() | SurvivorsTask():
            outputs = (exchange_file(task), Output(f"indexes/{task.shard}", 200 << 20, "0" * 64))
            return done(task, task.pass_name, outputs=outputs)
        case ResolveTask():
            pairs, common = zip(task.shards, task.inputs, strict=True), task.outcomes
            named = (_Named(shard, common.fingerprint, own) for shard, own in pairs)
            return tuple(done(one, common.pass_name, units=units(LADDER, SHARD_BYTES)) for one in named)
        case GatherTask():
            return done(task, "gather", units=units((), SHARD_BYTES), held_out=units((), 1 << 18))
        case PackTask():
            return done(task, "pack")
        case _:
            raise TypeError(type(task))


def exchange_file(task: Any) -> Output:
    """What a task of an exchange writes."""
    return Output(f"exchange/{task.pass_name}/{task.shard}", 256 << 20, "0" * 64)


class SimulatingExecutor(RayExecutor):
    """Ray, with tasks that do nothing."""

    def map(self, function: Callable[[Any], Any], tasks: Collection[Any], resources: Resources) -> Iterator[Any]:
        """Of another function."""
        self.tasks = getattr(self, "tasks", 0) + len(tasks)
        return super().map(simulate, tasks, resources)


def run_of(folder: str, executor: RayExecutor | InlineExecutor, log: EventLog) -> Run:
    """A run of the tiny recipe into `folder`."""
    recipe = load(TINY, ["shard_bytes=268435456"])
    fingerprints = pass_fingerprints(recipe, None)
    return Run(
        folder, executor, Console(file=io.StringIO()), log,
        disk_reserve_bytes=0, recipe=recipe, trial=Trial(), fingerprints=fingerprints,
    )  # fmt: skip


def groups(source: str) -> list[Group]:
    """One file per group."""
    return [
        Group(source, number, (InputFile(number, f"s3://crawl/{number:09}.warc.gz", f"{number:09}.warc.gz", 1, "17"),))
        for number in range(SHARDS)
    ]


def all_phases(folder: str, executor: SimulatingExecutor) -> dict[str, float]:
    """Seconds and CPU seconds of the driver over all phases."""
    with EventLog(folder) as log:
        run = run_of(folder, executor, log)
        plans = plan_passes(run.recipe, None, run.fingerprints)
        first = run.recipe.sources[0].name
        files = {source.name: groups(first) if source.name == first else [] for source in run.recipe.sources}
        wall, cpu = time.perf_counter(), time.process_time()
        shards = read_sources(run, plans[0], files)
        files.clear()
        for plan in plans[1:]:
            shards = sweep_shards(run, plan, shards)
        pack_shards(run, shards, decide_duplicates(run, shards, decide_shards(run, shards)))
    return {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def finished_shards(folder: str, executor: RayExecutor) -> dict[str, float]:
    """Tasks per second, and the driver's CPU, for shards that are done."""
    with EventLog(folder) as log:
        run = run_of(folder, executor, log)
        plan = plan_passes(run.recipe, None, run.fingerprints)[1]
        tasks = [
            ShardTask(folder, plan.name, f"web-{n:06}-0000", "f" * 32, "i" * 32, plan.steps, plan.upstream,
                      pa.schema([]), plan.writes_text)
            for n in range(FINISHED)
        ]  # fmt: skip
        for task in tasks:
            output = write_bytes(f"{folder}/documents/{task.shard}.parquet", b"x" * 100)
            receipt = dataclasses.replace(done(task, plan.name), outputs=())
            write_receipt(folder, dataclasses.replace(
                receipt, outputs=(dataclasses.replace(output, path=f"documents/{task.shard}.parquet"),)))  # fmt: skip
        wall, cpu = time.perf_counter(), time.process_time()
        assert all(receipt.reused for receipt in map_tasks(run, plan.name, run_shard, tasks, plan.resources))
        return {
            "tasks_per_s": round(FINISHED / (time.perf_counter() - wall)),
            "cpu_ms_per_task": round(1000 * (time.process_time() - cpu) / FINISHED, 3),
        }


def main() -> None:
    """Print one JSON line."""
    executor = SimulatingExecutor()
    with tempfile.TemporaryDirectory() as folder:
        cost = all_phases(folder, executor)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        measured = {
            "cpu_ms_per_task": round(1000 * cost["cpu"] / executor.tasks, 3),
            "tasks_per_s": round(executor.tasks / cost["seconds"]),
            "peak_mb": round(peak * 1.024),
        }
        again = finished_shards(folder, RayExecutor())
    result = {"name": "driver", **measured, "shards": SHARDS, "tasks": executor.tasks, "finished": again, "bar": BARS}
    passed = (
        measured["tasks_per_s"] >= BARS["tasks_per_s"]
        and measured["cpu_ms_per_task"] <= BARS["cpu_ms_per_task"]
        and measured["peak_mb"] <= BARS["peak_mb"]
    )
    print(json.dumps({**result, "passed": passed}))


if __name__ == "__main__":
    main()
