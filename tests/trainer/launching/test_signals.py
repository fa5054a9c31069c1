"""What a launcher does with a signal: it reaches every process of the run that is left."""

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


def test_a_signal_reaches_the_others_where_one_process_has_ended_already() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    while psutil.Process(ended.pid).status() != psutil.STATUS_ZOMBIE:  # nobody has asked yet how it ended
        time.sleep(0.01)
    left = subprocess.Popen(["sleep", "60"])
    with passed_on() as request:
        os.kill(os.getpid(), signal.SIGTERM)
    assert request.exit_code == 143
    assert left.wait(10) == -signal.SIGTERM
    assert ended.wait() == 0


@pytest.mark.slow
def test_no_process_outlives_a_launcher_that_was_killed(tmp_path: Path) -> None:
    token_files(tmp_path)
    long = PLAN.replace("tokens: 320,", f"tokens: {SEQ_LEN * 4 * 10_000},").replace("batch: 3,", "batch: 4,")
    (tmp_path / "plan.yaml").write_text(long)
    line = ["-m", "trainer", "run", "plan.yaml", "--launcher", "torchrun", "--processes", "2"]
    with (tmp_path / "said").open("w") as said:
        launcher = subprocess.Popen([sys.executable, *line], cwd=tmp_path, stdout=said, stderr=said)
    log = tmp_path / "run/log.jsonl"
    while not (log.exists() and '"kind": "step"' in log.read_text()):
        assert launcher.poll() is None, (tmp_path / "said").read_text()
        time.sleep(0.1)
    ranks = [one for one in psutil.Process(launcher.pid).children() if "spawn_main" in " ".join(one.cmdline())]
    launcher.kill()
    assert len(ranks) == 2
    assert not psutil.wait_procs(ranks, timeout=60)[1]
    assert launcher.wait() == -signal.SIGKILL
