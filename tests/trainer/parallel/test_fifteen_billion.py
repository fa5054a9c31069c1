"""Nemotron-4 15B on 768, 1,536 and 2,304 processes, as one of them sees it: on the meta device, others pretended."""

from math import prod

import pytest
import torch
from torch.distributed.tensor import DTensor

from tests.trainer.parallel.pretended import one_of
from trainer.plan import Execution
from trainer.reckoning.memory import memory_per_gpu
from trainer.reckoning.parts import held_shapes
from trainer.shapes import NEMOTRON4_15B

EXECUTION = Execution(micro_batch=4, tensor_parallel=8)


@pytest.mark.parametrize(
    ("processes", "replicas"),
    [pytest.param(768, 96, marks=pytest.mark.slow), pytest.param(1536, 192, marks=pytest.mark.slow), (2304, 288)],
)
def test_every_weight_is_divided_as_reckoned(processes: int, replicas: int) -> None:
    with one_of(processes, NEMOTRON4_15B, EXECUTION) as (degrees, model):
        parts = {name: tuple(part(weight).shape) for name, weight in model.named_parameters()}
    assert (degrees.copies, degrees.shards, degrees.tensor) == (1, replicas, 8)
    assert parts == held_shapes(NEMOTRON4_15B, degrees)
    count = sum(map(prod, parts.values()))
    memory = memory_per_gpu(NEMOTRON4_15B, 4096, EXECUTION, processes)
    assert (memory.weights, memory.optimizer, memory.states) == (4 * count, 8 * count, 16 * count)
    assert NEMOTRON4_15B.parameters / processes <= count < 1.07 * NEMOTRON4_15B.parameters / processes


def test_the_last_process_holds_less_where_rows_do_not_divide_evenly() -> None:
    """256,000 pieces in 8 parts are 32,000 rows, in 288 shards: 112 each, and none for the last two."""
    with one_of(2304, NEMOTRON4_15B, EXECUTION, rank=2303) as (_, model):
        head, query = (part(model.get_parameter(name)) for name in ("head.weight", "blocks.5.attention.query.weight"))
    assert (head.shape[0], query.shape[0]) == (0, 0)  # 768 rows of queries: 3 in each of 256
    assert (-(-32_000 // 288), 32_000 - 285 * 112) == (112, 80)


def part(weight: torch.Tensor) -> torch.Tensor:
    """What of a weight is in this process."""
    assert isinstance(weight, DTensor)
    return weight.to_local()
