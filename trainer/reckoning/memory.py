"""What training takes of a GPU's memory: arithmetic from sizes, not a measurement.

Left out are what torch and CUDA take for themselves, buffers of communication, short-lived results and fragmentation:
on a CPU a model of 52 M parameters took a quarter more than reckoned, in fp32 and in bf16 (torch 2.13). No GPU was
measured; `trainer bench` does it.
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
    loss: int
    """Logits of one chunk, and what is added to the gradient of the output embedding."""
    assumes: str
    """How weights and moments are thought to be shared out."""

    @property
    def states(self) -> int:
        """What does not depend on the batch."""
        return self.weights + self.gradients + self.optimizer

    @property
    def total(self) -> int:
        """All of it."""
        return self.states + self.casts + self.activations + self.loss


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
    if replicas * sharers == 1:
        return Memory(
            weights=4 * held,
            gradients=4 * held,
            optimizer=8 * held,
            casts=_casts(shape, execution) if number == 2 else 0,
            activations=_activations(shape, tokens, number, True, execution.recompute),
            loss=_logits(shape, tokens, number, execution) + 4 * shape.embedding,
            assumes=ONE_PROCESS,
        )
    master = 4 if number == 2 else 0
    return Memory(
        weights=number * held,
        gradients=4 * held,
        optimizer=(8 + master) * held // replicas,
        casts=0,
        activations=_activations(shape, tokens, number, False, execution.recompute) // sharers,
        loss=_logits(shape, tokens, number, execution) // sharers,
        assumes=SHARDED.format(replicas=replicas, tensor_parallel=sharers, s="s" * (sharers > 1)),
    )


def layer_activations(shape: Shape, tokens: int, number: int, our_own: bool) -> int:
    """Bytes that one layer keeps for its backward pass, numbers of `number` bytes.

    After Korthikanti et al. 2022 (arXiv 2205.05198), section 4.1: 34 bytes per token and model width in bf16 where
    d_ff = 4 x d_model and heads have their own keys. Here without dropout (its two masks are 2 of the 34), without
    their 5 x n_head x S / d_model of scores (kernels make those again and keep one fp32 sum per head), with fewer
    heads of keys and values, and with squared ReLU, which keeps as much as GeLU: relu(up) and its square. Our own norms
    keep their inputs in fp32.
    """
    norms = 2 * shape.d_model * ((4 if our_own else number) + number)  # the input of each; what it gives to matrices
    heads = (2 * shape.n_head + 2 * shape.n_kv_head) * shape.d_head  # query, attention's result; key, value
    return tokens * (norms + number * (heads + 2 * shape.d_ff) + 4 * shape.n_head)


def _activations(shape: Shape, tokens: int, number: int, our_own: bool, recompute: bool) -> int:
    """Of all layers, and of the last norm; with `recompute` the inputs of all layers and the whole of one."""
    last_norm = tokens * shape.d_model * ((4 if our_own else number) + number)
    layer = layer_activations(shape, tokens, number, our_own)
    if recompute:
        return shape.n_layer * number * tokens * shape.d_model + layer + last_norm
    return shape.n_layer * layer + last_norm


def _casts(shape: Shape, execution: Execution) -> int:
    """In bf16: the matrices of all layers, or with `recompute` of the one at work, and the output embedding."""
    layers = 1 if execution.recompute else shape.n_layer
    return 2 * (layers * shape.layer_matrices + shape.embedding)


def _logits(shape: Shape, tokens: int, number: int, execution: Execution) -> int:
    """Of one chunk, and their fp32 log-probabilities."""
    return min(execution.loss_chunk, tokens) * shape.vocab_size * (number + 4)
