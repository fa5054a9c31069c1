"""What a launcher does with a signal: it reaches every process of the run that is left."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.trainer.small_run import PLAN, SEQ_LEN, token_files
from trainer.launching.torchrun import passed_on


def signalled() -> None:
    """In a process of its own: all of its children are meant."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    while psutil.Process(ended.pid).status() != psutil.STATUS_ZOMBIE:  # nobody has asked yet how it ended
        time.sleep(0.01)
    left = subprocess.Popen(["sleep", "60"])
    with passed_on() as request:
        os.kill(os.getpid(), signal.SIGTERM)
    assert request.exit_code == 143
    assert left.wait(10) == -signal.SIGTERM
    assert ended.wait() == 0


def test_a_signal_reaches_the_others_where_one_process_has_ended_already() -> None:
    process = multiprocessing.get_context("spawn").Process(target=signalled)
    process.start()
    process.join(60)
    assert process.exitcode == 0


def launched(folder: Path, launcher: str = "torchrun") -> subprocess.Popen[bytes]:
    """Two processes of a long run, in a terminal's foreground as it were."""
    token_files(folder)
    long = PLAN.replace("tokens: 320,", f"tokens: {SEQ_LEN * 4 * 10_000},").replace("batch: 3,", "batch: 4,")
    (folder / "plan.yaml").write_text(long)
    line = ["-m", "trainer", "run", "plan.yaml", "--launcher", launcher, "--processes", "2", "--threads", "1"]
    with (folder / "said").open("w") as said:
        return subprocess.Popen([sys.executable, *line], cwd=folder, stdout=said, stderr=said, start_new_session=True)


def ranks_of(launcher: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return [one for one in psutil.Process(launcher.pid).children() if "spawn_main" in " ".join(one.cmdline())]


def wait_for_steps(launcher: subprocess.Popen[bytes], folder: Path) -> None:
    log = folder / "run/log.jsonl"
    while not (log.exists() and '"kind": "step"' in log.read_text()):
        assert launcher.poll() is None, (folder / "said").read_text()
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 1.5])
def test_ctrl_c_while_processes_start_ends_them_without_a_word(tmp_path: Path, seconds: float) -> None:
    launcher = launched(tmp_path)
    while len(ranks := ranks_of(launcher)) < 2:
        time.sleep(0.02)
    time.sleep(seconds)
    os.killpg(launcher.pid, signal.SIGINT)
    assert launcher.wait(60) == 130
    assert not psutil.wait_procs(ranks, timeout=10)[1]
    assert "Traceback" not in (tmp_path / "said").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["torchrun", "ray"])
def test_ctrl_c_in_a_run_saves_it_and_leaves_no_process(name: str, tmp_path: Path) -> None:
    launcher = launched(tmp_path, name)
    wait_for_steps(launcher, tmp_path)
    started = psutil.Process(launcher.pid).children(recursive=True)
    os.killpg(launcher.pid, signal.SIGINT)
    assert launcher.wait(60) == 130
    said = (tmp_path / "said").read_text()
    assert "saved after step" in said
    assert "Traceback" not in said
    assert not psutil.wait_procs(started, timeout=20)[1]


@pytest.mark.slow
def test_no_process_outlives_a_launcher_that_was_killed(tmp_path: Path) -> None:
    launcher = launched(tmp_path)
    wait_for_steps(launcher, tmp_path)
    ranks = ranks_of(launcher)
    launcher.kill()
    assert len(ranks) == 2
    assert not psutil.wait_procs(ranks, timeout=60)[1]
    assert launcher.wait() == -signal.SIGKILL
