"""What a run ends with: 0 done, 1 an error, 2 no such command, 130 after Ctrl-C, 143 after SIGTERM."""

import functools
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from datapipe.observing.event_log import last_record
from datapipe.observing.events import RunInterrupted

ROOT = Path(__file__).parents[2]
SLOW_STAGE = """\
import time
from dataclasses import dataclass
from pathlib import Path
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
        if batch["source"][0].as_py() == "web":
            Path("FOLDER", "napping").touch()
            time.sleep(SECONDS)
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


def command(folder: Path, executor: str, seconds: float, ray_address: str = "") -> "subprocess.Popen[str]":
    """`datapipe run` on a recipe whose only task sleeps, in a process of its own."""
    (folder / "recipe.yaml").write_text(RECIPE)
    (folder / "nap.py").write_text(SLOW_STAGE.replace("SECONDS", str(seconds)).replace("FOLDER", str(folder)))
    (folder / "a.jsonl").write_text('{"text": "stone"}\n')
    words = [sys.executable, "-m", "datapipe.cli", "run", "recipe.yaml", "--executor", executor, "--root", str(folder)]
    listening = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # jobs in the background do not
    return subprocess.Popen(
        words, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(ray_address),
        bufsize=1, preexec_fn=listening,
    )  # fmt: skip


def environment(ray_address: str) -> dict[str, str]:
    import os

    return {**os.environ, "RAY_ADDRESS": ray_address, "PYTHONPATH": str(ROOT)}


def until_it_runs(process: "subprocess.Popen[str]") -> None:
    """Wait for the line behind which the first pass begins."""
    assert process.stderr is not None
    for line in process.stderr:
        if "nothing is finished yet" in line:
            time.sleep(0.5)
            return
    raise AssertionError("the run ended before it began")


def until(condition: Callable[[], bool]) -> None:
    """Wait for it, two minutes at most."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.slow
def test_a_run_on_ray_that_is_stopped_in_the_middle_of_a_task_tells_the_signal(tmp_path: Path) -> None:
    with command(tmp_path, "ray", 60) as process:
        until((tmp_path / "napping").exists)
        time.sleep(1)  # the driver waits in Ray's own code
        process.terminate()
        _, error = process.communicate(timeout=180)

    assert (process.returncode, "Traceback" in error) == (143, False)
    end = last_record(str(tmp_path / "out"))
    assert end is not None and end.event == RunInterrupted("SIGTERM")


@pytest.mark.slow
@pytest.mark.parametrize("started", ["gcs_server", "raylet"])
def test_a_run_that_is_stopped_while_ray_starts_says_so_and_nothing_else(started: str, tmp_path: Path) -> None:
    with command(tmp_path, "ray", 60) as process:
        own = psutil.Process(process.pid)
        until(lambda: any(child.name() == started for child in own.children(recursive=True)))
        process.terminate()
        _, error = process.communicate(timeout=360)

    assert (process.returncode, error) == (143, "terminated; run the same command again to go on where it stopped\n")
    assert not (tmp_path / "out").exists()


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
        _, error = process.communicate(timeout=90)
    assert process.returncode == code
    assert message in error
    assert "Traceback" not in error

    with command(tmp_path, "inline", 0) as again:
        again.communicate(timeout=180)
    assert again.returncode == 0
    assert list((tmp_path / "out/shards").rglob("*.parquet"))


@pytest.mark.slow
def test_a_run_whose_ray_dies_says_so_in_one_line_and_its_rerun_completes(tmp_path: Path) -> None:
    with command(tmp_path, "ray", 60) as process:
        until_it_runs(process)
        (raylet,) = (one for one in psutil.Process(process.pid).children(recursive=True) if one.name() == "raylet")
        raylet.kill()
        _, error = process.communicate(timeout=360)
    assert process.returncode == 1
    assert error.splitlines()[-1].startswith("error: Ray has died on this machine: its process `raylet` was killed")
    assert "Traceback" not in error

    with command(tmp_path, "inline", 0) as again:
        again.communicate(timeout=180)
    assert again.returncode == 0


def test_a_cluster_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"  # free again when the block ends

    with command(tmp_path, "ray", 0, address) as process:
        _, error = process.communicate(timeout=60)  # Ray itself tries for longer

    assert process.returncode == 1
    (line,) = error.splitlines()
    assert line.startswith("error: Ray cannot be reached or started: ConnectionRefusedError")
    assert f"(RAY_ADDRESS={address}," in line
