"""What a run does beside its steps: signals, other GPUs, divergence, refusals before the first step."""

import json
import math
import os
import signal
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from datapipe.output import RunError, locked
from tests.trainer.small_run import ENDS, last_weights, opened, quiet, small_plan, told, train_until, trained
from trainer.course import read_course
from trainer.running.log import read_log
from trainer.running.stopping import StopRequest
from trainer.train import run, train

UP = "blocks.1.mlp.up.weight"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_after_a_signal_the_step_is_finished_and_saved(
    number: signal.Signals, code: int, data: Path, tmp_path: Path
) -> None:
    plan = small_plan(data, "phases.1.tokens=32000")

    def interrupt() -> None:
        while len(told(tmp_path, "step")) < 3:
            time.sleep(0.01)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=interrupt)
    thread.start()
    console = quiet()
    assert run(plan, root=str(tmp_path), threads=1, console=console) == code
    thread.join()
    (stop,) = told(tmp_path, "stop")
    assert (tmp_path / f"run/checkpoints/{stop['samples_seen']:012}").exists()
    assert told(tmp_path, "step")[-1]["samples_seen"] == stop["samples_seen"]
    assert "the same command goes on from there" in console.file.getvalue()  # type: ignore[attr-defined]


def test_where_the_next_phase_has_other_gpus_the_run_is_saved_and_ends_with_3(data: Path, tmp_path: Path) -> None:
    whole, in_parts = tmp_path / "whole", tmp_path / "parts"
    gpus = ("phases.0.gpus=1", "phases.1.gpus=3")
    assert trained(data, in_parts, *gpus) == 3
    assert [one["samples_seen"] for one in told(in_parts, "step")] == [2, 4, 6, 8, 10]
    assert told(in_parts, "stop")[-1]["why"] == "main is for 3 GPUs (gpus), this run has 1"
    assert trained(data, in_parts, *gpus) == 3
    assert trained(data, in_parts, "phases.0.gpus=1", "phases.1.gpus=1") == 0
    assert trained(data, whole) == 0
    assert last_weights(whole) == last_weights(in_parts)


def test_a_first_phase_for_other_gpus_is_refused_with_both_numbers(data: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"ramp is for 2 GPUs \(gpus\), this run has 1; start it on as many"):
        trained(data, tmp_path, "phases.0.gpus=2")
    assert not (tmp_path / "run/checkpoints").exists()


def test_steps_without_a_finite_gradient_end_the_run_and_leave_the_good_checkpoint(data: Path, tmp_path: Path) -> None:
    settings = ("stop.skipped_steps=3", "stop.loss_above=null")
    assert train_until(data, tmp_path, 6, *settings) == 130
    good = last_weights(tmp_path)
    with closing(opened(data, tmp_path, *settings)) as training:
        training.model.blocks[1].mlp.up.weight.data[0, 0] = math.inf
        with pytest.raises(RunError, match="diverged at step 9: 3 steps in a row had no finite gradient") as error:
            train(training, StopRequest())
    assert "000000000022-diverged" in str(error.value)

    skipped = told(tmp_path, "skipped")
    assert [(one["samples_seen"], one["in_a_row"], one["grad_norm"]) for one in skipped] == [
        (16, 1, None),
        (19, 2, None),
        (22, 3, None),
    ]
    folders = sorted(path.name for path in (tmp_path / "run/checkpoints").iterdir())
    assert folders == ["000000000008", "000000000010", "000000000013", "000000000022-diverged"]
    assert last_weights(tmp_path) == good
    assert trained(data, tmp_path, *settings) == 0
    assert told(tmp_path, "skipped") == []


def test_a_single_bad_gradient_is_skipped_and_its_samples_are_not_seen_again(data: Path, tmp_path: Path) -> None:
    with closing(opened(data, tmp_path)) as training:
        weight = training.model.blocks[1].mlp.up.weight.data
        good = float(weight[0, 0])
        weight[0, 0] = math.inf

        class MendedAfterAStep(StopRequest):
            @property
            def exit_code(self) -> None:
                weight[0, 0] = good

        assert train(training, MendedAfterAStep()) == 0
    assert [one["samples_seen"] for one in told(tmp_path, "skipped")] == [2]
    assert [one["samples_seen"] for one in told(tmp_path, "step")] == list(ENDS[1:])
    state = json.loads((tmp_path / "run/checkpoints/000000000031/state.json").read_text())
    assert (state["samples_seen"], state["step"]) == (31, 12)
    assert set(state["optimizer_steps"].values()) == {11}


def test_a_loss_that_stays_far_above_what_it_was_ends_the_run(data: Path, tmp_path: Path) -> None:
    settings = ("stop.loss_above=0.5", "stop.for_steps=2", "optimizer.clip=1e9")
    rates = "phases.0.learning_rate=[{shape: linear, tokens: 64, start: 0, end: 1.0}, {shape: constant}]"
    with pytest.raises(RunError, match=r"more than 0\.5 above its lowest running mean"):
        trained(data, tmp_path, *settings, rates)
    assert told(tmp_path, "stop")[0]["why"].startswith("the loss of 2 steps in a row")


def test_in_doubt_nothing_is_saved_between_edges_and_broken_weights_never_are(data: Path, tmp_path: Path) -> None:
    with closing(opened(data, tmp_path, "stop.skipped_steps=100")) as training:
        training.model.blocks[1].mlp.up.weight.data[0, 0] = math.inf
        with pytest.raises(RunError, match=f"{UP} holds numbers that are not finite"):
            train(training, StopRequest())
    assert [one["samples_seen"] for one in told(tmp_path, "skipped")] == [2, 4, 6, 8, 10]
    assert not list((tmp_path / "run").glob("checkpoints/0*"))


def test_only_one_process_trains_in_a_folder(data: Path, tmp_path: Path) -> None:
    with locked(str(tmp_path / "run")), pytest.raises(RunError, match="another run is writing"):
        trained(data, tmp_path)


def test_the_output_says_what_is_in_force(data: Path, tmp_path: Path) -> None:
    trained(data, tmp_path, "phases.1.tokens=32", "seed=3")
    assert (tmp_path / "run/plan.yaml").read_text().startswith("# --set phases.1.tokens=32\n# --set seed=3\n")
    course = read_course((tmp_path / "run/course.json").read_text())
    assert [stretch.end for stretch in course.stretches] == [10, 13]
    assert course.seed == 3


def test_lines_have_what_their_kind_promises(data: Path, tmp_path: Path) -> None:
    trained(data, tmp_path, "logs.every_steps=5")
    records = read_log(str(tmp_path / "run"))
    first, last = (one for one in records if one["kind"] == "step")
    assert (first["step"], last["step"]) == (5, 10)
    assert first["tokens"] == 10 * 16
    assert first["mfu"] is None
    assert 0 <= first["data_wait_seconds"] <= first["step_seconds"]
    assert first["tokens_per_s"] == pytest.approx(2 * 16 / first["step_seconds"])
    prose, asked = first["shares"]["prose"]
    assert abs(prose - asked) * 10 < 1
    assert asked == pytest.approx(0.7, abs=1e-6)
    assert last["shares"]["prose"][1] == pytest.approx((10 * 0.7 + 15 * 0.4) / 25, abs=1e-6)
    validations = [one for one in records if one["kind"] == "validation"]
    assert [one["samples_seen"] for one in validations] == [0, 10, 16, 31]
    assert validations[0]["domains"]["prose"]["tokens"] == 39
    assert validations[0]["domains"]["prose"]["loss"] == pytest.approx(math.log(48), abs=0.05)
    assert validations[0]["domains"]["prose"]["bits_per_byte"] is None
    assert validations[-1]["units"]["code"]["C"]["loss"] < validations[0]["units"]["code"]["C"]["loss"]
