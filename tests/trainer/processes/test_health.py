"""A process of a run that dies, hangs, fails or does not come: the others end with one line that names it."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trainer.processes.nursery import Accident, Ended, Nursery, Rank
from tests.trainer.small_run import PLAN, token_files

HOST = socket.gethostname()
LIMIT = "execution.hang_minutes=0.05"  # 3 seconds
LONG = (
    "phases.0.batch=3",
    "phases.1.tokens=3000000",
    "checkpoints.every_tokens=null",
    "validation.at_start=false",
    LIMIT,
)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    token_files(folder)
    (folder / "plan.yaml").write_text(PLAN)
    return folder


def rank(data: Path, root: Path, *settings: str) -> Rank:
    given = [word for setting in settings for word in ("--set", setting)]
    return Rank(["run", str(data / "plan.yaml"), "--root", str(root), "--threads", "1", *given])


def after_accident(nursery: Nursery, data: Path, root: Path, which: int, what: str) -> list[Ended]:
    accident = Accident(which, what, str(root / "run/log.jsonl"), lines=8)
    return nursery.launch([rank(data, root, *LONG)] * 3, accident)


def errors(ended: Ended) -> list[str]:
    return [line for line in ended.said.splitlines() if line.startswith("error: ")]


@pytest.mark.parametrize("which", [pytest.param(0, marks=pytest.mark.slow), 2])
def test_others_name_the_one_that_was_killed_at_once(which: int, nursery: Nursery, data: Path, tmp_path: Path) -> None:
    ended = after_accident(nursery, data, tmp_path, which, "kill")
    assert ended[which].code == -9
    for one in ended[:which] + ended[which + 1 :]:
        (line,) = errors(one)
        assert line.startswith(f"error: rank {which} on {HOST} (pid {ended[which].pid}")
        assert "died" in line
        assert one.code == 1
        assert "Traceback" not in one.said
        assert one.seconds < 3


@pytest.mark.slow
@pytest.mark.parametrize("which", [0, 1])
def test_others_name_the_one_that_was_stopped(which: int, nursery: Nursery, data: Path, tmp_path: Path) -> None:
    ended = after_accident(nursery, data, tmp_path, which, "stop")
    for one in ended[:which] + ended[which + 1 :]:
        (line,) = errors(one)
        assert line.startswith(f"error: rank {which} on {HOST} (pid {ended[which].pid}")
        assert "was not heard of for" in line
        assert one.code == 1
        assert 2.5 < one.seconds < 12


@pytest.mark.slow
def test_one_that_hangs_is_named_and_leaves_its_stack(nursery: Nursery, data: Path, tmp_path: Path) -> None:
    ended = after_accident(nursery, data, tmp_path, 1, "freeze")
    for one in ended:
        (line,) = errors(one)
        assert line.startswith(f"error: rank 1 on {HOST} (pid {ended[1].pid}; at step ")
        assert "hangs: the others wait for it" in line
        assert one.code == 1
        assert "Traceback" not in one.said
        assert 2.5 < one.seconds < 12
    assert "nursery.py" in (tmp_path / "run/hangs/rank-00001.txt").read_text()
    assert "entries" in json.loads((tmp_path / "run/hangs/rank-00000.json").read_text())
