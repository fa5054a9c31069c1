"""A run over one large input in a process of its own: its peak memory, seconds, and what came out."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.large_inputs.files import CASES

ROOT = Path(__file__).parents[2]
RECIPE = """
name: large
output: out
max_error_fraction: 1
sources:
  - name: web
    reader: {reader}
    paths: {paths}
    {source}
passes:
  - name: extract
    steps: {steps}
domains:
  - {{name: all, weight: 1.0}}
"""
MAKE = """
import sys
from pathlib import Path
from tests.large_inputs.files import CASES
CASES[sys.argv[1]].make(Path(sys.argv[2]), float(sys.argv[3]))
"""
RUN = """
import sys
from datapipe import run
run(sys.argv[1], root=sys.argv[2])
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
"""Prints its peak in KiB: `ru_maxrss` of a child would begin with what its parent had."""


def measured(name: str, folder: Path, scale: float) -> dict[str, Any]:
    """Make the input of a case below `folder`, run over it inline, and say what it cost; peak of the whole process."""
    case = CASES[name]
    (folder / "in").mkdir(parents=True)
    subprocess.run([sys.executable, "-c", MAKE, name, str(folder / "in"), str(scale)], cwd=ROOT, check=True)
    recipe = folder / "recipe.yaml"
    recipe.write_text(RECIPE.format(reader=case.reader, paths=case.paths, source=case.source, steps=case.steps))
    started = time.perf_counter()
    child = subprocess.run([sys.executable, "-c", RUN, str(recipe), str(folder)], cwd=ROOT, stdout=subprocess.PIPE)
    seconds = time.perf_counter() - started
    passes = json.loads((folder / "out" / "run.json").read_text())["passes"] if child.returncode == 0 else {}
    read = passes.get("extract", {})
    return {
        "name": name,
        "exit": child.returncode,
        "stored_mb": round(sum(p.stat().st_size for p in (folder / "in").rglob("*") if p.is_file()) / 1e6, 1),
        "text_mb": round(read.get("bytes_in", 0) / 1e6, 1),
        "documents": read.get("rows_out", 0),
        "quarantined": read.get("quarantined", 0),
        "shards": read.get("shards", 0),
        "peak_mb": round(int(child.stdout or 0) * 1024 / 1e6),
        "seconds": round(seconds, 1),
        "read_seconds": round(read.get("seconds", 0), 1),
        "read_mb_per_s": round(read.get("bytes_in", 0) / 1e6 / max(read.get("seconds", 0), 1e-9), 1),
        "cpu_seconds": round(sum(one["cpu_seconds"] for one in passes.values()), 1),
    }
