"""How many processes do what: the mesh of a run in numbers, and why one is impossible. No torch here."""

from dataclasses import dataclass

from trainer.plan import Execution
from trainer.shapes import Shape

DIMS = ("copies", "shards", "tensor")
"""Of the mesh, the processes that talk most next to each other: ranks of one node share layers."""


@dataclass(frozen=True)
class Degrees:
    """Processes along each dim."""

    copies: int = 1
    """Of each shard (HSDP)."""
    shards: int = 1
    """Parts that weights, gradients and moments are divided into (FSDP)."""
    tensor: int = 1
    """That share every layer."""

    @property
    def data(self) -> int:
        """Processes or groups of processes that see different samples."""
        return self.copies * self.shards

    @property
    def world(self) -> int:
        """All of them."""
        return self.data * self.tensor


def degrees_of(execution: Execution, processes: int) -> Degrees:
    """What a plan makes of so many processes. Raises ValueError, in words that follow "expected", where it cannot."""
    tensor = execution.tensor_parallel
    if processes % tensor:
        raise ValueError(f"a multiple of execution.tensor_parallel, {tensor}, found {processes:,} processes")
    data = processes // tensor
    shards = execution.data_shards or data
    if data % shards:
        raise ValueError(
            f"a multiple of execution.data_shards x tensor_parallel, {shards} x {tensor} = {shards * tensor}, "
            f"found {processes:,} processes"
        )
    return Degrees(data // shards, shards, tensor)


def tensor_misfits(shape: Shape, tensor: int) -> list[str]:
    """Why a model cannot be shared out by so many, size by size; none where it can."""
    sizes = {
        "n_head": shape.n_head,
        "n_kv_head": shape.n_kv_head,
        "d_ff": shape.d_ff,
        "vocab_size": shape.vocab_size,
    }
    return [f"{name} {size:,}" for name, size in sizes.items() if size % tensor]
