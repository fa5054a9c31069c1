"""One run on a Ray cluster of two nodes with a CPU each: stopped, moved between drivers and jobs, and bereft of a node
twice, it ends with the bytes of two processes that nothing has happened to."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.crashes.processes import end_all, workers
from tests.crashes.two_nodes import TwoNodes
from tests.end_to_end.jobs import Jobs, cluster_for_jobs
from tests.trainer.launching.launched_runs import (
    FOR_TWO,
    OWN,
    STEPS_FOR_TWO,
    Ended,
    ended,
    environment,
    same_run,
    started,
    until_step,
    written_plan,
)
from tests.trainer.small_run import told

pytestmark = pytest.mark.slow
TWO = ["--launcher", "ray", "--processes", "2"]
JOB = f"trainer run plan.yaml {' '.join(TWO)} --threads 1"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_plan(tmp_path_factory.mktemp("data"), FOR_TWO)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoNodes]:
    with cluster_for_jobs(tmp_path_factory.mktemp("temporary")) as running:
        yield running


@pytest.fixture(scope="module")
def jobs(cluster: TwoNodes, plan: Path, tmp_path_factory: pytest.TempPathFactory) -> Jobs:
    folder = tmp_path_factory.mktemp("job")
    (folder / "plan.yaml").write_text(plan.read_text())
    return Jobs(cluster, folder)


def driver(cluster: TwoNodes, plan: Path, root: Path, *options: str) -> "subprocess.Popen[str]":
    variables = cluster.environment | {"OMP_NUM_THREADS": "1"}
    return started([*OWN, *TWO, *options], plan, root, variables)


def training(*nodes: psutil.Process) -> list[psutil.Process]:
    return [one for one in workers(list(nodes), idle=True) if "RayTrainWorker" in " ".join(one.cmdline())]


@pytest.fixture(scope="module")
def stopped_driver(cluster: TwoNodes, plan: Path, root: Path) -> tuple[Ended, list[int], list[psutil.Process]]:
    """What it said, how many processes each node had, and which of them are left."""
    process = driver(cluster, plan, root)
    until_step(root, 5)
    processes = [training(cluster.head), training(cluster.second)]
    process.terminate()
    end = ended(process, root)
    return end, [len(some) for some in processes], psutil.wait_procs([*processes[0], *processes[1]], timeout=20)[1]


@pytest.fixture(scope="module")
def stopped_job(stopped_driver: object, jobs: Jobs, root: Path) -> Ended:
    process = jobs.start(root=root, task=JOB, before=("--submission-id", "stopped"))
    until_step(root, len(told(root, "step")) + 5)
    jobs.ray("stop", "stopped")
    process.communicate(timeout=120)
    return Ended(root, process.returncode, jobs.ray("logs", "stopped"))


@pytest.fixture(scope="module")
def without_a_node(stopped_job: object, cluster: TwoNodes, plan: Path, root: Path) -> Ended:
    """No other comes in its place."""
    process = driver(cluster, plan, root, "--wait", "0")
    until_step(root, len(told(root, "step")) + 5)
    end_all([cluster.second])
    end = ended(process, root)
    cluster.replace_second()
    return end


@pytest.fixture(scope="module")
def with_another_node(without_a_node: object, cluster: TwoNodes, jobs: Jobs, root: Path) -> Ended:
    process = jobs.start(root=root, task=JOB)
    until_step(root, len(told(root, "step")) + 5)
    end_all([cluster.second])
    cluster.replace_second()
    log = process.communicate(timeout=300)[0]
    return Ended(root, process.returncode, log)


def test_sigterm_to_a_driver_saves_a_run_that_has_a_process_on_each_node(
    stopped_driver: tuple[Ended, list[int], list[psutil.Process]],
) -> None:
    end, processes, left = stopped_driver
    assert end.code == 143, end.said
    assert processes == [1, 1]
    assert "saved after step" in end.said
    assert "Traceback" not in end.said
    assert left == []


def test_a_job_goes_on_there_until_it_is_stopped(stopped_job: Ended) -> None:
    assert "goes on after step" in stopped_job.said
    assert "Traceback" not in stopped_job.said


def test_a_lost_node_that_nobody_replaces_ends_the_run_with_what_is_missing(without_a_node: Ended) -> None:
    assert without_a_node.code == 1
    errors = [line for line in without_a_node.said.splitlines() if line.startswith("error: ")]
    lack = "the Ray cluster has 1 CPU, room for 1 of 1 CPU each"
    assert errors == [f"error: {lack}; the same command goes on from the last checkpoint"], without_a_node.said
    assert "Traceback" not in without_a_node.said


def test_a_run_goes_on_with_the_node_that_comes_in_place_of_a_lost_one(with_another_node: Ended) -> None:
    assert with_another_node.code == 0, with_another_node.said
    assert "going on from the last checkpoint (3 retries left)" in with_another_node.said
    assert "Traceback" not in with_another_node.said


def test_after_all_that_the_model_and_every_loss_are_those_of_torchrun(
    with_another_node: Ended, plan: Path, tmp_path: Path
) -> None:
    end = ended(started([*OWN, "--launcher", "torchrun", "--processes", "2"], plan, tmp_path, environment()), tmp_path)
    assert end.code == 0, end.said
    assert len(told(tmp_path, "step")) == STEPS_FOR_TWO
    assert same_run(with_another_node.root, tmp_path)
