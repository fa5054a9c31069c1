"""What a plan makes of so many processes, and the numbers it is refused with where it cannot."""

import dataclasses
import re

import pytest

from datapipe.output import RunError
from trainer.corpus import CorpusSizes, UnitSize, shape_of
from trainer.load import loads
from trainer.plan import Execution, Plan
from trainer.processes.degrees import Degrees, degrees_of, tensor_misfit
from trainer.shapes import NEMOTRON4_15B

PLAN = """
name: p
output: out
data: data
tokenizer: t
model: {n_layer: 1, n_head: 4, n_kv_head: 2, d_model: 16}
execution: {tensor_parallel: 2}
phases: [{name: a, tokens: 1000, batch: 8, learning_rate: [{shape: constant, start: 0.1}]}]
"""


@pytest.mark.parametrize(
    ("tensor", "shards", "processes", "expected"),
    [
        (1, None, 1, Degrees(1, 1, 1)),
        (1, None, 6, Degrees(1, 6, 1)),
        (1, 1, 6, Degrees(6, 1, 1)),
        (1, 2, 6, Degrees(3, 2, 1)),
        (8, None, 2304, Degrees(1, 288, 8)),
        (8, 32, 2304, Degrees(9, 32, 8)),
        (2, 3, 6, Degrees(1, 3, 2)),
        (6, None, 6, Degrees(1, 1, 6)),
    ],
)
def test_what_a_plan_leaves_open_is_filled_by_shards(
    tensor: int, shards: int | None, processes: int, expected: Degrees
) -> None:
    degrees = degrees_of(Execution(tensor_parallel=tensor, data_shards=shards), processes)
    assert degrees == expected
    assert degrees.world == processes
    assert degrees.data * degrees.tensor == processes


@pytest.mark.parametrize(
    ("tensor", "shards", "processes", "message"),
    [
        (4, None, 6, "a multiple of execution.tensor_parallel, 4, found 6 processes"),
        (8, None, 4, "a multiple of execution.tensor_parallel, 8, found 4 processes"),
        (1, 4, 6, "a multiple of execution.data_shards x tensor_parallel, 4 x 1 = 4, found 6 processes"),
        (8, 32, 768 * 3 + 8, "a multiple of execution.data_shards x tensor_parallel, 32 x 8 = 256, found 2,312"),
    ],
)
def test_processes_that_do_not_divide_are_refused(tensor: int, shards: int, processes: int, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        degrees_of(Execution(tensor_parallel=tensor, data_shards=shards), processes)


def test_nemotron4_can_be_shared_by_its_key_and_value_heads_at_most() -> None:
    fits = [tensor for tensor in range(1, 65) if tensor_misfit(NEMOTRON4_15B, 4096, tensor) is None]
    assert fits == [1, 2, 4, 8]
    assert tensor_misfit(NEMOTRON4_15B, None, 16) == "a divisor of n_kv_head, 8, found 16"


def test_one_head_of_keys_and_values_and_one_position_are_shared_by_nobody() -> None:
    single = dataclasses.replace(NEMOTRON4_15B, n_kv_head=1)
    assert tensor_misfit(single, None, 2) == "a divisor of n_kv_head, 1, found 2"
    assert tensor_misfit(NEMOTRON4_15B, 1, 2) == "a divisor of seq_len, 1, found 2"


def plan_and_tokens(vocab_size: int, seq_len: int) -> tuple[Plan, CorpusSizes]:
    """A plan that leaves both to its tokens."""
    return loads(PLAN), CorpusSizes({"a": {"b": UnitSize(1001, 1000 // seq_len, 1)}}, seq_len, vocab_size)


def test_a_vocabulary_and_a_length_that_only_the_tokens_say_are_refused_by_the_plan_too() -> None:
    assert shape_of(*plan_and_tokens(vocab_size=48, seq_len=10)).vocab_size == 48
    padded = "vocab_size, 49, found 2; or give model.vocab_size 50"
    with pytest.raises(RunError, match=padded):
        shape_of(*plan_and_tokens(vocab_size=49, seq_len=10))
    with pytest.raises(RunError, match="tensor_parallel: expected a divisor of seq_len, 25, found 2"):
        shape_of(*plan_and_tokens(vocab_size=48, seq_len=25))
