"""Tasks run in this process or on Ray, and come back as they finish."""

import os
import pickle
import sys
import time
import types
from collections.abc import Iterator
from pathlib import Path

import cloudpickle
import pyarrow as pa
import pytest

from datapipe import executors
from datapipe.executors import InlineExecutor, RayExecutor, Resources
from datapipe.output import RunError

SMALL = Resources(memory_bytes=64 << 20)


def test_inline_runs_one_task_after_the_other_when_asked() -> None:
    done: list[int] = []
    results = InlineExecutor().map(lambda n: done.append(n) or n * n, range(3), SMALL)

    assert done == []
    assert next(results) == 0
    assert done == [0]
    assert list(results) == [1, 4]


def test_inline_raises_what_a_task_raises() -> None:
    with pytest.raises(ZeroDivisionError):
        list(InlineExecutor().map(lambda n: 1 // n, [1, 0, 2], SMALL))


def test_inline_needs_no_warming_up() -> None:
    InlineExecutor().on_every_node(lambda _: 1 // 0, None)


@pytest.mark.parametrize("library", [pickle, cloudpickle])
def test_a_schema_reaches_another_process_as_it_is(library: types.ModuleType) -> None:
    values = pa.list_(pa.field("item", pa.uint32(), nullable=False), 4)
    schema = pa.schema([pa.field("signature", values)], metadata={"id_digest": "00"})

    assert library.loads(library.dumps({"of": schema}))["of"].equals(schema, check_metadata=True)


@pytest.fixture
def ray_executor(ray_cluster: None) -> RayExecutor:
    return RayExecutor()


def test_ray_gives_every_result_once(ray_executor: RayExecutor) -> None:
    assert sorted(ray_executor.map(lambda n: n * n, range(20), SMALL)) == [n * n for n in range(20)]
    assert list(ray_executor.map(lambda n: n, [], SMALL)) == []


def test_ray_gives_results_as_they_finish(ray_executor: RayExecutor, tmp_path: Path) -> None:
    def wait_for_second(n: int) -> int:
        while n == 0 and not (tmp_path / "second").exists():
            time.sleep(0.01)
        time.sleep(0.5 if n == 0 else 0)
        (tmp_path / "second").touch()
        return n

    assert list(ray_executor.map(wait_for_second, [0, 1], SMALL)) == [1, 0]


def test_ray_takes_no_more_tasks_than_its_window(ray_executor: RayExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "WINDOW", 5)  # two CPUs alone would ask for four
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for n in range(12):
            taken.append(n)
            yield n

    results = ray_executor.map(lambda n: n, tasks(), SMALL)
    next(results)

    assert len(taken) <= 2 * 5  # as many again when all of them have finished at once
    assert len(list(results)) == 11


def test_ray_raises_what_a_task_raises_and_ends_the_rest(ray_executor: RayExecutor, tmp_path: Path) -> None:
    def fail(n: int) -> int:
        if n == 0:
            raise FileNotFoundError(2, "No such file", "s3://bucket/key")
        try:
            while True:
                time.sleep(0.01)
        finally:
            (tmp_path / str(n)).touch()

    with pytest.raises(FileNotFoundError) as error:
        list(ray_executor.map(fail, range(2), SMALL))

    assert type(error.value) is FileNotFoundError
    assert error.value.filename == "s3://bucket/key"
    assert [path.name for path in tmp_path.iterdir()] in ([], ["1"])  # not begun, or ended in order


def test_a_task_that_does_not_let_go_is_killed(
    ray_executor: RayExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(n: int) -> int:
        if n == 0:
            while not (tmp_path / "1").exists():
                time.sleep(0.01)
            raise KeyError
        (tmp_path / "1").touch()
        time.sleep(600)  # like native code, it does not hear of the interruption
        return n

    monkeypatch.setattr(executors, "CANCEL_SECONDS", 0.2)
    with pytest.raises(KeyError):
        list(ray_executor.map(hang, range(2), SMALL))
    alone = Resources(num_cpus=2, memory_bytes=1 << 20)

    assert list(ray_executor.map(lambda n: n, [7], alone)) == [7]


def test_ray_tries_again_when_a_worker_dies(ray_executor: RayExecutor, tmp_path: Path) -> None:
    def die_once(n: int) -> int:
        import os

        if n == 1 and not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            os._exit(1)
        return n

    assert sorted(ray_executor.map(die_once, range(3), SMALL)) == [0, 1, 2]
    assert (tmp_path / "died").exists()


def test_a_task_has_one_thread(ray_executor: RayExecutor) -> None:
    def threads(_: int) -> tuple[int, str]:
        import os

        import pyarrow

        return pyarrow.cpu_count(), os.environ.get("OMP_NUM_THREADS", "")

    assert list(ray_executor.map(threads, [0], SMALL)) == [(1, "1")]


def test_a_task_that_asks_for_more_memory_than_any_node_has_runs_all_the_same(ray_executor: RayExecutor) -> None:
    assert list(ray_executor.map(lambda n: n, [1], Resources(memory_bytes=1 << 50))) == [1]


def test_tasks_that_reserve_all_cpus_run_alone(ray_executor: RayExecutor, tmp_path: Path) -> None:
    def alone(n: int) -> bool:
        marker = tmp_path / f"running-{n}"
        marker.touch()
        time.sleep(0.05)
        others = [path for path in tmp_path.glob("running-*") if path != marker]
        marker.unlink()
        return not others

    assert all(ray_executor.map(alone, range(4), Resources(num_cpus=2, memory_bytes=1 << 20)))


def test_tasks_share_the_memory_that_they_ask_for(ray_executor: RayExecutor, tmp_path: Path) -> None:
    """Two CPUs, but memory for one."""
    import ray

    def is_alone(n: int) -> bool:
        marker = tmp_path / f"running-{n}"
        marker.touch()
        time.sleep(0.05)
        others = [path for path in tmp_path.glob("running-*") if path != marker]
        marker.unlink()
        return not others

    most = int(0.6 * ray.cluster_resources()["memory"])
    assert all(ray_executor.map(is_alone, range(4), Resources(num_cpus=0.5, memory_bytes=most)))


class _SaidError(Exception):
    """What was said, so that a test need not wait for ever."""


def test_a_task_that_no_node_can_run_is_told(ray_cluster: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "LOOK_SECONDS", 0.3)

    def say(line: str) -> None:
        raise _SaidError(line)

    with pytest.raises(_SaidError) as said:
        list(RayExecutor(say=say).map(lambda n: n, [1], Resources(num_gpus=1, memory_bytes=1 << 20)))
    assert str(said.value) == (
        "waiting for resources: a task asks for 1 CPU and 1 GPU on one node; the cluster has 2 CPU and 0 GPU on 1 node"
    )


def test_a_node_that_is_not_ready_ends_the_run_with_its_name(ray_executor: RayExecutor) -> None:
    def lack_a_file(_: int) -> None:
        raise FileNotFoundError(2, "No such file", "/models/own.bin")

    ray_executor.on_every_node(lack_a_file, 0)
    with pytest.raises(RunError, match=rf"node {os.uname().nodename} \(.*\): /models/own.bin: No such file"):
        list(ray_executor.map(lambda n: n, [1], SMALL))


def test_every_node_is_warmed_up_once(ray_executor: RayExecutor, tmp_path: Path) -> None:
    def leave_a_trace(folder: Path) -> None:
        (folder / str(time.time_ns())).touch()

    ray_executor.on_every_node(leave_a_trace, tmp_path)
    assert sorted(ray_executor.map(lambda n: n, range(8), SMALL)) == list(range(8))
    assert list(ray_executor.map(lambda n: -n, [1], SMALL)) == [-1]

    assert len(list(tmp_path.iterdir())) == 1


def test_a_users_own_module_travels_with_the_tasks(ray_cluster: None) -> None:
    """It was imported from a file that workers elsewhere do not have."""
    module = types.ModuleType("corpusmill_import_nowhere")
    exec("class Own:\n    def __call__(self, n):\n        return n + FACTOR\nFACTOR = 40", module.__dict__)
    module.Own.__module__ = module.__name__
    sys.modules[module.__name__] = module

    assert list(RayExecutor(modules=[module]).map(module.Own(), [2], SMALL)) == [42]
