"""A process of a run that dies, hangs, fails or does not come: the others end with one line that names it."""

import json
import socket
from pathlib import Path

import pytest

from tests.trainer.processes.nursery import Accident, Ended, Nursery, errors, rank

HOST = socket.gethostname()
LONG = ("phases.0.batch=3", "phases.1.tokens=3000000", "checkpoints.every_tokens=null", "validation.at_start=false")


def after_accident(
    nursery: Nursery, data: Path, root: Path, which: int, what: str, limit_minutes: float
) -> list[Ended]:
    accident = Accident(which, what, str(root / "run/log.jsonl"), lines=8)
    settings = (*LONG, f"execution.hang_minutes={limit_minutes}")
    return nursery.launch([rank(data, root, *settings)] * 3, accident)


@pytest.mark.parametrize("which", [pytest.param(0, marks=pytest.mark.slow), 2])
def test_others_name_the_one_that_was_killed_at_once(which: int, nursery: Nursery, data: Path, tmp_path: Path) -> None:
    ended = after_accident(nursery, data, tmp_path, which, "kill", 5)
    assert ended[which].code == -9
    for one in ended[:which] + ended[which + 1 :]:
        (line,) = errors(one)
        assert line.startswith(f"rank {which} on {HOST} (pid {ended[which].pid}")
        assert "died" in line
        assert one.code == 1
        assert "Traceback" not in one.said
        assert one.seconds < 30  # of 300


@pytest.mark.slow
def test_others_name_the_one_that_was_stopped_also_where_it_was_the_judge(
    nursery: Nursery, data: Path, tmp_path: Path
) -> None:
    ended = after_accident(nursery, data, tmp_path, 0, "stop", 0.1)
    for one in ended[1:]:
        (line,) = errors(one)
        assert line.startswith(f"rank 0 on {HOST} (pid {ended[0].pid}")
        assert "was not heard of for" in line
        assert one.code == 1
        assert 5 < one.seconds < 30


@pytest.mark.slow
def test_one_that_hangs_is_named_and_leaves_its_stack(nursery: Nursery, data: Path, tmp_path: Path) -> None:
    ended = after_accident(nursery, data, tmp_path, 1, "freeze", 0.1)
    for one in ended:
        (line,) = errors(one)
        assert line.startswith(f"rank 1 on {HOST} (pid {ended[1].pid}; at step ")
        assert "hangs: the others wait for it" in line
        assert one.code == 1
        assert "Traceback" not in one.said
        assert 5 < one.seconds < 30
    assert "nursery.py" in (tmp_path / "run/hangs/rank-00001.txt").read_text()
    assert "entries" in json.loads((tmp_path / "run/hangs/rank-00000.json").read_text())
