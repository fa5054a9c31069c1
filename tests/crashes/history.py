"""One run that is killed on its way, completed, and compared with a run that nobody disturbed.

It is the tiny recipe, which here removes repeated lines as well.
"""

import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.crashes.processes import caught, end_all, kill, supervised, workers
from tests.crashes.two_nodes import TwoNodes, two_nodes
from tests.same_bytes import digests

RECIPE = Path(__file__).parents[2] / "recipes" / "tiny" / "recipe.yaml"
SMALL = ("cut_bytes=393216", "shard_bytes=393216")
"""Some thirty shards, so that every pass has many tasks and every moment a neighbour."""

REPEATED = """  - name: passages
    repeated: {unit: line, where: {source: {not: code}}}
"""
"""Goes before the pass `measure`: five phases of its own."""

LOOK_SECONDS = 0.005
WAIT_SECONDS = 240
"""A run that takes longer hangs."""

Moments = dict[str, int]


@dataclass(frozen=True)
class Aim:
    """When to kill: so many receipts of a pass are written, and a moment later."""

    pass_name: str
    receipts: int
    seconds: float


@dataclass(frozen=True)
class Kill:
    """A kill that happened."""

    kind: str
    pass_name: str
    receipts: Moments
    """Everything that was finished just before, with the moment it was written."""


@dataclass
class Outcome:
    """What became of a history."""

    kills: list[Kill] = field(default_factory=list)
    reruns: int = 0
    different: list[str] = field(default_factory=list)
    """Outputs whose bytes are not those of the undisturbed run."""
    redone: list[str] = field(default_factory=list)
    """Receipts that were there before a kill and were written again after it."""


def receipts(output: Path, pass_name: str = "") -> Moments:
    """When each receipt of a pass (of all) was written."""
    found: Moments = {}
    for folder, _, names in os.walk(output / "receipts" / pass_name):
        for name in names:
            if name.endswith(".json") and not name.startswith("."):
                path = Path(folder, name)
                with contextlib.suppress(FileNotFoundError):
                    found[str(path.relative_to(output / "receipts"))] = path.stat().st_mtime_ns
    return found


def pass_sizes(output: Path) -> dict[str, int]:
    """Receipts of every pass, in the order in which the passes began."""
    first: dict[str, int] = {}
    count: dict[str, int] = {}
    for name, moment in receipts(output).items():
        one = name.partition("/")[0]
        first[one] = min(moment, first.get(one, moment))
        count[one] = count.get(one, 0) + 1
    return {one: count[one] for one in sorted(count, key=first.__getitem__)}


def aims(sizes: dict[str, int], number: int, chance: random.Random) -> list[Aim]:
    """Moments to kill at, spread over the passes alike, one after the other in time."""
    order = list(sizes)
    chosen = sorted(
        (order.index(one), chance.randrange(sizes[one]), chance.uniform(0, 0.05))
        for one in (chance.choice(order) for _ in range(number))
    )
    return [Aim(order[index], count, seconds) for index, count, seconds in chosen]


def start(folder: Path, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """`datapipe run` on two CPUs, in a process of its own."""
    recipe = folder / "recipe.yaml"
    text = RECIPE.read_text().replace("  - name: measure", f"{REPEATED}  - name: measure")
    recipe.write_text(text.replace("data/", f"{RECIPE.parent}/data/"))
    command = [sys.executable, "-m", "datapipe.cli", "run", str(recipe), "--root", str(folder), "--num-cpus", "2"]
    for setting in SMALL:
        command += ["--set", setting]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, cwd=RECIPE.parents[2], env=environment, stdout=log, stderr=log)


def completed(folder: Path, process: "subprocess.Popen[bytes]") -> None:
    """Wait for the end of a run. Raises RuntimeError when it fails or hangs."""
    try:
        code = process.wait(WAIT_SECONDS)
    except subprocess.TimeoutExpired:
        code = -1
    if code != 0:
        end_all([psutil.Process(process.pid)] if code == -1 else [])
        raise RuntimeError(f"exit code {code}: {(folder / 'log').read_text()[-3000:]}")


@contextlib.contextmanager
def cluster_for(kind: str) -> Iterator[TwoNodes | None]:
    """Two nodes to kill one of; the other kinds take the cluster that the run starts itself."""
    if kind != "raylet":
        yield None
        return
    with two_nodes() as cluster:
        yield cluster


def disturbed(kind: str, folder: Path, undisturbed: Path, planned: list[Aim], chance: random.Random) -> Outcome:
    """Run, kill at each of the planned moments, complete, compare."""
    outcome = Outcome()
    output = folder / "out" / "tiny"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with cluster_for(kind) as cluster:
        environment = cluster.environment if cluster else dict(os.environ)
        process = start(folder, environment)
        for aim in planned:
            if not _reached(output, aim, process):
                break
            before = receipts(output)
            if not _strike(kind, process, cluster, chance):
                continue
            outcome.kills.append(Kill(kind, aim.pass_name, before))
            if kind == "driver":
                process.wait()
                process = start(folder, environment)
                outcome.reruns += 1
            elif cluster is not None:
                cluster.replace_second()
        completed(folder, process)
    mine, theirs = digests(output), digests(undisturbed)
    outcome.different = sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))
    after = receipts(output)
    outcome.redone = sorted(
        {name for one in outcome.kills for name in one.receipts if after.get(name) != one.receipts[name]}
    )
    return outcome


def _reached(output: Path, aim: Aim, process: "subprocess.Popen[bytes]") -> bool:
    """Wait for the moment; False when the run was over before."""
    end = time.monotonic() + WAIT_SECONDS
    while len(receipts(output, aim.pass_name)) < max(aim.receipts, 1):
        if process.poll() is not None:
            return False
        if time.monotonic() > end:
            raise RuntimeError(f"pass {aim.pass_name} is not reached after {WAIT_SECONDS} seconds")
        time.sleep(LOOK_SECONDS)
    time.sleep(aim.seconds)
    return process.poll() is None


def _strike(kind: str, process: "subprocess.Popen[bytes]", cluster: TwoNodes | None, chance: random.Random) -> bool:
    """Kill one process of the kind; False when there was none any more."""
    driver = psutil.Process(process.pid)
    looks: dict[str, Callable[[], list[psutil.Process]]] = {
        "driver": lambda: [driver],
        "worker": lambda: workers([driver]),
        "child": lambda: supervised([driver]),
        "raylet": lambda: cluster.raylet() if cluster else [],
    }
    victim = caught(looks[kind], chance, 5.0, lambda: process.poll() is None)
    return victim is not None and kill(victim)
