"""What all processes of a run must have alike before its first step, told by digests."""

import socket
from collections.abc import Mapping
from importlib.metadata import version

import torch
import xxhash

from datapipe.output import RunError
from trainer.checkpointing.record import Record
from trainer.course import course_json
from trainer.plan import Plan
from trainer.processes.world import World


def agree(world: World, plan: Plan, record: Record) -> None:
    """Raise RunError on every process where one has another plan, other data or other software than the first."""
    own = {
        "the plan": _digest(f"{plan.text}\0{plan.settings}"),
        "the data, or where the run is": _digest(f"{course_json(record.course)}\0{record.samples_seen}"),
        "the checkpoint": record.seal,
        "the version": f"corpusmill {version('corpusmill')}, torch {torch.__version__}",
    }
    said = world.gathered((socket.gethostname(), own))
    for rank, (host, theirs) in enumerate(said):
        other = [what for what in own if theirs[what] != said[0][1][what]]
        if other:
            raise RunError(_difference(rank, host, other[0], said[0][1], theirs))


def _difference(rank: int, host: str, what: str, first: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    return f"rank {rank} on {host}: {what} is not that of rank 0: {theirs[what]} there, {first[what]} here"


def _digest(text: str) -> str:
    return xxhash.xxh3_64_hexdigest(text.encode())
