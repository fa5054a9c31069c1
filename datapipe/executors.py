"""Where shard tasks run: in this process, or on Ray. The only module of datapipe that knows Ray.

A task goes in, a receipt comes out; payload stays on storage. Results arrive in the order in which they finish.
"""

import contextlib
import copyreg
import itertools
import logging
import os
import pickle
import socket
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any, Protocol, TypeVar

import cloudpickle
import pyarrow as pa

from datapipe.isolation.parent import Incident, Limits, Returned, again, run_apart
from datapipe.output import RunError
from datapipe.resources import Resources as Resources
from datapipe.termination import held_back
from datapipe.worker import Preparation, Work, changed

Task = TypeVar("Task")
Result = TypeVar("Result")

WINDOW = 1000
"""Tasks handed to Ray at once, at least: enough that an autoscaler sees the demand, bounded for the driver."""

WAIT_TASKS = 64
WAIT_SECONDS = 0.1
"""Results are fetched so many at once, or after so long: asking about each by itself would cost milliseconds."""

CANCEL_SECONDS = 1.5
"""How long a run that stops waits for its tasks to let go, before it kills them: `ray job stop` gives 3 s in all."""

REACH_SECONDS = 10.0
"""How long a cluster may take to accept a connection."""

LOOK_SECONDS = 10.0
SAY_SECONDS = 60.0
"""How often a pass looks at the cluster, which may grow, and how often it says what nobody has for its tasks."""

RETRIES = 3
"""Of a task whose worker or node died. What a task raises is not tried again."""


RAY_DIED = (
    "Ray has died on this machine: its process `raylet` was killed, as when memory runs out, or crashed; "
    "run the same command again: what is finished is not done again"
)


def _whole(schema: pa.Schema) -> tuple[Callable[[pa.Buffer], pa.Schema], tuple[pa.Buffer]]:
    """How a schema is pickled: as PyArrow (26.0) does it, that the values of a list are never null is lost."""
    return pa.ipc.read_schema, (schema.serialize(),)


copyreg.pickle(pa.Schema, _whole)


class Executor(Protocol):
    """Runs a function over many tasks."""

    incidents: list[Incident]
    """What tasks survived so far; whoever reports it empties the list."""

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task], resources: Resources) -> Iterator[Result]:
        """The results, as they finish. An exception of a task is raised here and ends the rest."""

    def on_every_node(self, function: Callable[[Task], object], task: Task) -> None:
        """Have it run once on each node, before the first task of the node, from now on."""

    def at_once(self, resources: Resources) -> int:
        """How many tasks that reserve `resources` may run at the same time, now."""


class InlineExecutor:
    """Everything in this process, in order: for debugging, tests and notebooks."""

    def __init__(self) -> None:
        """Nothing that ends a process is survived here."""
        self.incidents: list[Incident] = []

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task], resources: Resources) -> Iterator[Result]:
        """One after the other."""
        return map(function, tasks)

    def on_every_node(self, function: Callable[[Task], object], task: Task) -> None:
        """Nothing: this process compiles what it needs when it needs it."""

    def at_once(self, resources: Resources) -> int:
        """One."""
        return 1


def _to_standard_error(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class RayExecutor:
    """Ray core tasks over a bounded window.

    Joins the cluster it is started in (`ray job submit`, `RAY_ADDRESS`) or starts one on this machine, which ends with
    the process. The driver never passes a runtime environment: a submitted job brings its own.
    """

    def __init__(
        self,
        num_cpus: int | None = None,
        modules: Sequence[ModuleType] = (),
        say: Callable[[str], None] = _to_standard_error,
    ) -> None:
        """`num_cpus` bounds an embedded cluster. `modules` are the user's own, shipped to workers by value.

        `say` is told, in one line, what a run waits for. Raises RunError where there is no Ray to join.
        """
        import ray

        self._ray = ray
        self._say = say
        self.incidents: list[Incident] = []
        self._preparation: Preparation | None = None
        if not ray.is_initialized():
            with held_back():  # Ray sets handlers of its own, in Python and in C++, and bears no end in the middle
                connect(num_cpus)
        for module in modules:
            cloudpickle.register_pickle_by_value(module)

    def on_every_node(self, function: Callable[[Task], object], task: Task) -> None:
        """Have it run once on each node, those that join later too. An OSError of it names the node."""
        self._preparation = Preparation(function, task, uuid.uuid4().hex)

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task], resources: Resources) -> Iterator[Result]:
        """Results as they finish."""
        waiting = iter(tasks)
        for first in waiting:
            remote = self._remote(Work(function, first, self._preparation), resources)
            told = (cloudpickle.dumps(changed(first, task)) for task in itertools.chain([first], waiting))
            watch = _Watch(self._ray, resources, self._say)
            running: list[Any] = []
            try:
                while running := running + [remote.remote(one) for one in itertools.islice(told, watch.room(running))]:
                    several = min(len(running), WAIT_TASKS)
                    finished, running = self._ray.wait(running, num_returns=several, timeout=WAIT_SECONDS)
                    watch.look(bool(finished))
                    yield from self._results(finished)
            except self._ray.exceptions.RayError as error:
                raise RunError(_what_failed(error)) from error
            finally:
                self._cancel(running)

    def _remote(self, work: Work, resources: Resources) -> Any:
        """The work as a remote function: Ray sends it to every process once, each task is only what sets it apart."""
        ray = self._ray

        function = cloudpickle.dumps(work)
        limits = Limits.of(resources)

        def run(told: bytes) -> Returned:
            context = ray.get_runtime_context()
            returned = run_apart(function, told, context.get_node_id(), limits)
            attempt = context.worker.core_worker.get_current_task_attempt_number()  # from 0; nothing public tells it
            return again(returned, attempt + 1) if attempt else returned

        return ray.remote(
            num_cpus=resources.num_cpus,
            num_gpus=resources.num_gpus or None,
            memory=self._memory(resources),
            max_retries=RETRIES,
        )(run)

    def _memory(self, resources: Resources) -> int:
        """What to reserve."""
        memory = resources.memory_on(_nodes(self._ray))
        if memory < resources.memory_bytes:
            asked = f"{resources.memory_bytes / 1e9:.1f} GB"
            self._say(f"a task asks for {asked} of memory, the largest node has {memory / 1e9:.1f} GB: reserving that")
        return memory

    def _results(self, finished: list[Any]) -> list[Any]:
        """What tasks returned. Raises what one raised, so that an error reads as it does inline."""
        errors = self._ray.exceptions
        try:
            returned = self._ray.get(finished)
            self.incidents += [incident for one in returned for incident in one.incidents]
            return [self._result(one) for one in returned]
        except errors.RayTaskError as error:
            raise error.cause from error

    def _result(self, returned: Returned) -> Any:
        if returned.given_up:
            raise RunError(returned.body.decode())
        result = pickle.loads(returned.body)  # noqa: S301
        if not returned.ok:
            raise result
        return result

    def at_once(self, resources: Resources) -> int:
        """As many as the CPUs, GPUs and memory of the cluster bear."""
        return max(1, resources.room_on(_nodes(self._ray)))

    def _cancel(self, running: list[Any]) -> None:
        """End tasks: nobody may think that the output folder is free while they still write to it."""
        with contextlib.suppress(self._ray.exceptions.RayError):  # a Ray that has died has ended them
            for reference in running:
                self._ray.cancel(reference)
            if running:
                _, hanging = self._ray.wait(running, num_returns=len(running), timeout=CANCEL_SECONDS)
                for reference in hanging:
                    self._ray.cancel(reference, force=True)


class _Watch:
    """Looks at the cluster while tasks run. It may grow at any time, so what it lacks is said and not raised."""

    def __init__(self, ray: ModuleType, resources: Resources, say: Callable[[str], None]) -> None:
        self._ray, self._resources, self._say = ray, resources, say
        self._looked, self._said = time.monotonic(), -SAY_SECONDS
        self._window = self._wanted()

    def _wanted(self) -> int:
        return max(WINDOW, int(2 * sum(node.get("CPU", 0) for node in _nodes(self._ray))))

    def room(self, running: Sequence[Any]) -> int:
        """How many more tasks to hand on."""
        return max(self._window - len(running), 0)

    def look(self, has_results: bool) -> None:
        """Now and then."""
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        self._window = self._wanted()
        nodes = _nodes(self._ray)
        if not nodes:  # tasks that have no worker yet would wait for ever
            raise RunError(RAY_DIED)
        shortage = None if has_results else self._resources.shortage(nodes)
        if shortage and self._looked - self._said >= SAY_SECONDS:
            self._said = self._looked
            self._say(f"waiting for resources: a task asks for {shortage}")


def _nodes(ray: ModuleType) -> list[dict[str, float]]:
    """What each node has in all."""
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]


def connect(num_cpus: int | None) -> None:
    """Join the cluster that is named, or start one. Raises RunError where that fails, with what to look at."""
    import ray

    try:
        address = os.environ.get("RAY_ADDRESS")
        if address:
            _reach(address)
            ray.init(log_to_driver=False, logging_level=logging.ERROR)
        else:
            ray.init(
                address="local",
                num_cpus=num_cpus,
                log_to_driver=False,
                include_dashboard=False,
                logging_level=logging.ERROR,
            )
    except (ray.exceptions.RayError, OSError, RuntimeError, ValueError) as error:
        raise RunError(
            f"Ray cannot be reached or started: {_first_line(error)} (RAY_ADDRESS={os.environ.get('RAY_ADDRESS', '')}, "
            f"RAY_AUTH_MODE={os.environ.get('RAY_AUTH_MODE', '')}; a token is made by `ray get-auth-token --generate`, "
            "and every node and the one who submits need the same RAY_AUTH_MODE=token and token)"
        ) from error


def _reach(address: str) -> None:
    """Raise OSError at once where nobody answers at HOST:PORT: Ray itself would try for more than a minute."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), REACH_SECONDS).close()


def _what_failed(error: BaseException) -> str:
    import ray

    if isinstance(error, ray.exceptions.LocalRayletDiedError):
        return RAY_DIED
    return f"a task failed {RETRIES + 1} times: {_first_line(error)}"


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"
