"""What training takes of a GPU, by hand and against published figures."""

import dataclasses

import pytest
import torch

from trainer import loss
from trainer.model import Transformer
from trainer.plan import Execution
from trainer.reckoning import memory as reckoning
from trainer.reckoning.memory import layer_activations, memory_per_gpu
from trainer.shapes import NEMOTRON4_15B, Shape

SMALL = Shape(n_layer=3, n_head=2, n_kv_head=2, d_model=4, d_ff=16, d_head=2, vocab_size=10)
GIB = 2**30
TENSOR_8 = Execution(micro_batch=4, tensor_parallel=8)


@pytest.mark.parametrize(("gpus", "gib"), [(768, 11.14), (1536, 11.03), (2304, 10.99)])
def test_megatron_s_weights_and_optimizer_of_nemotron4_at_tensor_parallel_8(gpus: int, gib: float) -> None:
    memory = memory_per_gpu(NEMOTRON4_15B, 4096, TENSOR_8, gpus)
    assert round(memory.megatron_states / GIB, 2) == gib


def test_fully_sharded_nemotron4_on_one_node_is_what_is_known_of_it() -> None:
    """16 bytes for an eighth of 15,628,775,424 parameters; both embeddings gathered, each 6,144 x 256,000 in fp32."""
    memory = memory_per_gpu(NEMOTRON4_15B, 4096, Execution(recompute=True), 8)
    assert memory.states / GIB == pytest.approx(29.1, abs=0.05)
    assert memory.moment == "embedding"
    assert memory.gathered / GIB == pytest.approx(2 * 5.86, abs=0.01)
    assert memory.assumes == "fp32 weights, gradients and moments in 8 shards"


def test_a_layer_keeps_what_korthikanti_counts_less_dropout_and_scores_and_what_is_our_own() -> None:
    """34 bytes per token and width, less two dropout masks of one byte; 4 bytes per head for the sum of the softmax.
    Ours keeps the inputs of two norms in fp32, which is 4 more, and attention's result twice, which is 2 more."""
    assert layer_activations(SMALL, 100, 2) == 100 * ((34 - 2 + 4 + 2) * SMALL.d_model + 4 * SMALL.n_head)


def test_gpus_that_share_layers_each_keep_all_tokens_of_what_norms_give() -> None:
    whole, shared = layer_activations(SMALL, 100, 2), layer_activations(SMALL, 100, 2, tensor=2)
    of_norms = 2 * 2 * 100 * SMALL.d_model
    assert shared - of_norms == (whole - of_norms) / 2


def test_one_process_holds_sixteen_bytes_per_parameter() -> None:
    memory = memory_per_gpu(SMALL, 8, Execution(loss_chunk=4), None)
    assert memory.states == 16 * SMALL.parameters
    assert (memory.weights, memory.optimizer) == (4 * SMALL.parameters, 8 * SMALL.parameters)
    parts = ("weights", "gradients", "optimizer", "gathered", "casts", "activations", "loss", "short_lived")
    assert memory.total == sum(getattr(memory, part) for part in parts)
    assert memory.assumes == "fp32 weights, gradients and moments on one GPU"


def test_the_loss_has_the_logits_of_a_chunk_and_both_gradients() -> None:
    """Of 8 tokens: 4 x 10 logits in bf16 and fp32; hidden states and their gradient; the head in bf16, and the product
    that its fp32 gradient is summed from."""
    memory = memory_per_gpu(dataclasses.replace(SMALL, vocab_size=1000), 8, Execution(loss_chunk=4), None, rows=1)
    head = 1000 * 4
    assert memory.moment == "loss"
    assert memory.loss == 4 * 1000 * 6 + 2 * (2 * 8 * 4) + 2 * head + 2 * head + 4 * head
    assert memory.casts == 2 * SMALL.body_matrices
    assert memory.gradients == 0
    assert reckoning.WIDENED == loss.WIDENED


def test_the_loss_has_no_more_logits_than_tokens() -> None:
    wordy = dataclasses.replace(SMALL, vocab_size=1000)
    few, many = (memory_per_gpu(wordy, 8, Execution(loss_chunk=chunk), None).loss for chunk in (8, 1024))
    assert few == many


def test_a_second_micro_batch_finds_the_gradients_of_the_first() -> None:
    wordy = dataclasses.replace(SMALL, vocab_size=1000)
    one, two = (memory_per_gpu(wordy, 8, Execution(), None, rows=rows) for rows in (1, 2))
    assert (one.gradients, two.gradients) == (0, 4 * wordy.parameters)


def test_fp32_casts_nothing() -> None:
    assert memory_per_gpu(SMALL, 8, Execution(precision="fp32"), 1).casts == 0


def test_recompute_keeps_the_inputs_of_layers_and_one_layer() -> None:
    long = dataclasses.replace(SMALL, n_layer=12)
    kept, again = (memory_per_gpu(long, 512, Execution(recompute=on), 1, rows=1) for on in (False, True))
    layer, row = layer_activations(SMALL, 512, 2), 2 * 512 * SMALL.d_model
    assert (kept.moment, kept.activations) == ("first block", 12 * layer)
    assert (again.moment, again.activations) == ("first block", 12 * row + layer)
    assert again.casts == 2 * SMALL.layer_matrices


def test_shards_round_rows_up_and_copies_divide_nothing() -> None:
    """Of 10 rows 3 shards hold 4, 4 and 2; of 4 they hold 2, 2 and none."""
    three = memory_per_gpu(SMALL, 8, Execution(), 3)
    matrices = 4 * (2 * 4) + 6 * 4 + 2 * 16  # four of 4 x 4, one of 16 x 4, one of 4 x 16
    norms = 2 * 2  # a gain and a bias
    assert three.weights == 4 * (3 * (matrices + 2 * norms) + norms + 2 * (4 * 4))
    copied = memory_per_gpu(SMALL, 8, Execution(data_shards=3), 6)
    assert copied.weights == three.weights
    assert copied.assumes == "fp32 weights, gradients and moments in 3 shards, 2 copies of each part"


def test_gpus_that_cannot_be_shared_out_are_refused() -> None:
    with pytest.raises(ValueError, match=r"a multiple of execution\.tensor_parallel, 8, found 12 processes"):
        memory_per_gpu(NEMOTRON4_15B, 4096, TENSOR_8, 12)


@pytest.mark.parametrize(("dtype", "number"), [(torch.bfloat16, 2), (torch.float32, 4)])
def test_a_layer_of_ours_keeps_what_is_reckoned(dtype: torch.dtype, number: int) -> None:
    shape = dataclasses.replace(SMALL, n_head=8, n_kv_head=2, d_model=64, d_ff=256, d_head=8)
    tokens = 3 * 32
    casts = 2 * shape.layer_matrices if number == 2 else 0
    statistics, gains = 2 * tokens * 8, 2 * 4 * shape.d_model  # of two norms: mean and deviation; weight + 1
    more = kept_bytes(shape, 2, dtype) - kept_bytes(shape, 1, dtype)
    assert more - casts - statistics - gains == layer_activations(shape, tokens, number)


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
