"""The processes of a run, and their violent ends."""

import contextlib
import random
import time
from collections.abc import Callable, Iterator

import psutil

SEARCH_SECONDS = 0.005
"""Between two looks for a process: a short task must not slip through."""

AGENTS = ("ray::DashboardAgent", "ray::RuntimeEnvAgent")
"""Ray's own: a node goes down with them."""


def kill(process: psutil.Process) -> bool:
    """`kill -9`; False when it had ended by itself."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()
        return True
    return False


def workers(roots: list[psutil.Process], idle: bool = False) -> list[psutil.Process]:
    """Ray's worker processes below `roots` that are at work on a task; or all of them."""
    others = AGENTS if idle else (*AGENTS, "ray::IDLE")
    titles = [(one, _title(one)) for one in _below(roots)]
    return [one for one, title in titles if title.startswith("ray::") and not title.startswith(others)]


def supervised(roots: list[psutil.Process]) -> list[psutil.Process]:
    """Processes that workers started: the children in which records are read and measured."""
    return [child for worker in workers(roots, idle=True) for child in _below([worker])]


def raylets(roots: list[psutil.Process]) -> list[psutil.Process]:
    """Ray's node processes below `roots`."""
    return [one for one in _below(roots) if _name(one) == "raylet"]


def caught(
    look: Callable[[], list[psutil.Process]], chance: random.Random, seconds: float, goes_on: Callable[[], bool]
) -> psutil.Process | None:
    """One of the processes that `look` sees, as soon as it sees any; None after `seconds` or when the run is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and goes_on():
        found = look()
        if found:
            return chance.choice(found)
        time.sleep(SEARCH_SECONDS)
    return None


def end_all(roots: list[psutil.Process]) -> None:
    """Kill them and all that they started."""
    for one in [*_below(roots), *roots]:
        kill(one)
    psutil.wait_procs(roots, timeout=10)


def _below(roots: list[psutil.Process]) -> list[psutil.Process]:
    return [child for root in roots for child in _children(root)]


def _children(process: psutil.Process) -> Iterator[psutil.Process]:
    try:
        yield from process.children(recursive=True)
    except psutil.NoSuchProcess:
        return


def _title(process: psutil.Process) -> str:
    """What `ps` shows: Ray's workers write there what they do."""
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""
