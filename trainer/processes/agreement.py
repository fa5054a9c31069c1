"""What all processes of a run must have alike before its first step."""

import socket
import time
from importlib.metadata import version

import torch
import xxhash

from datapipe.output import RunError
from trainer.checkpointing.record import Record
from trainer.course import course_json
from trainer.plan import Plan
from trainer.processes.meeting import ranks
from trainer.processes.world import World

SKEW_SECONDS = 30.0
"""Between two clocks: more is told. Nothing of a run is decided by another clock than that of rank 0."""


def agree_on_plan(world: World, plan: Plan) -> None:
    """Raise RunError on every process where one has another plan or other software than the first."""
    versions = f"corpusmill {version('corpusmill')}, torch {torch.__version__}"
    own = {"version": versions, "plan": plan.text.splitlines(), "settings": list(plan.settings)}
    first = world.from_first(own)
    _refuse(world, [_difference(what, own[what], first[what]) for what in own if own[what] != first[what]])


def agree(world: World, record: Record) -> None:
    """The same where one has other data, or goes on from elsewhere."""
    own = {
        "data": _digest(course_json(record.course)),
        "samples seen": record.samples_seen,
        "checkpoint": record.seal or "none",
    }
    first = world.from_first(own)
    _refuse(world, [_difference(what, own[what], first[what]) for what in own if own[what] != first[what]])


def skewed(world: World) -> list[str]:
    """Lines on clocks that are far from that of rank 0."""
    world.gathered(None)  # so that all look at about the same time
    said = world.gathered((socket.gethostname(), time.time()))
    return [
        f"rank {rank} on {host}: its clock is {abs(then - said[0][1]):.0f} s "
        f"{'ahead of' if then > said[0][1] else 'behind'} that of rank 0"
        for rank, (host, then) in enumerate(said)
        if abs(then - said[0][1]) > SKEW_SECONDS
    ]


def _refuse(world: World, differences: list[str]) -> None:
    said = world.gathered((socket.gethostname(), differences))
    others = [rank for rank, (_, lines) in enumerate(said) if lines]
    if others:
        host, lines = said[others[0]]
        more = f"; {ranks(others[1:])} differ{'s' * (len(others) == 2)} too" if others[1:] else ""
        raise RunError(f"rank {others[0]} on {host} {lines[0]}{more}")


def _difference(what: str, own: object, first: object) -> str:
    """In words that follow the name of the process."""
    if isinstance(own, list) and isinstance(first, list):
        place = next(
            (place for place, pair in enumerate(zip(own, first, strict=False)) if pair[0] != pair[1]),
            min(len(own), len(first)),
        )
        where = f"line {place + 1} of its plan" if what == "plan" else "--set"
        return f"has another plan: {where} is {_line(own, place)}, that of rank 0 {_line(first, place)}"
    return f"has another {what}: {own}, rank 0 has {first}"


def _line(lines: list[str], place: int) -> str:
    return repr(lines[place].strip()) if place < len(lines) else "missing"


def _digest(text: str) -> str:
    return xxhash.xxh3_64_hexdigest(text.encode())
