"""Proxies of a swarm, trained for real: what stays, what is done again, what is told of those that go wrong."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from datapipe.output import RunError, locked
from tests.tokenizer.encoded_run import EncodedRun
from tests.trainer.mixture.small_swarm import write_small_swarm
from trainer.load import load as load_plan
from trainer.mixture.results import Result, read_results
from trainer.mixture.run import run
from trainer.mixture.swarm import read_swarm, write_swarm
from trainer.planning import outlook_of
from trainer.running.log import read_log


def train(file: Path, *settings: str) -> tuple[Result, ...]:
    """All runs, in this process."""
    run(file, str(file.parent), settings, "inline", None)
    return read_results(file.parent / "mix")


def figures(results: tuple[Result, ...]) -> list[Any]:
    """What no clock is in."""
    return [dataclasses.replace(one, seconds=0) for one in results]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def trained(encoded: EncodedRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an experiment whose three runs are done: a mixture, another, the first with another seed."""
    file = write_small_swarm(encoded, tmp_path_factory.mktemp("trained"), seeds=(1, 2, 3))
    train(file)
    return file


def test_every_run_is_measured_on_the_way_at_the_edge_of_phases_and_at_the_end(trained: Path) -> None:
    first, _, _ = read_results(trained.parent / "mix")
    assert (first.run, first.status, first.why, first.device) == ("0000", "done", "", "cpu")
    assert [one.tokens for one in first.measurements] == [512, 768, 1024]  # batches of 128; 500 of 1,000, 750, the end
    names = list(first.measurements[-1].targets)
    assert names[:4] == ["english", "others", "english/left", "english/right"]
    assert all(value is not None and 0 < value < 20 for value in first.measurements[-1].targets.values())


def test_figures_are_those_of_the_trainers_own_log(trained: Path) -> None:
    second = read_results(trained.parent / "mix")[1]
    last = [one for one in read_log(str(trained.parent / "mix/runs/0001")) if one["kind"] == "validation"][-1]
    assert second.measurements[-1].targets["others/tale"] == last["units"]["others"]["tale"]["bits_per_byte"]
    assert second.measurements[-1].targets["english"] == last["domains"]["english"]["bits_per_byte"]


def test_mixtures_and_seeds_make_other_figures(trained: Path) -> None:
    losses = [one.measurements[-1].targets["english"] for one in read_results(trained.parent / "mix")]
    assert len(set(losses)) == 3


def test_what_is_left_is_small_and_a_plan_of_its_own(trained: Path) -> None:
    folder = trained.parent / "mix/runs/0000"
    assert names_in(folder) == ["course.json", "log.jsonl", "plan.yaml", "result.json", "run.lock"]
    outlook = outlook_of(load_plan(folder / "plan.yaml"), str(trained.parent))
    assert outlook.totals.tokens == 1024
    repeated = {f"{unit.domain}/{unit.unit}": unit.windows for unit in outlook.phases[-1].units}
    assert repeated["others/tale"] == round(1140 / 16)  # 1,000 of 16,000 tokens


def test_a_run_that_is_done_stays(encoded: EncodedRun, tmp_path: Path, trained: Path) -> None:
    file = write_small_swarm(encoded, tmp_path, seeds=(1, 2))
    kept = trained.parent / "mix/runs/0000/result.json"
    folder = tmp_path / "mix/runs/0000"
    (folder / "checkpoints/000000000032").mkdir(parents=True)  # of a process that was killed behind its result
    (folder / "result.json").write_bytes(kept.read_bytes())
    first, second = train(file)
    assert names_in(folder) == ["result.json"]
    assert first == read_results(trained.parent / "mix")[0]
    assert figures((second,)) == figures(read_results(trained.parent / "mix")[1:2])


def test_equal_swarms_come_to_equal_figures_wherever_they_lie(
    encoded: EncodedRun, tmp_path: Path, trained: Path
) -> None:
    file = write_small_swarm(encoded, tmp_path, seeds=(1,))
    assert figures(train(file)) == figures(read_results(trained.parent / "mix")[:1])
    plans = [(folder / "mix/runs/0000/plan.yaml").read_bytes() for folder in (tmp_path, trained.parent)]
    assert plans[0] == plans[1]


def test_a_run_that_diverges_says_so_and_is_not_tried_again(encoded: EncodedRun, tmp_path: Path) -> None:
    file = write_small_swarm(encoded, tmp_path, seeds=(1,), tokens=4000)
    file.write_text(file.read_text().replace("{peak: 0.01}", "{peak: 1.0e+30, warm_up: 0, shape: constant}"))
    swarm = read_swarm(tmp_path / "mix")
    rate = {"peak": 1e30, "warm_up": 0.0, "shape": "constant", "end_fraction": 0.1}
    write_swarm(tmp_path / "mix", dataclasses.replace(swarm, proxy={**swarm.proxy, "learning_rate": rate}))
    (result,) = train(file)
    assert result.status == "diverged"
    assert "10 steps in a row had no finite gradient" in result.why
    assert names_in(tmp_path / "mix/runs/0000") == ["course.json", "log.jsonl", "plan.yaml", "result.json", "run.lock"]
    assert train(file) == (result,)


def test_a_run_that_fails_is_tried_as_often_as_asked_and_the_others_go_on(encoded: EncodedRun, tmp_path: Path) -> None:
    file = write_small_swarm(encoded, tmp_path, seeds=(1, 2))
    (tmp_path / "mix/runs/0000/checkpoints").mkdir(parents=True)
    (tmp_path / "mix/runs/0000/log.jsonl").mkdir()  # what nobody can write to
    with pytest.raises(RunError, match=r"1 of 2 runs failed; 0000: .*; the same command tries them again"):
        train(file)
    first, second = read_results(tmp_path / "mix")
    assert (first.status, second.status) == ("failed", "done")
    assert not (tmp_path / "mix/runs/0000/attempts").exists()
    (tmp_path / "mix/runs/0000/log.jsonl").rmdir()
    assert [one.status for one in train(file)] == ["done", "done"]


def test_a_run_whose_processes_died_as_often_as_allowed_is_not_begun(encoded: EncodedRun, tmp_path: Path) -> None:
    from trainer.mixture.load import load
    from trainer.mixture.proxies import proxy_sizes
    from trainer.mixture.proxy_task import ProxyTask, is_deadly, train_proxy

    file = write_small_swarm(encoded, tmp_path, seeds=(1,))
    experiment, swarm = load(file), read_swarm(tmp_path / "mix")
    assert experiment.proxy is not None
    sizes = proxy_sizes(experiment, experiment.proxy, str(tmp_path))
    task = ProxyTask(
        experiment, experiment.proxy, sizes, swarm.materials, str(tmp_path), swarm.runs[0], "mix/runs/0000"
    )
    task.folder.mkdir(parents=True)
    (task.folder / "attempts").write_text("2\n")  # attempts: 2
    assert is_deadly(task)
    result = train_proxy(task).result
    assert (result.status, result.why) == ("failed", "its process died each time that it was tried")
    assert names_in(task.folder) == ["result.json"]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("proxy.tokens=2000", "proxy.tokens was 1,000, is 2,000"),
        ("proxy.learning_rate.peak=0.1", "proxy.learning_rate.peak was 0.01, is 0.1"),
        ("phases.0.tokens=13000", r"12,000.*13,000"),
    ],
)
def test_a_swarm_is_not_trained_under_other_settings(trained: Path, setting: str, message: str) -> None:
    with pytest.raises(RunError, match=message):
        train(trained, setting)


def test_what_is_there_is_collected_also_where_the_rest_cannot_be_trained(
    encoded: EncodedRun, tmp_path: Path, trained: Path
) -> None:
    file = write_small_swarm(encoded, tmp_path, seeds=(1, 2))
    (tmp_path / "mix/runs/0000").mkdir(parents=True)
    (tmp_path / "mix/runs/0000/result.json").write_bytes((trained.parent / "mix/runs/0000/result.json").read_bytes())
    with locked(str(tmp_path / "mix")), pytest.raises(RunError, match="mix"):  # somebody else is at work there
        train(file)
    assert [one.run for one in read_results(tmp_path / "mix")] == ["0000"]


def test_smaller_micro_batches_are_no_other_settings(trained: Path) -> None:
    assert len(train(trained, "proxy.micro_batch=2")) == 3


def test_a_swarm_of_other_text_is_refused(encoded: EncodedRun, tmp_path: Path) -> None:
    file = write_small_swarm(encoded, tmp_path)
    path = tmp_path / "mix/swarm.json"
    swarm = json.loads(path.read_text())
    swarm["materials"]["components"]["left"]["digests"]["left"] = "0" * 32
    path.write_text(json.dumps(swarm))
    with pytest.raises(RunError, match="left of left is other text"):
        train(file)
