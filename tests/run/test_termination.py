"""SIGTERM: held back where an end in the middle would do harm, answered with exit code 143."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from datapipe.termination import TERMINATED, code_kept, held_back, terminate


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    """Ours, for the time of a test."""
    before = signal.signal(signal.SIGTERM, terminate)
    yield
    signal.signal(signal.SIGTERM, before)


def test_a_signal_in_the_block_is_answered_at_its_end_though_a_library_has_taken_the_handler() -> None:
    done = []
    with pytest.raises(SystemExit) as ending, held_back():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)  # other threads of this process hold nothing back
        done.append("all")

    assert (ending.value.code, done) == (TERMINATED, ["all"])
    assert signal.getsignal(signal.SIGTERM) is terminate
    assert signal.SIGTERM not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_processes_that_begin_in_the_block_hear_the_signal() -> None:
    """As Ray begins its own: with a function to call before the program."""
    sleep = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
    with (
        held_back(),
        subprocess.Popen(sleep, stdout=subprocess.PIPE, preexec_fn=os.getpid) as process,
    ):
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        assert process.wait(10) == -signal.SIGTERM


def test_other_threads_hold_nothing_back() -> None:
    blocked: list[set[signal.Signals]] = []

    def look() -> None:
        with held_back():
            blocked.append({signal.SIGTERM} & set(signal.pthread_sigmask(signal.SIG_BLOCK, ())))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert blocked == [set()]


def test_the_code_outlives_a_library_that_makes_another_ending_of_it() -> None:
    with pytest.raises(SystemExit) as ending, code_kept():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except SystemExit:
            sys.exit(1)

    assert ending.value.code == TERMINATED
