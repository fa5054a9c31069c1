"""`trainer next`: what a batch script asks before it starts processes."""

from pathlib import Path

import pytest

from tests.trainer.small_run import small_plan, train_until, trained
from trainer.launching.next_size import next_phase, next_size


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


def test_before_the_first_step_it_is_the_first_phases(data: Path, tmp_path: Path) -> None:
    phase = next_phase(small_plan(data, "phases.0.gpus=2", "phases.1.gpus=3"), str(tmp_path))
    assert (phase.name, phase.gpus) == ("ramp", 2) if phase else False


def test_it_is_that_of_the_last_checkpoint_from_there_on(data: Path, tmp_path: Path) -> None:
    gpus = ("phases.0.gpus=1", "phases.1.gpus=3")
    assert train_until(data, tmp_path, 3, *gpus) == 130
    said: list[str] = []
    assert next_size(small_plan(data, *gpus), str(tmp_path), said.append) == "1"
    assert trained(data, tmp_path, *gpus) == 3
    assert next_size(small_plan(data, *gpus), str(tmp_path), said.append) == "3"
    assert next_size(small_plan(data, "phases.0.gpus=1"), str(tmp_path), said.append) == "any"
    assert said == []


def test_after_the_last_step_it_is_none_and_a_damaged_checkpoint_is_told(data: Path, tmp_path: Path) -> None:
    said: list[str] = []
    plan = small_plan(data, "phases.1.tokens=32")
    assert trained(data, tmp_path, "phases.1.tokens=32") == 0
    assert next_size(plan, str(tmp_path), said.append) == "0"
    (tmp_path / "run/checkpoints/000000000013/state.json").write_text("{")
    assert next_size(plan, str(tmp_path), said.append) == "any"
    assert len(said) == 1 and "damaged checkpoint passed over" in said[0]
