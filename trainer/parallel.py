"""One model on many GPUs, applied from outside and in this order: products in 8 bits, layers shared out, blocks
compiled, blocks recomputed, weights sharded. The model knows of none of it, and results are those of one process.

- **tensor**: DTensor plans after Megatron-LM (arXiv 1909.08053): of each pair of matrices the first is divided by its
  output, the second by its input, so heads and the width of the MLP are divided; the vocabulary is, in both embeddings.
  Between blocks, and in norms, each GPU has its part of the sequence (arXiv 2205.05198).
- **shards**: FSDP2. The matrices of a block are gathered in the precision of the products when the block is computed,
  forward and backward, and their gradients summed in fp32. The input embedding is a group of its own; norms and the
  output embedding are gathered in fp32 at the start of a forward pass and stay until its backward pass ends.
- **copies**: HSDP, where weights are sharded over fewer GPUs than see other samples; gradients are summed over copies.

Degrees are those of a `mesh` with the dims of `processes.degrees.DIMS`. A dim of 1 is not applied.
"""

import warnings
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor, Partial, Replicate, Shard, distribute_module, distribute_tensor
from torch.distributed.tensor.parallel import (
    ColwiseParallel,
    ParallelStyle,
    PrepareModuleInput,
    RowwiseParallel,
    SequenceParallel,
    parallelize_module,
)

from trainer.attention import check_document_kernel
from trainer.device import best_device
from trainer.float8 import to_float8
from trainer.model import Block, Transformer, initialize
from trainer.plan import Execution
from trainer.running.blocks import compile_blocks, recompute_blocks

SEQUENCE = Shard(1)
"""Of BTD."""


def parallelize(model: Transformer, mesh: DeviceMesh | None, execution: Execution) -> None:
    """Apply what the plan says to a model, which may be on the meta device; without a mesh there is one process.

    Raises RunError where the device cannot do it.
    """
    if execution.document_mask:
        check_document_kernel(execution.document_kernel, best_device())
    model.document_kernel = execution.document_kernel
    if execution.fp8:
        to_float8(model)
    if mesh is not None and mesh["tensor"].size() > 1:
        share_layers(model, mesh["tensor"])
    if execution.compile:
        compile_blocks(model)
    if execution.recompute:
        recompute_blocks(model)
    if mesh is not None and mesh["copies", "shards"].size() > 1:
        shard_weights(model, mesh)


def share_layers(model: Transformer, tensor: DeviceMesh) -> None:
    """Every GPU of `tensor` computes its part of every layer."""
    whole: ParallelStyle = PrepareModuleInput(input_layouts=(SEQUENCE,), desired_input_layouts=(Replicate(),))
    attended: ParallelStyle = PrepareModuleInput(
        input_layouts=(SEQUENCE, None, None, None, None), desired_input_layouts=(Replicate(), None, None, None, None)
    )
    for block in model.blocks:
        plan: dict[str, ParallelStyle] = {
            "attention_norm": SequenceParallel(),
            "attention": attended,
            "attention.query": ColwiseParallel(),
            "attention.key": ColwiseParallel(),
            "attention.value": ColwiseParallel(),
            "attention.output": RowwiseParallel(output_layouts=SEQUENCE),
            "mlp_norm": SequenceParallel(),
            "mlp": whole,
            "mlp.up": ColwiseParallel(),
            "mlp.down": RowwiseParallel(output_layouts=SEQUENCE),
        }
        parallelize_module(block, tensor, plan)
    outer: dict[str, ParallelStyle] = {
        "embedding": VocabularyParts(),
        "norm": SequenceParallel(),
        "head": ColwiseParallel(),
    }
    parallelize_module(model, tensor, outer)
    model.norm.register_forward_hook(_gather_sequence)


class VocabularyParts(ParallelStyle):
    """Of the input embedding: each GPU looks up what is in its part of the vocabulary, and has the sum of all for its
    part of the sequence. `RowwiseParallel` does so too, but makes the gradient of the whole vocabulary on each GPU
    (torch 2.13): 6.3 GB of Nemotron-4 15B."""

    def _apply(self, module: nn.Module, device_mesh: DeviceMesh) -> nn.Module:
        """What `parallelize_module` calls."""
        divided = distribute_module(module, device_mesh, _divide_rows)
        divided.forward = partial(_look_up, divided, device_mesh)
        return divided


def _divide_rows(name: str, module: nn.Module, mesh: DeviceMesh) -> None:
    for which, weight in module.named_parameters(recurse=False):
        part = distribute_tensor(weight, mesh, [Shard(0)], src_data_rank=None)
        module.register_parameter(which, nn.Parameter(part))


def _look_up(module: nn.Module, mesh: DeviceMesh, ids_BT: Tensor) -> Tensor:
    """This GPU's part of the sequence, (B, T / mesh, D)."""
    assert isinstance(module.weight, DTensor)
    part_VD = module.weight.to_local()
    pieces = len(part_VD)
    is_here_BT = ids_BT // pieces == mesh.get_local_rank()
    found_BTD = F.embedding(ids_BT % pieces, part_VD).masked_fill(~is_here_BT[..., None], 0.0)
    summed = DTensor.from_local(found_BTD, mesh, [Partial()], run_check=False).redistribute(placements=[SEQUENCE])
    here: Tensor = summed.to_local()
    return here


def _gather_sequence(norm: nn.Module, inputs: Any, hidden_BTD: DTensor) -> Tensor:
    """The loss wants all tokens on each GPU, and leaves on each the gradient by its part of the vocabulary."""
    gathered: Tensor = hidden_BTD.redistribute(placements=[Replicate()]).to_local(grad_placements=[Partial()])
    return gathered


def shard_weights(model: Transformer, mesh: DeviceMesh) -> None:
    """Divide weights, gradients and moments among the GPUs of `shards`, in as many `copies` as there are."""
    data = mesh["copies", "shards"] if mesh["copies"].size() > 1 else mesh["shards"]
    products = MixedPrecisionPolicy(param_dtype=model.dtype, reduce_dtype=torch.float32, cast_forward_inputs=False)
    for block in map(_block, model.blocks):
        # Not the norms: their gains are fp32, and so few that all of them travel with the last group.
        fully_shard([block.attention, block.mlp], mesh=data, mp_policy=products)
    # In fp32, since the gradient of a row is the sum over its tokens.
    warnings.filterwarnings("ignore", "FSDP2-wrapped module .* returned a view")  # nothing here is changed in place
    warnings.filterwarnings("ignore", ".*all_gather_into_tensor. is deprecated", FutureWarning)  # torch calls it itself
    fully_shard(model.embedding, mesh=data)
    fully_shard(model, mesh=data)
    for module in model.modules():
        if isinstance(module, FSDPModule):
            module.set_gradient_divide_factor(1.0)  # losses are parts of one mean: their gradients are summed,
            module.set_force_sum_reduction_for_comms(True)  # by the one reduction that gloo has too


def initialize_weights(model: Transformer, seed: int) -> None:
    """As `model.init_weights` does, also where weights are in parts: each is drawn whole, and this part of it kept."""
    for name, weight in model.named_parameters():
        if isinstance(weight, DTensor):
            drawn = torch.empty(weight.shape, device=weight.device)
            initialize(name, drawn, model.shape, seed)
            weight.data.copy_(as_sharded(drawn, weight))
        else:
            initialize(name, weight, model.shape, seed)


def as_sharded(tensor: Tensor, like: Tensor) -> Tensor:
    """A tensor that all processes have, divided among them as `like` is."""
    if not isinstance(like, DTensor):
        return tensor
    on_device = tensor.to(like.device)
    return distribute_tensor(on_device, like.device_mesh, like.placements, src_data_rank=None)


def whole(tensor: Tensor) -> Tensor:
    """A tensor with the parts of all processes, which all have to ask for it."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def _block(module: nn.Module) -> Block:
    assert isinstance(module, Block)
    return module


def release(model: nn.Module) -> None:
    """Let go of weights that are gathered still, after a forward pass that no backward pass follows."""
    if isinstance(model, FSDPModule):
        model.reshard()
