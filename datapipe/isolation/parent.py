"""Tasks run in a child of the Ray worker, so that a record that crashes, hangs or takes all memory costs a child.

The worker stays light: it hands bytes to the child and bytes back, and watches. When the child dies, a new one does the
task again and takes care: the step that the dead one was at then runs in disposable processes on ever smaller slices
(`datapipe.isolation.supervision`), until the records that it cannot bear are alone. Those become verdicts
(`datapipe.isolation.verdicts`). A death by a signal from outside says nothing against any record: the task is simply
done again.
"""

import atexit
import contextlib
import os
import pickle
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace
from multiprocessing import Pipe

from datapipe.isolation.watching import AT_ROW, FROM_OUTSIDE, GIB, NOWHERE, Death, Note, watch
from datapipe.resources import Resources

MAX_FRUITLESS = 3
"""Deaths of a task that lead nowhere before the run ends; before the last one every step is run with care."""
MAX_KILLED = 10
"""Deaths by signals from outside before the run ends."""
KILLED_IN_PLACE = 3
"""Deaths by signals from outside at the same place before its step is run with care."""
RECYCLE_FRACTION = 0.75
"""A child that has grown by more than this part of its memory limit, and does not let go after a task, is replaced."""
LEAST_MEMORY_BYTES = 512 << 20
"""No limit is below: a process with its kernels, a model and one batch may take so much."""
EVERY_STEP = "*"


@dataclass(frozen=True)
class Limits:
    """What a task may take."""

    record_cpu_seconds: float
    memory_bytes: int
    """Resident, while a step or a reader is at work; 0: no limit."""
    may_fork: bool = True
    """False for passes on GPUs, which do not survive a fork: their records cannot be told apart."""

    @classmethod
    def of(cls, resources: Resources) -> "Limits":
        """Those of tasks that reserve `resources`."""
        memory = max(resources.memory_bytes, LEAST_MEMORY_BYTES) if resources.memory_bytes else 0
        return cls(resources.record_cpu_seconds, memory, may_fork=not resources.num_gpus)


@dataclass(frozen=True)
class Incident:
    """Something a run survived: a process that was begun anew, or a record that was set apart for it."""

    kind: str
    """`restart`, `verdict`, or `retry` where Ray has begun the whole task anew."""
    task: str
    step: str
    what: str
    """The record's id, or the file and the place in it; of a restart perhaps only the first record of its batch."""
    error: str
    node: str
    peak_bytes: int = 0

    def __str__(self) -> str:
        """One line for people."""
        place = f" at step {self.step}" if self.step else ""
        if self.kind == "verdict":
            return f"{self.task}{place}: quarantined {self.what}: {self.error}"
        return f"{self.task}{place}: {self.error}; begun anew (node {self.node}, {self.peak_bytes / GIB:.1f} GiB)"


def incident(kind: str, task: str, step: str, what: str, death: Death) -> Incident:
    """One that happens on this node."""
    return Incident(kind, task, step, what, death.error, os.uname().nodename, death.peak_bytes)


@dataclass(frozen=True)
class Returned:
    """What came of a task."""

    ok: bool
    body: bytes
    """Pickled: the result, or the exception to raise; of a task given up the line that says why, as UTF-8."""
    incidents: tuple[Incident, ...] = ()
    given_up: bool = False


@dataclass(frozen=True)
class Suspect:
    """A record that was seen to exceed its budget all by itself."""

    step: str
    record: str
    death: Death


@dataclass(frozen=True)
class Care:
    """What the deaths so far teach the next child."""

    steps: frozenset[str] = frozenset()
    """Steps to run in disposable processes."""
    suspects: tuple[Suspect, ...] = ()

    def covers(self, step: str) -> bool:
        """Whether a step (or `read`) is to be run in disposable processes."""
        return step in self.steps or EVERY_STEP in self.steps


@dataclass(frozen=True)
class Order:
    """One task as the child gets it."""

    work: bytes | None
    """The pickled function of (told, node); None where it is that of the order before."""
    told: bytes
    node: str
    limits: Limits
    care: Care


class Child:
    """A process that does tasks one after the other. It dies with this one."""

    def __init__(self) -> None:
        """Start it."""
        self._connection, theirs = Pipe()
        self._note = Note.new()
        self._environment = dict(os.environ)
        self._work: bytes | None = None
        self.grown_bytes = 0
        numbers = [theirs.fileno(), self._note.fileno()]
        command = [sys.executable, "-m", "datapipe.isolation.child", *map(str, numbers), str(os.getpid())]
        # Ray puts folders on the path of its workers that an interpreter would not find by itself.
        environment = {**self._environment, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(command, pass_fds=numbers, env=environment)  # noqa: S603
        theirs.close()

    @property
    def task(self) -> str:
        """What it works on, or has last worked on: pass and shard, as far as it has said."""
        return self._note.read().task

    def is_fit(self, limits: Limits) -> bool:
        """Whether it may do another task: alive, in the environment of now (Ray sets GPUs there), and not grown fat."""
        is_lean = not limits.memory_bytes or self.grown_bytes <= RECYCLE_FRACTION * limits.memory_bytes
        return self._process.poll() is None and self._environment == dict(os.environ) and is_lean

    def do(self, work: bytes, told: bytes, node: str, limits: Limits, care: Care) -> Returned | Death:
        """Have it do a task."""
        order = Order(None if work == self._work else work, told, node, limits, care)
        self._work = work
        self._note.write(NOWHERE)
        with contextlib.suppress(ConnectionError):  # it died; watching tells how
            self._connection.send(order)
        head = watch(self._connection, self._process, self._note, limits.memory_bytes)
        if isinstance(head, Death):
            return head
        body = watch(self._connection, self._process, self._note, 0)
        if isinstance(body, Death):
            return body
        ok, self.grown_bytes, incidents = pickle.loads(head)  # noqa: S301
        return Returned(ok, body, incidents)

    def close(self) -> None:
        """End it, at once."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._connection.close()
        self._note.close()


_child: Child | None = None
"""Kept from task to task: what it has imported, loaded and compiled serves the next one."""


def run_apart(work: bytes, told: bytes, node: str, limits: Limits) -> Returned:
    """Do a task in the child of this process: again while there is something to learn from how it died."""
    global _child
    deaths = Deaths(limits)
    while True:
        if _child is None or not _child.is_fit(limits):
            end_child()
            _child = Child()
        try:
            outcome = _child.do(work, told, node, limits, deaths.care)
        except BaseException:  # the run is being ended: nobody may think that its folder is free while it still writes
            end_child()
            raise
        if isinstance(outcome, Returned):
            return replace(outcome, incidents=(*deaths.incidents, *outcome.incidents))
        end_child()
        reason = deaths.learn(outcome)
        if reason is not None:
            return Returned(False, reason.encode(), tuple(deaths.incidents), given_up=True)


def again(returned: Returned, attempt: int) -> Returned:
    """What came of a task that Ray has begun `attempt` times, because the worker or its node died."""
    error = f"its worker or node died: attempt {attempt}"
    task = _child.task if _child is not None else ""
    retry = Incident("retry", task or "a task", "", "", error, os.uname().nodename)
    return replace(returned, incidents=(retry, *returned.incidents))


@atexit.register
def end_child() -> None:
    """End the child, if there is one."""
    global _child
    if _child is not None:
        _child.close()
        _child = None


class Deaths:
    """The deaths of one task, and what they teach."""

    def __init__(self, limits: Limits) -> None:
        """None so far."""
        self._limits = limits
        self._fruitless = self._killed = 0
        self._in_place: Counter[tuple[str, str]] = Counter()
        self.care = Care()
        self.incidents: list[Incident] = []

    def learn(self, death: Death) -> str | None:
        """Take care of one thing more, or give the task up: then the line that says why."""
        entry = death.entry
        node = os.uname().nodename
        self.incidents.append(
            Incident("restart", entry.task, entry.step, entry.what, death.error, node, death.peak_bytes)
        )
        if death.kind == "killed":
            self._killed += 1
            self._in_place[entry.step, entry.what] += 1
            if self._killed >= MAX_KILLED:
                return self._give_up(death, self._killed)
            if self._in_place[entry.step, entry.what] < KILLED_IN_PLACE or entry.kind == NOWHERE:
                return None
        if entry.kind == AT_ROW and death.kind == "cpu":
            self.care = replace(self.care, suspects=(*self.care.suspects, Suspect(entry.step, entry.what, death)))
        elif self._limits.may_fork and entry.kind != NOWHERE and not self.care.covers(entry.step):
            self.care = replace(self.care, steps=self.care.steps | {entry.step})
        else:
            self._fruitless += 1
            if self._fruitless >= MAX_FRUITLESS:
                return self._give_up(death, self._fruitless)
            if self._limits.may_fork and self._fruitless == MAX_FRUITLESS - 1:
                self.care = replace(self.care, steps=frozenset({EVERY_STEP}))
        return None

    def _give_up(self, death: Death, times: int) -> str:
        entry = death.entry
        advice = {
            "memory": "; raise memory_bytes of the pass",
            "cpu": "; raise record_cpu_seconds of the pass",
            "killed": f"; {FROM_OUTSIDE[0].name} comes from outside, as when a machine is out of memory: raise "
            "memory_bytes of the pass, so that fewer tasks run at once",
        }.get(death.kind, "")
        return (
            f"task {entry.task or 'unknown'} died {times} times without a record to blame, the last time on node "
            f"{os.uname().nodename}, {'at step ' + entry.step if entry.step else 'at no step'}: {death.error}, "
            f"peak memory {death.peak_bytes / GIB:.1f} GiB{advice}"
        )
