"""Several processes: which are refused before their first step, and what they write down beside their losses."""

import gzip
import json
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.processes.nursery import Nursery, errors, rank
from trainer.running.log import read_log

HOST = socket.gethostname()
EVEN = ("phases.0.batch=2", "phases.1.batch=4")
REFUSED = {
    "another plan": (
        ("seed=18",),
        f"rank 1 on {HOST} has another plan: --set is 'seed=18', that of rank 0 missing",
    ),
    "another mesh": (
        ("execution.data_shards=1",),
        f"rank 1 on {HOST} has another plan: --set is 'execution.data_shards=1', that of rank 0 missing",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_another_plan_on_one_rank_is_refused_by_all(what: str, nursery: Nursery, data: Path, tmp_path: Path) -> None:
    settings, line = REFUSED[what]
    ended = nursery.launch([rank(data, tmp_path, *EVEN), rank(data, tmp_path, *EVEN, *settings)])
    assert [one.code for one in ended] == [1, 1]
    assert [errors(one) for one in ended] == [[line], [line]]


def test_a_plan_of_another_text_is_told_by_its_line(nursery: Nursery, data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(data, other)
    text = (data / "plan.yaml").read_text().replace("batch: 2", "batch: 4")
    (other / "plan.yaml").write_text(text)
    number = 1 + next(place for place, line in enumerate(text.splitlines()) if "batch: 4" in line)
    ended = nursery.launch([rank(data, tmp_path, *EVEN), rank(other, tmp_path, *EVEN)])
    said = f"rank 1 on {HOST} has another plan: line {number} of its plan is 'batch: 4', that of rank 0 'batch: 2'"
    assert [errors(one) for one in ended] == [[said], [said]]


def test_other_data_or_none_on_one_rank_is_refused_by_all(nursery: Nursery, data: Path, tmp_path: Path) -> None:
    for name in ("shorter", "none"):
        shutil.copytree(data, tmp_path / name)
    for kind in ("bin", "idx"):
        shutil.copy(data / f"web.{kind}", tmp_path / f"shorter/books.{kind}")
        (tmp_path / f"none/books.{kind}").unlink()
    for name, said in (("shorter", f"rank 1 on {HOST} has another data: "), ("none", "rank 1 of 2: ")):
        ended = nursery.launch([rank(data, tmp_path, *EVEN), rank(tmp_path / name, tmp_path, *EVEN)])
        lines = [errors(one) for one in ended]
        assert [len(one) for one in lines] == [1, 1]
        assert [one[0].startswith(said) for one in lines] == [True, True], lines
        assert [one.code for one in ended] == [1, 1]


def test_ranks_that_do_not_come_in_time_are_named(nursery: Nursery, data: Path, tmp_path: Path) -> None:
    soon = rank(data, tmp_path, *EVEN, "execution.hang_minutes=0.05")
    ended = nursery.launch([soon, soon], size=4)
    said = "2 of 4 processes have not come in 3 s (execution.hang_minutes): ranks 2, 3"
    assert [errors(one) for one in ended] == [[said], [said]]
    assert [one.code for one in ended] == [1, 1]


@pytest.mark.slow
def test_where_rank_0_does_not_come_the_others_say_so(nursery: Nursery, data: Path, tmp_path: Path) -> None:
    settings = (*EVEN, "execution.hang_minutes=0.05")
    ended = nursery.launch([rank(data, tmp_path, *settings, delay=6), rank(data, tmp_path, *settings)])
    assert errors(ended[1])[0].startswith(f"rank 1 on {HOST} cannot reach rank 0 at 127.0.0.1:")
    assert errors(ended[0]) == ["1 of 2 processes have not come in 3 s (execution.hang_minutes): rank 1"]


@pytest.mark.slow
def test_two_runs_are_equal_bit_for_bit_and_one_that_is_slow_is_told(
    nursery: Nursery, data: Path, tmp_path: Path
) -> None:
    settings = (*EVEN, "phases.1.tokens=3600", "execution.deterministic=true", "validation.every_tokens=null")
    roots = [tmp_path / "quick", tmp_path / "slow"]
    (roots[1] / "run").mkdir(parents=True)
    (roots[1] / "run/profile").touch()
    watched = (*settings, "logs.profile_steps=[4]")
    slow = [rank(data, roots[1], *watched, environment=one) for one in ({}, {"SLOW_SECONDS": "0.004"})]
    for ranks in ([rank(data, roots[0], *settings)] * 2, slow):
        assert [(one.code, errors(one)) for one in nursery.launch(ranks)] == [(0, []), (0, [])]

    lines = [read_log(str(root / "run")) for root in roots]
    steps = [[what_is_learnt(one) for one in found if one["kind"] == "step"] for found in lines]
    assert len(steps[0]) > 50
    assert steps[0] == steps[1]
    assert weights(roots[0]) == weights(roots[1])

    (told,) = [one for one in lines[1] if one["kind"] == "straggler"]
    assert (told["rank"], told["host"]) == (1, HOST)
    assert told["seconds"] > 8 * 0.004  # products of a forward pass in two blocks
    last = [one["slowest"] for one in lines[1] if one["kind"] == "step"][-20:]
    assert {one["rank"] for one in last} == {1}
    assert all(one["seconds"] > one["median"] for one in last)

    assert not (roots[1] / "run/profile").exists()
    profiles = sorted(str(path.relative_to(roots[1] / "run/profiles")) for path in roots[1].rglob("*.json.gz"))
    assert profiles == [f"step-{step:09}/rank-{one:05}.json.gz" for step in (2, 4) for one in (0, 1)]
    with gzip.open(roots[1] / "run/profiles" / profiles[3]) as trace:
        names = {event.get("name") for event in json.load(trace)["traceEvents"]}
    assert {"aten::mm", "gloo:all_reduce"} <= names


def what_is_learnt(step: dict[str, Any]) -> dict[str, Any]:
    return {name: step[name] for name in ("step", "samples_seen", "loss", "grad_norm", "rate", "shares")}


def weights(root: Path) -> dict[str, bytes]:
    """Files of the last checkpoint."""
    folder = max((root / "run/checkpoints").glob("?" * 12))
    return {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}
