"""What training takes of a GPU's memory: arithmetic from sizes, not a measurement.

Left out are what torch and CUDA take for themselves (1 to 2 GB), buffers of communication, and fragmentation.
"""

from dataclasses import dataclass

from trainer.plan import Execution
from trainer.shapes import Shape

ONE_PROCESS = "fp32 weights, gradients and moments on one GPU"
SHARDED = "master weights and moments shared out over {replicas} replicas of {tensor_parallel} GPU{s}"


@dataclass(frozen=True)
class Memory:
    """Bytes per GPU."""

    weights: int
    gradients: int
    optimizer: int
    """Moments, and master weights where those are shared out."""
    casts: int
    """Weights in the precision of the activations, kept for the backward pass."""
    activations: int
    logits: int
    """Of one chunk of the loss."""
    assumes: str
    """How weights and moments are thought to be shared out."""

    @property
    def states(self) -> int:
        """What does not depend on the batch."""
        return self.weights + self.gradients + self.optimizer

    @property
    def total(self) -> int:
        """All of it."""
        return self.states + self.casts + self.activations + self.logits


def memory_per_gpu(shape: Shape, seq_len: int, execution: Execution, gpus: int | None) -> Memory:
    """What a phase on so many GPUs takes of each; where nothing is said, one replica of the model is meant.

    With one GPU it is our own layout: weights, gradients and two moments in fp32, 16 bytes per parameter, and matrices
    cast to bf16 as they are used. With more it is Megatron-LM's distributed optimizer: weights in bf16 and gradients
    in fp32 on every GPU, 6 bytes per parameter, and 12 bytes of master weight and moments divided by the replicas;
    `tensor_parallel` divides all of it, and the activations as well (sequence parallelism).
    """
    sharers = execution.tensor_parallel
    replicas = max(1, (gpus or sharers) // sharers)
    tokens = execution.micro_batch * seq_len
    number = 2 if execution.precision == "bf16" else 4
    held = shape.parameters // sharers
    is_one = replicas * sharers == 1
    moments, master = 8 * held, 4 * held if number == 2 else 0
    return Memory(
        weights=4 * held if is_one else number * held,
        gradients=4 * held,
        optimizer=moments if is_one else (moments + master) // replicas,
        casts=_casts(shape, execution) if is_one and number == 2 else 0,
        activations=_activations(shape, tokens, number, execution.recompute) // sharers,
        logits=min(execution.loss_chunk, tokens) * shape.vocab_size * (number + 4) // sharers,
        assumes=ONE_PROCESS
        if is_one
        else SHARDED.format(replicas=replicas, tensor_parallel=sharers, s="s" * (sharers > 1)),
    )


def layer_activations(shape: Shape, tokens: int, number: int) -> int:
    """Bytes that one layer keeps for its backward pass, numbers of `number` bytes.

    After Korthikanti et al. 2022 (arXiv 2205.05198), section 4.1: 34 bytes per token and model width in bf16 where
    d_ff = 4 x d_model and heads have their own keys. Here without dropout (its two masks are 2 of the 34), without
    their 5 x n_head x S / d_model of scores (kernels make those again and keep one fp32 sum per head), with fewer
    heads of keys and values, and with squared ReLU, which keeps as much as GeLU: relu(up) and its square.
    """
    norms = 4 * shape.d_model  # the input of each, and what it gives to matrices
    heads = (2 * shape.n_head + 2 * shape.n_kv_head) * shape.d_head  # query, attention's result; key, value
    return tokens * (number * (norms + heads + 2 * shape.d_ff) + 4 * shape.n_head)


def _activations(shape: Shape, tokens: int, number: int, recompute: bool) -> int:
    """Of all layers, and of the last norm; with `recompute` the inputs of all layers and the whole of one."""
    last_norm = 2 * number * tokens * shape.d_model
    layer = layer_activations(shape, tokens, number)
    if recompute:
        return shape.n_layer * number * tokens * shape.d_model + layer + last_norm
    return shape.n_layer * layer + last_norm


def _casts(shape: Shape, execution: Execution) -> int:
    """In bf16: the matrices of all layers, or with `recompute` of the one at work, and the output embedding."""
    layers = 1 if execution.recompute else shape.n_layer
    return 2 * (layers * shape.layer_matrices + shape.embedding)
