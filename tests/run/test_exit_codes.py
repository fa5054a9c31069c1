"""What a run ends with: 0 done, 1 an error, 2 no such command, 130 after Ctrl-C, 143 after SIGTERM."""

import functools
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SLOW_STAGE = """\
import time
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from datapipe.stage import stage, write_columns

@stage("nap")
@dataclass(frozen=True)
class Nap:
    "Takes its time."

    version: ClassVar = 1
    reads: ClassVar = ("text",)
    writes: ClassVar = pa.schema([pa.field("minutes", pa.float64())])

    def __call__(self, batch):
        time.sleep(SECONDS if batch["source"][0].as_py() == "web" else 0)
        return write_columns(batch, self.writes, [pa.repeat(pa.scalar(1.0), batch.num_rows)])
"""
RECIPE = """\
name: slow
output: out
imports: [nap.py]
sources: [{name: web, reader: jsonl, paths: ["*.jsonl"]}]
passes: [{name: extract, steps: [nap]}]
domains: [{name: all, weight: 1}]
holdout: {fraction: 0}
"""


def command(folder: Path, executor: str, seconds: float) -> "subprocess.Popen[str]":
    """`datapipe run` on a recipe whose only task sleeps, in a process of its own."""
    (folder / "recipe.yaml").write_text(RECIPE)
    (folder / "nap.py").write_text(SLOW_STAGE.replace("SECONDS", str(seconds)))
    (folder / "a.jsonl").write_text('{"text": "stone"}\n')
    words = [sys.executable, "-m", "datapipe.cli", "run", "recipe.yaml", "--executor", executor, "--root", str(folder)]
    listening = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # jobs in the background do not
    return subprocess.Popen(
        words, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), bufsize=1,
        preexec_fn=listening,
    )  # fmt: skip


def environment() -> dict[str, str]:
    import os

    own = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    return {**own, "PYTHONPATH": str(ROOT)}


def until_it_runs(process: "subprocess.Popen[str]") -> None:
    """Wait for the line behind which the first pass begins."""
    assert process.stderr is not None
    for line in process.stderr:
        if "nothing is finished yet" in line:
            time.sleep(0.5)
            return
    raise AssertionError("the run ended before it began")


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [(signal.SIGINT, 130, "interrupted; run the same"), (signal.SIGTERM, 143, "terminated; run the same")],
    ids=["ctrl-c", "terminate"],
)
@pytest.mark.parametrize("executor", ["inline", pytest.param("ray", marks=pytest.mark.slow)])
def test_a_run_that_is_stopped_says_so_and_its_rerun_completes(
    executor: str, number: signal.Signals, code: int, message: str, tmp_path: Path
) -> None:
    with command(tmp_path, executor, 60) as process:
        until_it_runs(process)
        process.send_signal(number)
        _, error = process.communicate(timeout=30)
    assert process.returncode == code
    assert message in error
    assert "Traceback" not in error

    with command(tmp_path, "inline", 0) as again:
        again.communicate(timeout=60)
    assert again.returncode == 0
    assert list((tmp_path / "out/shards").rglob("*.parquet"))
