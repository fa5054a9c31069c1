"""The loss on what is held out, by hand and by the command."""

from pathlib import Path

import pytest
import torch

from datapipe.output import RunError
from tests.trainer.small_run import opened, quiet, small_plan, told, trained
from tokenizer.store import read_indexed
from trainer.validate import validate_checkpoint


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("whole")
    assert trained(data, root) == 0
    return root


def test_every_token_but_the_first_is_predicted_once_from_those_before_it_in_its_window(
    data: Path, whole: Path
) -> None:
    """By cross-entropy of torch, window by window."""
    training = opened(data, whole)
    tokens = torch.tensor(read_indexed(str(data / "held_C")).tokens.astype(int))
    nats = 0.0
    for start in range(0, len(tokens) - 1, 16):
        window = tokens[start : start + 17]
        logits = training.model.logits(training.model(window[None, :-1]))[0]
        nats += torch.nn.functional.cross_entropy(logits, window[1:], reduction="sum").item()
    training.close()
    last = told(whole, "validation")[-1]["units"]["code"]["C"]
    assert last["tokens"] == len(tokens) - 1
    assert last["loss"] == pytest.approx(nats / (len(tokens) - 1), rel=1e-5)


def test_the_command_says_what_the_run_said(data: Path, whole: Path) -> None:
    console = quiet()
    measured = validate_checkpoint(small_plan(data), None, str(whole), console)
    last = told(whole, "validation")[-1]["units"]
    assert measured["prose"]["web"].loss == pytest.approx(last["prose"]["web"]["loss"], rel=1e-6)
    assert f"{last['code']['C']['loss']:.3f}" in console.file.getvalue()  # type: ignore[attr-defined]


def test_an_earlier_checkpoint_can_be_measured(data: Path, whole: Path) -> None:
    folder = str(whole / "run/checkpoints/000000000010")
    measured = validate_checkpoint(small_plan(data), folder, str(whole), quiet())
    assert measured["code"]["C"].loss == pytest.approx(
        told(whole, "validation")[1]["units"]["code"]["C"]["loss"], rel=1e-6
    )


def test_where_nothing_is_held_out_it_says_so(data: Path, whole: Path) -> None:
    with pytest.raises(RunError, match="nothing is held out"):
        validate_checkpoint(small_plan(data, "megatron.validation={}"), None, str(whole), quiet())
