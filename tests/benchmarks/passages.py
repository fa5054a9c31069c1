"""Repeated passages: hashing them in memory, and a whole pass of a run from Parquet to Parquet. No bar is set.

MB of text per second of processor time, per core: `mb_per_s` for the whole pass (hashing, exchange, marks, removal,
files, checksums), which starts from the documents that an earlier pass wrote; `hash_UNIT` for the kernel alone. The
documents are cut into shards of 64 MiB and given once more in another order, so that every second one repeats.
"""

import json
import resource
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from datapipe import load, run
from datapipe.dedup.passages import UNITS, RepeatedPassages
from tests.benchmarks.corpus import documents
from tests.benchmarks.stage_support import ROUNDS, text_batches, text_bytes

RECIPE = """
name: passages
output: out
cut_bytes: 67_108_864
sources: [{name: web, reader: parquet, paths: [web/*.parquet]}]
passes:
  - {name: read, steps: []}
  - {name: passages, repeated: {unit: UNIT}}
domains: [{name: all, weight: 1}]
"""


def main() -> None:
    """Print the speeds."""
    batches = text_batches(documents())
    kernels = {f"hash_{unit}": _kernel_speed(unit, batches) for unit in UNITS}
    folder = Path(tempfile.mkdtemp(prefix="passages-"))
    try:
        figures = {"mb_per_s": 0.0, **kernels, **_pass_speeds(folder, batches)}
    finally:
        shutil.rmtree(folder)
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)
    print(json.dumps({"name": "passages", **figures, "peak_mb": peak}))


def _kernel_speed(unit: str, batches: Sequence[pa.RecordBatch]) -> float:
    stage = RepeatedPassages(unit, 1, "first", 1, "global")  # type: ignore[arg-type]
    seconds = []
    for _ in range(ROUNDS + 1):
        start = time.process_time()
        for batch in batches:
            stage.hashes(batch, ())
        seconds.append(time.process_time() - start)
    return round(text_bytes(batches) / 1e6 / float(np.median(seconds[1:])), 1)


def _pass_speeds(folder: Path, batches: Sequence[pa.RecordBatch]) -> dict[str, float]:
    """Of a run in `folder`: the pass as a whole, and its phases."""
    table = pa.Table.from_batches(batches)
    (folder / "web").mkdir()
    pq.write_table(table, folder / "web" / "0.parquet")
    pq.write_table(table.take(np.random.default_rng(17).permutation(len(table))), folder / "web" / "1.parquet")
    (folder / "recipe.yaml").write_text(RECIPE.replace("UNIT", "line"))
    with (folder / "log").open("w") as log:
        run(load(folder / "recipe.yaml"), root=str(folder), console=Console(file=log))
    passes = json.loads((folder / "out" / "run.json").read_text())["passes"]
    phases = {name: one for name, one in passes.items() if name.partition(".")[0] == "passages"}
    size = phases["passages"]["bytes_in"] / 1e6
    spent = {name: one["cpu_seconds"] for name, one in phases.items()}
    kept = phases["passages"]["bytes_out"] / phases["passages"]["bytes_in"]
    speeds = {
        name.partition(".")[2] or "remove": round(size / max(seconds, 1e-3), 1) for name, seconds in spent.items()
    }
    return {"mb_per_s": round(size / sum(spent.values()), 1), **speeds, "text_left": round(kept, 3)}


if __name__ == "__main__":
    main()
