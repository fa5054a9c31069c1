"""One run by every launcher: phases for 1, 2 and 4 processes, one of which is killed, end with the same bytes."""

import re
from pathlib import Path

import pytest

from tests.trainer.launching.launched_runs import (
    OWN,
    STEPS,
    Ended,
    after_a_kill,
    written_plan,
)
from tests.trainer.small_run import told

pytestmark = pytest.mark.slow
PHASES = ["main: going on with 2 processes", "wide: going on with 4 processes"]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_plan(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def runs(plan: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    ours = [*OWN, "--retries", "1", "--launcher"]
    words = {"torchrun": "spawn_main", "ray": "RayTrainWorker"}
    return {
        name: after_a_kill([*ours, name], plan, tmp_path_factory.mktemp(name), lambda line, word=word: word in line)
        for name, word in words.items()
    }


@pytest.mark.parametrize("launcher", ["torchrun", "ray"])
def test_a_command_goes_through_all_phases_and_tells_which_process_was_lost(
    launcher: str, runs: dict[str, Ended]
) -> None:
    run = runs[launcher]
    assert run.code == 0, run.said
    lines = run.said.splitlines()
    assert [line for line in lines if "going on with" in line] == PHASES
    lost = [line for line in lines if "going on from the last checkpoint (1 " in line]
    assert len(lost) == 1 and re.match(r"rank \d .*pid \d+.*(died|SIGKILL|exit code 1)", lost[0]), run.said
    assert "Traceback" not in run.said
    assert "Warning" not in run.said
    assert not (run.root / "run/ray").exists()


def test_the_model_and_every_loss_on_ray_are_those_of_torchrun(runs: dict[str, Ended]) -> None:
    steps = told(runs["torchrun"].root, "step", "validation")
    assert len([one for one in steps if one["kind"] == "step"]) == STEPS
    assert told(runs["ray"].root, "step", "validation") == steps
    assert runs["ray"].files == runs["torchrun"].files
