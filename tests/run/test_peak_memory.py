"""What receipts say of memory is their own task's."""

import pickle
import subprocess
import sys
from pathlib import Path

import cloudpickle
import pytest

from datapipe.isolation.parent import Care, Child, Limits, Returned
from datapipe.observing.peak_memory import STATUS, begin_anew, peak_bytes

pytestmark = pytest.mark.skipif("VmHWM" not in STATUS.read_text(), reason="the system tells no peaks")
HELD = 400_000_000
TELL = "from datapipe.observing.peak_memory import peak_bytes; print(peak_bytes())"


def test_the_peak_falls_when_the_count_begins_anew() -> None:
    before = peak_bytes()
    held = b"x" * HELD
    assert peak_bytes() > HELD
    del held
    begin_anew()

    assert peak_bytes() < before + HELD // 2


def test_a_program_does_not_inherit_the_peak_of_what_started_it() -> None:
    """`exec` without a new process in between keeps `ru_maxrss`."""
    program = f"import os, sys; held = b'x' * {HELD}; os.execv(sys.executable, [sys.executable, '-c', {TELL!r}])"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, cwd=Path(__file__).parents[2]
    )

    assert 0 < int(told.stdout) < HELD


def test_a_task_in_a_child_is_not_charged_with_the_memory_of_the_one_before() -> None:
    def work(told: int, _: str) -> int:
        held = b"x" * told
        return peak_bytes() if held or not told else 0

    child = Child()
    large, small = (
        child.do(cloudpickle.dumps(work), pickle.dumps(size), "", Limits(30, 0), Care()) for size in (HELD, 0)
    )
    child.close()
    assert isinstance(large, Returned)
    assert isinstance(small, Returned)
    assert pickle.loads(large.body) > HELD > pickle.loads(small.body)
