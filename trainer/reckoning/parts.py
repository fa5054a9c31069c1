"""Which part of a model's weights one process holds: arithmetic of tensor parallelism and FSDP2. No torch here."""

from dataclasses import dataclass
from math import prod

from trainer.processes.degrees import Degrees
from trainer.shapes import Shape

BY_OUTPUT, BY_INPUT = 0, 1
"""Which dim of a matrix (outputs, inputs) the processes that share a layer divide."""


@dataclass(frozen=True)
class Matrix:
    """A weight (rows, columns) as the processes that share layers divide it."""

    rows: int
    columns: int
    divided: int

    def of(self, tensor: int) -> tuple[int, int]:
        """Its part in one of them."""
        return (self.rows // tensor, self.columns) if self.divided == BY_OUTPUT else (self.rows, self.columns // tensor)


def block_matrices(shape: Shape) -> dict[str, Matrix]:
    """Of one block, by name: of each pair the first is divided by its outputs, the second by its inputs."""
    heads, kv_heads = shape.n_head * shape.d_head, shape.n_kv_head * shape.d_head
    return {
        "attention.query": Matrix(heads, shape.d_model, BY_OUTPUT),
        "attention.key": Matrix(kv_heads, shape.d_model, BY_OUTPUT),
        "attention.value": Matrix(kv_heads, shape.d_model, BY_OUTPUT),
        "attention.output": Matrix(shape.d_model, heads, BY_INPUT),
        "mlp.up": Matrix(shape.d_ff, shape.d_model, BY_OUTPUT),
        "mlp.down": Matrix(shape.d_model, shape.d_ff, BY_INPUT),
    }


def held_shapes(shape: Shape, degrees: Degrees) -> dict[str, tuple[int, ...]]:
    """Of every weight the part that the first process holds, by the weight's name.

    FSDP2 divides rows, and the first processes have most where they do not divide evenly: 128 rows of a key among 288
    shards are one row in each of 128 of them. So the first process holds the most of all.
    """
    found: dict[str, tuple[int, ...]] = {}
    for layer in range(shape.n_layer):
        for name, matrix in block_matrices(shape).items():
            found[f"blocks.{layer}.{name}.weight"] = _shard(matrix.of(degrees.tensor), degrees)
        for norm in ("attention_norm", "mlp_norm"):
            found |= _norm(f"blocks.{layer}.{norm}", shape, degrees)
    vocabulary = Matrix(shape.vocab_size, shape.d_model, BY_OUTPUT).of(degrees.tensor)
    outer = {name: _shard(vocabulary, degrees) for name in ("embedding.weight", "head.weight")}
    return found | outer | _norm("norm", shape, degrees)


def held(shape: Shape, degrees: Degrees) -> int:
    """Parameters that the first process holds."""
    return sum(map(prod, held_shapes(shape, degrees).values()))


def _norm(name: str, shape: Shape, degrees: Degrees) -> dict[str, tuple[int, ...]]:
    vectors = ("weight", "bias") if shape.norm == "layer_norm" else ("weight",)
    return {f"{name}.{vector}": _shard((shape.d_model,), degrees) for vector in vectors}


def _shard(part: tuple[int, ...], degrees: Degrees) -> tuple[int, ...]:
    return (-(-part[0] // degrees.shards), *part[1:])
