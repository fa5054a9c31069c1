"""How long processes wait for one that is late: until the limit and, once the run has begun, as `health.py` says."""

import os
import time
from pathlib import Path

import pytest
import torch

from tests.trainer.parallel.launch import mesh_of, together
from tests.trainer.small_run import small_plan
from trainer.plan import Execution
from trainer.processes.health import is_lost_connection, watched
from trainer.processes.world import be_patient, join
from trainer.train import joined

LIMIT_SECONDS = 0.5


def waited(is_run: bool) -> str:
    """What comes of it where the second process is late by four times the limit, for the first one and for those of a
    mesh."""
    world = join(LIMIT_SECONDS)
    if is_run:
        world = mesh_of(Execution())
        be_patient()
    if not world.is_first:
        time.sleep(4 * LIMIT_SECONDS)
    try:
        return f"{world.largest(world.rank)} {float(world.sum(torch.ones(())))}"
    except RuntimeError as error:
        return "lost" if is_lost_connection(error) else str(error)


def test_before_a_run_has_begun_nobody_waits_for_longer_than_the_limit() -> None:
    assert together(2, waited, False) == ["lost", "lost"]


def test_in_a_run_nobody_gives_up_by_itself() -> None:
    assert together(2, waited, True) == ["1 2.0", "1 2.0"]


def hang_before_plans_are_compared(data: Path, output: Path) -> None:
    if os.environ["RANK"] == "0":
        with joined(small_plan(data, "execution.hang_minutes=0.02"), output):
            pass
    else:
        world = join(2)
        with watched(world, 1.2, output):
            time.sleep(60)


def test_one_that_hangs_before_plans_are_compared_is_named(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"rank 1 on .* hangs: the others wait for it"):
        together(2, hang_before_plans_are_compared, tmp_path, tmp_path / "run")
