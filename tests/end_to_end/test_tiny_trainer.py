"""The tiny plans: from the tokens of the tiny tokenizer through a batch ramp and two blends of continued training, to a
loss that has fallen in every domain. Their longest phases are a third and a half as long here; `make demo` has them
whole."""

import math
import shutil
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tokenizer.load import load as load_tokenizer
from tokenizer.run import run as run_tokenizer
from trainer.course import Course, read_course
from trainer.load import load
from trainer.order import Order
from trainer.running.log import read_log
from trainer.train import run

TINY = Path(__file__).parents[2] / "recipes" / "tiny"
SHORTER = {
    "pretrain.yaml": ["phases.main.tokens=190_000", "phases.ramp-1.learning_rate.1.tokens=196_000"],
    "continue.yaml": ["phases.quality.tokens=71_000", "phases.weak-areas.tokens=29_000"],
}
DOMAINS = ("code", "english", "multilingual")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(demo: Path | None, tiny_output: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root below which data, tokens and both runs are."""
    if demo is not None:
        return demo
    root = tmp_path_factory.mktemp("trainer")
    shutil.copytree(tiny_output, root / "out/tiny", ignore=shutil.ignore_patterns("documents", "annotations"))
    assert run_tokenizer(load_tokenizer(TINY / "tokenizer.yaml"), root=str(root))
    for name, settings in SHORTER.items():
        assert run(load(TINY / name, settings), root=str(root)) == 0
    return root


def records(root: Path, run_name: str, kind: str) -> list[dict[str, Any]]:
    return [one for one in read_log(str(root / "out" / run_name)) if one["kind"] == kind]


def course(root: Path, run_name: str) -> Course:
    return read_course((root / "out" / run_name / "course.json").read_text())


def losses(record: dict[str, Any]) -> dict[str, float]:
    return {domain: figures["loss"] for domain, figures in record["domains"].items()}


def test_the_loss_of_every_domain_falls_from_that_of_guessing(made: Path) -> None:
    first, *_, last = (losses(one) for one in records(made, "tiny-model", "validation"))
    assert first == pytest.approx(dict.fromkeys(DOMAINS, math.log(8192)), abs=0.1)
    assert last["english"] < first["english"] - 2
    assert last["code"] < first["code"] - 2
    assert last["multilingual"] < first["multilingual"] - 1


def test_continued_training_goes_on_from_there_and_gets_better_in_every_domain(made: Path) -> None:
    pretrained = losses(records(made, "tiny-model", "validation")[-1])
    first, *_, last = (losses(one) for one in records(made, "tiny-model-continued", "validation"))
    assert first == pretrained
    assert all(last[domain] < first[domain] for domain in DOMAINS)


def test_every_domain_has_its_share_at_every_step(made: Path) -> None:
    """To within one sample, through all phases: they have one blend, whose order goes on."""
    for one in records(made, "tiny-model", "step"):
        assert one["shares"]["english"][1] == pytest.approx(0.7, abs=1e-6)
        for given, planned in one["shares"].values():
            assert abs(given - planned) * one["samples_seen"] < 1 + 1e-6


def test_units_go_on_with_the_documents_that_come_next(made: Path) -> None:
    pretrained = course(made, "tiny-model")
    end = pretrained.stretches[-1].end
    assert course(made, "tiny-model-continued").stretches[0].cursors == Order(pretrained).cursors(end)


def test_the_blend_changes_at_a_fifth_of_the_rate_which_was_never_warmed_up_again(made: Path) -> None:
    pretrained, steps = (records(made, name, "step") for name in ("tiny-model", "tiny-model-continued"))
    begin = records(made, "tiny-model-continued", "phase")[1]["samples_seen"]
    at_change = next(one["rate"] for one in steps if one["samples_seen"] == begin)
    assert steps[0]["rate"] < pretrained[-1]["rate"]
    assert at_change == pytest.approx(pretrained[-1]["rate"] / 5, rel=0.05)
    assert steps[-1]["rate"] == pytest.approx(pretrained[-1]["rate"] / 100)


def test_the_batch_grows_as_in_the_paper(made: Path) -> None:
    batches = [one["batch"] for one in records(made, "tiny-model", "phase")]
    assert [one / batches[0] for one in batches] == [384 / 384, 768 / 384, 1152 / 384]


def test_there_is_a_checkpoint_at_every_edge(made: Path) -> None:
    saved = {path.name for path in (made / "out/tiny-model/checkpoints").iterdir()}
    assert saved >= {f"{stretch.end:012}" for stretch in course(made, "tiny-model").stretches}


def test_steps_hardly_wait_for_data(made: Path) -> None:
    steps = records(made, "tiny-model", "step")
    # Of a common step: on a busy machine the thread that reads is kept waiting itself now and then.
    waited, took = (median(one[key] for one in steps) for key in ("data_wait_seconds", "step_seconds"))
    assert waited < 0.01 * took
