"""Where shard tasks run: in this process, or on Ray. The only module of datapipe that knows Ray.

A task goes in, a receipt comes out; payload stays on storage. Results arrive in the order in which they finish.
"""

import itertools
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

WINDOW = 1000
"""Tasks handed to Ray at once, at least: enough that an autoscaler sees the demand, bounded for the driver."""

CANCEL_SECONDS = 5.0
"""How long a run that stops waits for its tasks to let go, before it kills them."""


@dataclass(frozen=True)
class Resources:
    """What one task reserves."""

    num_cpus: float = 1
    num_gpus: float = 0
    memory_bytes: int = 2 << 30


class Executor(Protocol):
    """Runs a function over many tasks."""

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task], resources: Resources) -> Iterator[Result]:
        """The results, as they finish. An exception of a task is raised here and ends the rest."""

    def on_every_node(self, function: Callable[[Task], Result], task: Task) -> None:
        """Run it once on each machine, and wait: kernels compile before many tasks want them."""

    def at_once(self, resources: Resources) -> int:
        """How many tasks that reserve `resources` may run at the same time, now."""


class InlineExecutor:
    """Everything in this process, in order: for debugging, tests and notebooks."""

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task], resources: Resources) -> Iterator[Result]:
        """One after the other."""
        return map(function, tasks)

    def on_every_node(self, function: Callable[[Task], Result], task: Task) -> None:
        """Nothing: this process compiles what it needs when it needs it."""

    def at_once(self, resources: Resources) -> int:
        """One."""
        return 1


class RayExecutor:
    """Ray core tasks over a bounded window.

    Joins the cluster it is started in (`ray job submit`, `RAY_ADDRESS`) or starts one on this machine, which ends with
    the process. The driver never passes a runtime environment: a submitted job brings its own.
    """

    def __init__(self, num_cpus: int | None = None, modules: Sequence[ModuleType] = ()) -> None:
        """`num_cpus` bounds an embedded cluster. `modules` are the user's own, shipped to workers by value."""
        import ray

        self._ray = ray
        if not ray.is_initialized():
            if os.environ.get("RAY_ADDRESS"):
                ray.init(log_to_driver=False, logging_level=logging.ERROR)
            else:
                ray.init(
                    address="local",
                    num_cpus=num_cpus,
                    log_to_driver=False,
                    include_dashboard=False,
                    logging_level=logging.ERROR,
                )
        for module in modules:
            ray.cloudpickle.register_pickle_by_value(module)  # type: ignore[no-untyped-call]

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task], resources: Resources) -> Iterator[Result]:
        """Results as they finish."""
        ray = self._ray
        remote = ray.remote(
            num_cpus=resources.num_cpus,
            num_gpus=resources.num_gpus or None,
            memory=self._memory(resources.memory_bytes),
            max_retries=3,
        )(_single_threaded(function))
        window = max(WINDOW, int(2 * ray.cluster_resources().get("CPU", 1)))
        waiting = iter(tasks)
        running: list[Any] = [remote.remote(task) for task in itertools.islice(waiting, window)]
        try:
            while running:
                finished, running = ray.wait(running, num_returns=1)
                running += [remote.remote(task) for task in itertools.islice(waiting, len(finished))]
                for reference in finished:
                    yield self._result(reference)
        finally:
            self._cancel(running)

    def _cancel(self, running: list[Any]) -> None:
        """End tasks: nobody may think that the output folder is free while they still write to it."""
        for reference in running:
            self._ray.cancel(reference)
        if running:
            _, hanging = self._ray.wait(running, num_returns=len(running), timeout=CANCEL_SECONDS)
            for reference in hanging:
                self._ray.cancel(reference, force=True)

    def _result(self, reference: Any) -> Any:
        """What a task returned. Raises what it raised, so that an error reads as it does inline."""
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from error

    def on_every_node(self, function: Callable[[Task], Result], task: Task) -> None:
        """One task pinned to each node that is up now."""
        ray = self._ray
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        nodes = [node["NodeID"] for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) >= 1]
        remote = ray.remote(_single_threaded(function))
        pinned = [remote.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=True)) for node in nodes]
        ray.get([one.remote(task) for one in pinned])

    def at_once(self, resources: Resources) -> int:
        """As many as the CPUs of the cluster bear."""
        cpus = self._ray.cluster_resources().get("CPU", 1)  # type: ignore[no-untyped-call]
        return max(1, int(cpus / max(resources.num_cpus, 0.01)))

    def _memory(self, asked: int) -> int:
        """What to reserve: never more than the largest node has, or the task would wait for ever."""
        nodes = self._ray.nodes()  # type: ignore[no-untyped-call]
        largest = max((node["Resources"].get("memory", 0) for node in nodes if node["Alive"]), default=0)
        return int(min(asked, largest)) if largest else asked


def _single_threaded(function: Callable[[Task], Result]) -> Callable[[Task], Result]:
    """One thread per task: pyarrow's and numpy's own would multiply with the workers."""

    def run(task: Task) -> Result:
        import pyarrow

        pyarrow.set_cpu_count(1)
        pyarrow.set_io_thread_count(2)
        return function(task)

    return run
