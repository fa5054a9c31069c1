"""What a launcher does with a signal: it reaches every process of the run that is left."""

import os
import signal
import subprocess
import sys
import time

import psutil

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
