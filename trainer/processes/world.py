"""The processes of a run as one of them sees it: who it is, and what it says to the others and hears of them.

One process alone is a world too: it agrees with itself, and nothing here needs torch.distributed then.
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeVar

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh

from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError
from trainer.processes.degrees import DIMS, Degrees
from trainer.processes.meeting import meet, ranks
from trainer.processes.pulse import Pulse

Value = TypeVar("Value")
ONE = Degrees()
BACKENDS = {"cpu": "gloo", "cuda": "cpu:gloo,cuda:nccl"}
"""By the device. Objects and checkpoints travel by gloo in any case."""
SAVES = "saves"
"""What the group of processes is called that background saves talk in: beside the order of all that training does."""
PATIENCE = timedelta(days=1)
"""Of process groups while the processes watch each other."""


@dataclass(frozen=True)
class World:
    """All processes, from one of them."""

    device: torch.device
    rank: int = 0
    degrees: Degrees = ONE
    mesh: DeviceMesh | None = None
    """Its dims are `DIMS`; None where there is one process, or it is not settled yet who does what."""
    pulse: Pulse = field(default_factory=Pulse, compare=False)
    """What others see of this process while they wait for it."""

    @property
    def size(self) -> int:
        """How many there are."""
        return self.degrees.world

    @property
    def is_first(self) -> bool:
        """Whether it is the one that writes what one process writes."""
        return self.rank == 0

    @property
    def data_rank(self) -> int:
        """Which part of every batch it computes; those that share layers have the same."""
        return self.rank // self.degrees.tensor

    def sum(self, values: torch.Tensor) -> torch.Tensor:
        """Of all processes that see different samples, on each of them, in place."""
        if self.mesh is not None and self.degrees.data > 1:
            dist.all_reduce(values, group=_data(self.mesh).get_group())
        return values

    def largest(self, number: int) -> int:
        """Of the numbers that the processes say, on each of them."""
        if self.size == 1:
            return number
        said = torch.tensor(number, device=self.device)
        dist.all_reduce(said, dist.ReduceOp.MAX)
        return int(said)

    def numbers(self, number: float) -> list[float]:
        """What every process says, by rank, on all of them; by way of the CPUs."""
        if self.size == 1:
            return [number]
        said = [torch.zeros((), dtype=torch.float64) for _ in range(self.size)]
        dist.all_gather(said, torch.tensor(number, dtype=torch.float64))
        return [float(one) for one in said]

    def gathered(self, value: Value) -> list[Value]:
        """What every process says, by rank, on all of them. Values travel pickled between processes of one run."""
        if self.size == 1:
            return [value]
        found: list[Value | None] = [None] * self.size
        dist.all_gather_object(found, value)
        return found  # type: ignore[return-value]

    def from_first(self, value: Value) -> Value:
        """What the first process says; others' values are not looked at."""
        if self.size == 1:
            return value
        said = [value]
        dist.broadcast_object_list(said, src=0)
        return said[0]

    def together(self, work: Callable[[], Value]) -> Value:
        """Do something that may fail on one process only: then it fails on all of them, and says where.

        Raises RunError, RecipeError.
        """
        failure: RunError | RecipeError | None = None
        value: Value | None = None
        try:
            value = work()
        except (RunError, RecipeError) as error:
            if self.size == 1:
                raise
            failure = error
        messages = self.gathered(None if failure is None else str(failure))
        failed = [rank for rank, message in enumerate(messages) if message is not None]
        if failed:
            raise RunError(_told(messages, failed)) from failure
        return value  # type: ignore[return-value]

    def on_first(self, work: Callable[[], Value]) -> Value:
        """Do something on the first process only; all have what it came to. Raises as `together` does."""
        value = self.together(lambda: work() if self.is_first else None)
        return self.from_first(value)  # type: ignore[return-value]


ALONE = World(torch.device("cpu"))
"""One process."""


def _told(messages: list[str | None], failed: list[int]) -> str:
    """One line of what went wrong, and where."""
    first = messages[failed[0]]
    same = [rank for rank in failed if messages[rank] == first]
    if len(same) == len(messages):
        return str(first)
    others = f"; {len(failed) - len(same)} other ranks failed too" if len(failed) > len(same) else ""
    return f"{ranks(same)} of {len(messages)}: {first}{others}"


def is_launched() -> bool:
    """Whether this process is one of several that a launcher has started, by the environment that torchrun sets."""
    return "RANK" in os.environ and int(os.environ.get("WORLD_SIZE", "1")) > 1


def join(timeout_seconds: float) -> World:
    """Meet the other processes, if there are any. Raises RunError where they do not come in time."""
    device = _device()
    if not dist.is_initialized():
        if not is_launched():
            return World(device)
        if device.type == "cuda":
            torch.cuda.set_device(device)
        rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        store = meet(rank, size, timeout_seconds)
        limit = timedelta(seconds=2 * timeout_seconds)  # who is waited for is found out first
        try:
            dist.init_process_group(BACKENDS[device.type], store=store, rank=rank, world_size=size, timeout=limit)
        except (dist.DistError, RuntimeError, ValueError) as error:
            where = f"rank {rank} on {socket.gethostname()}"
            raise RunError(f"{where} cannot speak with the other processes: {str(error).splitlines()[0]}") from None
    return World(device, dist.get_rank(), Degrees(dist.get_world_size()))


def settled(world: World, degrees: Degrees) -> World:
    """The same processes, each of which knows what it does: all have to call this."""
    if not dist.is_initialized():
        return replace(world, degrees=degrees)
    sizes = degrees.copies, degrees.shards, degrees.tensor
    mesh = init_device_mesh(world.device.type, sizes, mesh_dim_names=DIMS)
    _data(mesh)
    return replace(world, degrees=degrees, mesh=mesh)


def be_patient() -> None:
    """From here on no process gives up waiting by itself: `health.py` finds out whom the others wait for, and sooner,
    and knows who may take as long as it takes."""
    for group in list(dist.distributed_c10d._world.pg_map):
        dist.distributed_c10d._set_pg_timeout(PATIENCE, group)


def _data(mesh: DeviceMesh) -> DeviceMesh:
    """Those that see different samples, as one dim."""
    return mesh["copies", "shards"]._flatten("data")


def leave() -> None:
    """Part from the others, where there are any."""
    if dist.is_initialized():
        dist.destroy_process_group()


def _device() -> torch.device:
    """The GPU of this process where there are any, by its place on the node; else the CPU."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
