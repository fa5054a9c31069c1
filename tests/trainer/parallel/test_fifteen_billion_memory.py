"""A step of Nemotron-4 15B as one process of many takes it: tensors without numbers in them, and others pretended."""

import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.distributed.tensor import DTensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tests.trainer.parallel.pretended import one_of
from trainer.optim import build_optimizer
from trainer.plan import Execution, Optimizer
from trainer.reckoning.memory import memory_per_gpu
from trainer.running.step import micro_batch_loss
from trainer.shapes import NEMOTRON4_15B, Shape

SEQ_LEN = 4096
TENSOR_8 = Execution(micro_batch=4, tensor_parallel=8)


class LivingTensors(TorchDispatchMode):
    """Counts the bytes of all tensors that are there at once, those of gathered weights among them."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 0
        self._there: dict[int, weakref.ref[torch.UntypedStorage]] = {}

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if any(issubclass(one, DTensor) for one in types):
            return NotImplemented  # what it does with its part comes here too
        found = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(found):
            if isinstance(tensor, torch.Tensor) and tensor.device.type == "cpu":
                self._see(tensor.untyped_storage())
        storages = [storage() for storage in self._there.values()]
        self.most = max(self.most, sum(one.nbytes() for one in storages if one is not None))
        return found

    def _see(self, storage: torch.UntypedStorage) -> None:
        place = storage._cdata
        if place not in self._there:
            self._there[place] = weakref.ref(storage, lambda _: self._there.pop(place, None))


def peak_of_a_step(shape: Shape, execution: Execution, processes: int) -> int:
    """Bytes in the first of so many, in the second step: the first makes the moments."""
    with (
        one_of(processes, shape, execution) as (_, model),
        FakeTensorMode(allow_non_fake_inputs=True),
        LivingTensors() as living,
    ):
        model.to_empty(device="cpu")
        optimizer = build_optimizer(model, Optimizer())
        for _ in range(2):
            living.most = 0
            rows_BS = torch.zeros((execution.micro_batch, SEQ_LEN + 1), dtype=torch.int64)
            part = micro_batch_loss(model, rows_BS, rows_BS.numel(), 0.0, execution, None)
            part.backward()  # type: ignore[no-untyped-call]
            del part
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
    return living.most


@pytest.mark.parametrize(
    ("n_layer", "execution", "processes", "moment"),
    [
        pytest.param(2, TENSOR_8, 2304, "loss", id="two layers on 2,304"),
        pytest.param(12, TENSOR_8, 2304, "loss", id="twelve layers on 2,304", marks=pytest.mark.slow),
        pytest.param(12, replace(TENSOR_8, data_shards=24), 768, "loss", id="copies", marks=pytest.mark.slow),
        pytest.param(12, replace(TENSOR_8, recompute=True), 8, "embedding", id="tensor alone", marks=pytest.mark.slow),
        pytest.param(2, replace(TENSOR_8, recompute=True), 2304, "last block", id="two layers recomputed"),
        pytest.param(2, Execution(), 8, "embedding", id="shards alone", marks=pytest.mark.slow),
    ],
)
def test_the_peak_of_a_step_is_what_is_reckoned(
    n_layer: int, execution: Execution, processes: int, moment: str
) -> None:
    shape = replace(NEMOTRON4_15B, n_layer=n_layer)
    reckoned = memory_per_gpu(shape, SEQ_LEN, execution, processes, rows=execution.micro_batch)
    assert reckoned.moment == moment  # all 32 layers take a minute: 28.05 GB on 2,304, of which 28.16 were counted
    assert reckoned.total == pytest.approx(peak_of_a_step(shape, execution, processes), rel=0.05)
