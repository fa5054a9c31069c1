"""What training takes of a GPU, against published figures and by hand."""

import dataclasses

import pytest
import torch

from trainer.model import Transformer
from trainer.plan import Execution
from trainer.reckoning.memory import layer_activations, memory_per_gpu
from trainer.shapes import NEMOTRON4_15B, Shape

SMALL = Shape(n_layer=3, n_head=2, n_kv_head=2, d_model=4, d_ff=16, d_head=2, vocab_size=10)
GIB = 2**30


@pytest.mark.parametrize(("gpus", "gib"), [(768, 11.14), (1536, 11.03), (2304, 10.99)])
def test_weights_and_optimizer_of_nemotron4_at_tensor_parallel_8(gpus: int, gib: float) -> None:
    memory = memory_per_gpu(NEMOTRON4_15B, 4096, Execution(micro_batch=4, tensor_parallel=8), gpus)
    assert round(memory.states / GIB, 2) == gib
    assert memory.casts == 0


def test_a_layer_keeps_what_korthikanti_counts_less_dropout_and_scores() -> None:
    """34 bytes per token and width, less two dropout masks of one byte; 4 bytes per head for the sum of the softmax."""
    tokens = 100
    assert layer_activations(SMALL, tokens, 2, our_own=False) == tokens * (32 * SMALL.d_model + 4 * SMALL.n_head)


def test_nemotron4_s_activations_at_tensor_parallel_8_fit_beside_it() -> None:
    """Megatron-LM's release test of the model tells a peak of 28.16 GB on H100s; its 32 replicas are inferred, and it
    makes the logits of all tokens at once."""
    execution = Execution(micro_batch=4, tensor_parallel=8, loss_chunk=4 * 4096)
    memory = memory_per_gpu(NEMOTRON4_15B, 4096, execution, 256)
    assert memory.activations / 1e9 == pytest.approx(11.6, abs=0.1)
    assert memory.loss == 4 * 4096 * 256_000 * 6 // 8
    assert 0.95 < memory.total / 28.16e9 < 1


def test_one_process_holds_sixteen_bytes_per_parameter_and_the_matrices_in_bf16() -> None:
    memory = memory_per_gpu(SMALL, 8, Execution(loss_chunk=4), None)
    assert memory.states == 16 * SMALL.parameters
    assert memory.casts == 2 * (SMALL.body_matrices + SMALL.embedding)
    assert memory.loss == 4 * 10 * 6 + SMALL.embedding * 4
    assert memory.total == memory.states + memory.casts + memory.activations + memory.loss
    assert "one GPU" in memory.assumes


def test_fp32_casts_nothing() -> None:
    assert memory_per_gpu(SMALL, 8, Execution(precision="fp32"), 1).casts == 0


def test_recompute_keeps_the_inputs_of_layers_and_one_layer() -> None:
    kept = memory_per_gpu(SMALL, 8, Execution(), 1)
    again = memory_per_gpu(SMALL, 8, Execution(recompute=True), 1)
    layer, row = layer_activations(SMALL, 8, 2, our_own=True), 2 * 8 * SMALL.d_model
    assert kept.activations == 3 * layer + 3 * row
    assert again.activations == 3 * row + layer + 3 * row
    assert again.casts == 2 * (SMALL.layer_matrices + SMALL.embedding)


def test_more_replicas_share_moments_and_master_weights() -> None:
    two = memory_per_gpu(SMALL, 8, Execution(), 2)
    assert (two.weights, two.gradients) == (2 * SMALL.parameters, 4 * SMALL.parameters)
    assert two.optimizer == 12 * SMALL.parameters // 2
    assert two.assumes == "master weights and moments shared out over 2 replicas of 1 GPU"


def test_the_loss_has_no_more_logits_than_tokens() -> None:
    assert memory_per_gpu(SMALL, 8, Execution(loss_chunk=1024), 2).loss == 8 * 10 * 6


@pytest.mark.parametrize(("dtype", "number"), [(torch.bfloat16, 2), (torch.float32, 4)])
def test_a_layer_of_ours_keeps_what_is_reckoned(dtype: torch.dtype, number: int) -> None:
    shape = dataclasses.replace(SMALL, n_head=8, n_kv_head=2, d_model=64, d_ff=256, d_head=8)
    tokens = 3 * 32
    casts = 2 * shape.layer_matrices if number == 2 else 0
    statistics, gains = 2 * tokens * 8, 2 * 4 * shape.d_model  # of two norms: mean and deviation; weight + 1
    copy = number * tokens * shape.n_head * shape.d_head  # on CPUs attention's result is laid out anew
    more = kept_bytes(shape, 2, dtype) - kept_bytes(shape, 1, dtype)
    assert more - casts - statistics - gains - copy == layer_activations(shape, tokens, number, our_own=True)


def kept_bytes(shape: Shape, n_layer: int, dtype: torch.dtype) -> int:
    """What autograd keeps beside the weights of a model with so many layers, for 3 rows of 32 tokens."""
    torch.set_num_threads(1)
    model = Transformer(dataclasses.replace(shape, n_layer=n_layer), dtype)
    model.init_weights(1)
    weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    kept: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(torch.zeros((3, 32), dtype=torch.int64))
    return sum(tensor.untyped_storage().nbytes() for place, tensor in kept.items() if place not in weights)
