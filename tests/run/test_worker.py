"""A task is told by what sets it apart from the first one."""

import pickle
from dataclasses import dataclass

from datapipe.resources import Resources
from datapipe.worker import Change, Work, changed


@dataclass(frozen=True)
class Task:
    steps: tuple[str, ...]
    shard: str


STEPS = ("a", "b")


def test_what_tasks_share_is_not_told_again() -> None:
    assert changed(Task(STEPS, "s0"), Task(STEPS, "s1")) == Change({"shard": "s1"})
    assert changed(Task(STEPS, "s0"), Task(("a", "c"), "s0")) == Change({"steps": ("a", "c")})


def test_a_task_that_is_no_dataclass_is_told_whole() -> None:
    assert changed(1, 2) == 2
    assert changed(Task(STEPS, "s"), 2) == 2


def test_work_puts_a_task_together_again() -> None:
    first, second = Task(STEPS, "s0"), Task(STEPS, "s1")
    work = pickle.loads(pickle.dumps(Work(repr, first)))

    assert work(changed(first, first), "node") == repr(first)
    assert work(pickle.loads(pickle.dumps(changed(first, second))), "node") == repr(second)


def test_a_shortage_is_what_no_single_node_has() -> None:
    nodes = [{"CPU": 4.0, "memory": 8e9}, {"CPU": 2.0, "GPU": 1.0, "memory": 4e9}]

    assert Resources(num_cpus=2, num_gpus=1).shortage(nodes) is None
    assert Resources(num_cpus=4, num_gpus=1).shortage(nodes) == (
        "4 CPU and 1 GPU on one node; the cluster has 6 CPU and 1 GPU on 2 nodes"
    )
    assert Resources(num_cpus=1).shortage([]) == "1 CPU on one node; the cluster has 0 CPU on 0 nodes"


def test_memory_is_asked_for_up_to_what_the_largest_fitting_node_has() -> None:
    nodes = [{"CPU": 4.0, "memory": 8.0}, {"CPU": 2.0, "GPU": 1.0, "memory": 4.0}]

    assert Resources(memory_bytes=6).memory_on(nodes) == 6
    assert Resources(memory_bytes=9).memory_on(nodes) == 8
    assert Resources(num_gpus=1, memory_bytes=9).memory_on(nodes) == 4
    assert Resources(memory_bytes=9).memory_on([{"memory": 1.0}]) == 9  # an autoscaler will bring a node


def test_as_many_tasks_run_at_once_as_the_scarcest_thing_of_each_node_bears() -> None:
    nodes = [{"CPU": 4.0, "memory": 8e9}, {"CPU": 3.0, "GPU": 1.0, "memory": 4e9}]

    assert Resources(num_cpus=1, memory_bytes=1_000_000_000).room_on(nodes) == 7
    assert Resources(num_cpus=2, memory_bytes=1_000_000_000).room_on(nodes) == 3  # one CPU of the second is left over
    assert Resources(num_cpus=0.1, num_gpus=0.25, memory_bytes=1).room_on(nodes) == 4
    assert Resources(num_cpus=1, memory_bytes=4_000_000_000).room_on(nodes) == 3
    assert Resources(num_cpus=1, memory_bytes=1_000_000_000).room_on([{"CPU": 2.0}]) == 2  # memory is not told
    assert Resources().room_on([]) == 0
