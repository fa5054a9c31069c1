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


def tensor_misfit(shape: Shape, seq_len: int | None, tensor: int) -> str | None:
    """Why so many cannot share a model's layers, in words that follow "expected"; None where they can.

    A vocabulary of 1 is not known yet, nor is a `seq_len` of None. Heads divide where those of keys and values do.
    """
    vocab_size = shape.vocab_size if shape.vocab_size > 1 else None
    sizes = {"n_kv_head": shape.n_kv_head, "d_ff": shape.d_ff, "vocab_size": vocab_size, "seq_len": seq_len}
    for name, size in sizes.items():
        if size is not None and size % tensor:
            return (
                f"a divisor of {name}, {size:,}, found {tensor}{_padded(size, tensor) if name == 'vocab_size' else ''}"
            )
    return None


def _padded(pieces: int, tensor: int) -> str:
    return f"; or give model.vocab_size {-(-pieces // tensor) * tensor:,}: nothing uses the last pieces then"


def float8_misfit(shape: Shape, seq_len: int | None, tensor: int) -> str | None:
    """Why products of the blocks cannot be in 8 bits, in words that follow "expected"; None where they can.

    A product takes matrices whose sides are multiples of 16, on every process. A `seq_len` of None is not known yet.
    """
    sides = {
        "d_model": shape.d_model,
        "n_head x d_head / tensor_parallel": shape.n_head * shape.d_head // tensor,
        "n_kv_head x d_head / tensor_parallel": shape.n_kv_head * shape.d_head // tensor,
        "d_ff / tensor_parallel": shape.d_ff // tensor,
        "seq_len": seq_len or 0,
    }
    found = [f"{name} = {side:,}" for name, side in sides.items() if side % 16]
    return f"multiples of 16, found {', '.join(found)}" if found else None
