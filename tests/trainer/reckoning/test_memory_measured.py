"""The reckoned peak of a step is that of the tensors that torch makes."""

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from trainer.device import DTYPES
from trainer.model import Transformer
from trainer.optim import build_optimizer
from trainer.plan import Execution, Optimizer
from trainer.reckoning.memory import memory_per_gpu
from trainer.running.blocks import recompute_blocks
from trainer.running.step import train_step
from trainer.shapes import Shape

SHAPE = Shape(n_layer=4, n_head=4, n_kv_head=2, d_model=128, d_head=32, d_ff=512, vocab_size=1024)
WORDY = Shape(n_layer=3, n_head=4, n_kv_head=2, d_model=64, d_head=16, d_ff=256, vocab_size=16_384)
CASES = {
    "first block": (SHAPE, Execution(micro_batch=4, precision="fp32", loss_chunk=128), 128, 4),
    "first block in bf16": (SHAPE, Execution(micro_batch=4, loss_chunk=128), 128, 4),
    "loss": (WORDY, Execution(micro_batch=2, loss_chunk=64, recompute=True), 64, 4),
    "embedding": (WORDY, Execution(precision="fp32", loss_chunk=8), 32, 1),
    "first block, accumulated": (SHAPE, Execution(micro_batch=2, loss_chunk=64, recompute=True), 128, 8),
    "last block, recomputed": (SHAPE, Execution(micro_batch=4, loss_chunk=64, recompute=True), 128, 4),
}


@pytest.mark.parametrize("case", CASES)
def test_a_step_takes_what_is_reckoned(case: str) -> None:
    shape, execution, seq_len, rows = CASES[case]
    reckoned = memory_per_gpu(shape, seq_len, execution, 1, rows)
    assert case.startswith(reckoned.moment)
    assert reckoned.total == pytest.approx(peak_of_a_step(shape, execution, seq_len, rows), rel=0.05)


def peak_of_a_step(shape: Shape, execution: Execution, seq_len: int, rows: int) -> int:
    """Bytes of all tensors where a step, which is not the first, has most of them."""
    torch.set_num_threads(1)
    model = Transformer(shape, DTYPES[execution.precision])
    model.init_weights(1)
    optimizer = build_optimizer(model, Optimizer())
    if execution.recompute:
        recompute_blocks(model)
    rows_NS = torch.randint(shape.vocab_size, (rows, seq_len + 1), generator=torch.Generator().manual_seed(1))
    train_step(model, optimizer, rows_NS, 1e-5, Optimizer(), execution)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        train_step(model, optimizer, rows_NS, 1e-5, Optimizer(), execution)
    events = sorted(seen.profiler.kineto_results.events(), key=lambda event: event.start_ns())
    now = most = 12 * shape.parameters  # weights and moments
    for event in events:
        if event.name() == "[memory]":
            now += event.nbytes()
            most = max(most, now)
    return most
