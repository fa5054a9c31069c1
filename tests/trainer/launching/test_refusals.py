"""What launchers refuse before they start a process, with the numbers."""

from pathlib import Path

import pytest

from datapipe.output import RunError
from tests.trainer.small_run import quiet, small_plan
from trainer.launching import on_ray, torchrun
from trainer.launching.job import Job, Outcome, placed_job, together


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


def launch(job: Job, *, processes: int | None = None, nodes: torchrun.Nodes | None = None) -> int:
    return torchrun.launch(job, processes, nodes or torchrun.Nodes(), 0, quiet())


def test_a_launcher_inside_a_launcher(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "0")
    with pytest.raises(RunError, match=r"has started this process already \(RANK is set\): leave --launcher out"):
        launch(Job(small_plan(data), str(tmp_path)))


def test_nodes_that_do_not_know_where_to_meet(data: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="2 nodes meet at one address: give --rendezvous"):
        launch(Job(small_plan(data), str(tmp_path)), nodes=torchrun.Nodes(2))


def test_a_phase_that_nodes_cannot_share_out(data: Path, tmp_path: Path) -> None:
    job = Job(small_plan(data, "phases.0.gpus=1", "phases.1.gpus=1"), str(tmp_path))
    with pytest.raises(RunError, match="ramp is for 1 processes: they cannot be shared out to 2 nodes"):
        launch(job, nodes=torchrun.Nodes(2, "localhost:29777"))


@pytest.mark.usefixtures("ray_cluster")
@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("cpu", "ramp is for 3 processes: the Ray cluster has 2 CPU, room for 2 of 1 CPU each"),
        ("gpu", "ramp is for 3 processes: the Ray cluster has 2 CPU and 0 GPU, room for 0 of 1 CPU and 1 GPU each"),
    ],
)
def test_a_cluster_that_is_too_small_says_what_it_has(kind: str, message: str, data: Path, tmp_path: Path) -> None:
    asked = on_ray.Asked(processes=3, kind=kind, wait_minutes=0)
    with pytest.raises(RunError, match=message):
        on_ray.launch(Job(small_plan(data), str(tmp_path)), asked, quiet())
    assert not (tmp_path / "run").exists()


def test_processes_work_in_other_folders_and_mean_the_same_one(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CORPUSMILL_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    job = Job(small_plan(data))
    assert placed_job(job).root == str(tmp_path)
    assert placed_job(Job(job.plan, "here")).root == str(tmp_path / "here")


def test_one_error_of_many_processes_is_the_error_of_the_run() -> None:
    assert together({0: Outcome(143), 1: Outcome(143)}) == 143
    with pytest.raises(RunError, match=r"^no room on the disk$"):
        together({1: Outcome(1, "no room on the disk"), 0: Outcome(0)})
