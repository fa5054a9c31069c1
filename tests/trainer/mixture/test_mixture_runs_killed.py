"""Swarms whose processes are killed, on Ray and in one process: figures are those of a swarm that nobody disturbed."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from datapipe.output import RunError
from tests.tokenizer.encoded_run import EncodedRun
from tests.trainer.mixture.small_swarm import write_small_swarm
from tests.trainer.mixture.test_mixture_runs import figures
from trainer.mixture.results import read_results
from trainer.mixture.run import run
from trainer.running.log import read_log

pytestmark = pytest.mark.slow
SECONDS = 120


def waited_for(pattern: str, folder: Path) -> Path:
    """The first path that matches, as soon as there is one."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if found := sorted(folder.glob(pattern)):
            return found[0]
        time.sleep(0.01)
    raise AssertionError(f"{folder}/{pattern}: not there after {SECONDS} s")


@pytest.fixture(scope="module")
def undisturbed(encoded: EncodedRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an experiment whose two runs take some seconds, and are done."""
    file = write_small_swarm(encoded, tmp_path_factory.mktemp("undisturbed"), tokens=8_000)
    run(file, str(file.parent), (), "inline", None)
    return file


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_command_goes_on_from_its_checkpoint(
    encoded: EncodedRun, tmp_path: Path, undisturbed: Path, number: signal.Signals, code: int
) -> None:
    file = write_small_swarm(encoded, tmp_path, tokens=8_000)
    command = [sys.executable, "-m", "trainer.cli", "mix", "run", str(file), "--root", str(tmp_path)]
    with subprocess.Popen([*command, "--executor", "inline"], stderr=subprocess.DEVNULL) as process:
        waited_for("mix/runs/0000/checkpoints/" + "?" * 12, tmp_path)  # at the edge of its phases
        process.send_signal(number)
    assert process.returncode == code
    assert not (tmp_path / "mix/runs/0000/result.json").exists()
    run(file, str(tmp_path), (), "inline", None)
    assert figures(read_results(tmp_path / "mix")) == figures(read_results(undisturbed.parent / "mix"))
    starts = [one for one in read_log(str(tmp_path / "mix/runs/0000")) if one["kind"] == "start"]
    assert [one["samples_seen"] > 0 for one in starts] == [False, True]


def kill_the_child_at_work(folder: Path) -> None:
    """The process in which a worker of our Ray trains run 0000, as soon as it does."""
    waited_for("mix/runs/0000/log.jsonl", folder)
    for process in psutil.Process().children(recursive=True):
        with_files = [one.path for one in process.open_files()] if process.is_running() else []
        if str(folder / "mix/runs/0000/log.jsonl") in with_files:
            process.send_signal(signal.SIGKILL)
            return
    raise AssertionError("nobody has the log open")


@pytest.mark.usefixtures("ray_cluster")
def test_on_ray_a_killed_process_costs_nothing_but_time(encoded: EncodedRun, tmp_path: Path, undisturbed: Path) -> None:
    file = write_small_swarm(encoded, tmp_path, tokens=8_000)
    killer = threading.Thread(target=kill_the_child_at_work, args=(tmp_path,))
    killer.start()
    run(file, str(tmp_path), (), "ray", None)
    killer.join()
    assert figures(read_results(tmp_path / "mix")) == figures(read_results(undisturbed.parent / "mix"))


@pytest.mark.usefixtures("ray_cluster")
def test_on_ray_a_run_that_kills_its_processes_fails_alone(encoded: EncodedRun, tmp_path: Path) -> None:
    file = write_small_swarm(encoded, tmp_path, tokens=8_000)
    killer = threading.Thread(target=kill_the_child_at_work, args=(tmp_path,))
    killer.start()
    with pytest.raises(RunError, match="1 of 2 runs failed; 0000: its process died each time that it was tried"):
        run(file, str(tmp_path), ("run.attempts=1",), "ray", None)
    killer.join()
    assert [one.status for one in read_results(tmp_path / "mix")] == ["failed", "done"]
