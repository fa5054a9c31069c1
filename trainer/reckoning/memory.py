"""What training takes of a GPU's memory: arithmetic from sizes, of the moment of a step that takes most.

A step holds most of all at one of four moments: when the loss has the logits of a chunk and both gradients of its
product, in the backward pass of the first block to have one or of the last, or when the gradient of the input embedding
is there and is reduced. Each is reckoned, results that live for an instant among them, and the largest is the plan's.

Two things are left out. Torch and CUDA take memory for themselves (some 0.5 to 1 GiB on GPUs, kernels' code on CPUs).
And allocators keep what was freed: on Linux a CPU's peak is 1.1 to 1.9 times what tensors take, unless freed memory is
given back (MALLOC_MMAP_THRESHOLD_); measured so, the reckoning is within a tenth (`make bench NAME=memory`).
Of tensors alone a step of Nemotron-4 15B on 2,304 pretended processes has within 1 % of what is reckoned. Nothing was
measured on a GPU, whose allocator has fragments of its own; `trainer bench` does it.
"""

from dataclasses import dataclass, replace

from trainer.plan import Execution
from trainer.processes.degrees import Degrees, degrees_of
from trainer.reckoning.parts import held
from trainer.shapes import Shape

ONE_PROCESS = "fp32 weights, gradients and moments on one GPU"
MANY = "fp32 weights, gradients and moments{shards}{copies}{tensor}"
WIDENED = 8192
"""Rows of the output embedding's gradient that exist in the precision of products too, as `trainer.loss` has it."""


@dataclass(frozen=True)
class Memory:
    """Bytes per GPU, at the moment that takes most."""

    weights: int
    """In fp32: this GPU's part of them."""
    gradients: int
    """This GPU's part of those that are there, and the whole of those that wait to be summed over GPUs."""
    optimizer: int
    """Two moments in fp32: this GPU's part."""
    gathered: int
    """Weights of all shards, while they are used."""
    casts: int
    """Weights in the precision of products, kept for the backward pass where they are not gathered."""
    activations: int
    """Kept for the backward pass."""
    loss: int
    """Logits of one chunk, and the gradient of what they are made of."""
    short_lived: int
    """Results inside of the backward pass of a block, and buffers of what GPUs exchange."""
    moment: str
    """Which one it is: `loss`, `first block`, `last block` or `embedding`."""
    assumes: str
    """How weights and moments are shared out."""
    megatron_states: int
    """For comparison: weights, gradients and moments by Megatron-LM's distributed optimizer."""

    @property
    def states(self) -> int:
        """What does not depend on the batch: 16 bytes for every parameter that is held."""
        return 4 * self.weights

    @property
    def total(self) -> int:
        """All of it."""
        kept = self.weights + self.gradients + self.optimizer + self.gathered + self.casts
        return kept + self.activations + self.loss + self.short_lived


def memory_per_gpu(
    shape: Shape, seq_len: int, execution: Execution, gpus: int | None, rows: int | None = None
) -> Memory:
    """What a phase on so many GPUs takes of the first; where nothing is said, as many as share a layer are meant.

    `rows` are the sequences that a step has for each GPU (or group of GPUs that share layers): with more than one micro
    batch, gradients of those before are there too, and that is what is reckoned where nothing is said. Raises
    ValueError where so many GPUs cannot be shared out.
    """
    degrees = degrees_of(execution, gpus or execution.tensor_parallel)
    micro = min(execution.micro_batch, rows or execution.micro_batch)
    process = _Process(shape, execution, degrees, micro * seq_len, rows is None or rows > micro)
    return max(process.moments(), key=lambda one: one.total)


def megatron_states(shape: Shape, execution: Execution, gpus: int) -> int:
    """Bytes per GPU of Megatron-LM's distributed optimizer: weights in bf16 and gradients in fp32 on each GPU, 6 per
    parameter, and 12 of master weight and moments divided by the replicas; tensor parallelism divides all of it."""
    sharers = execution.tensor_parallel
    here, number = shape.parameters // sharers, 2 if execution.precision == "bf16" else 4
    return (number + 4) * here + (8 + (4 if number == 2 else 0)) * here // max(1, gpus // sharers)


def layer_activations(shape: Shape, tokens: int, number: int, tensor: int = 1) -> int:
    """Bytes that one layer keeps for its backward pass, numbers of `number` bytes.

    After Korthikanti et al. 2022 (arXiv 2205.05198), section 4.1: 34 bytes per token and model width in bf16 where
    d_ff = 4 x d_model and heads have their own keys. Here without dropout (its two masks are 2 of the 34), without
    their 5 x n_head x S / d_model of scores (kernels make those again and keep one fp32 sum per head), with fewer
    heads of keys and values, and with squared ReLU, which keeps as much as GeLU: relu(up) and its square. Norms keep
    their inputs in fp32, and attention's result is kept a second time, laid out for the product that follows.

    `tensor` GPUs divide all but what norms give: matrices want all tokens of it, and it is kept as they had it.
    """
    norms = 2 * 4 * shape.d_model  # inputs
    heads = (3 * shape.n_head + 2 * shape.n_kv_head) * shape.d_head  # query, attention's result twice; key, value
    divided = norms + number * (heads + 2 * shape.d_ff) + 4 * shape.n_head
    return tokens * (divided // tensor + 2 * number * shape.d_model)


@dataclass(frozen=True)
class _Process:
    """One GPU of a run. Sizes are in bytes where nothing else is said."""

    shape: Shape
    execution: Execution
    degrees: Degrees
    tokens: int
    """Of a micro batch."""
    accumulates: bool
    """Whether there are gradients of other micro batches."""

    @property
    def number(self) -> int:
        """Bytes of a number of activations and products."""
        return 2 if self.execution.precision == "bf16" else 4

    @property
    def is_gathered(self) -> bool:
        """Whether weights are in shards, which FSDP gathers."""
        return self.degrees.data > 1

    @property
    def held(self) -> int:
        """Parameters here."""
        return held(self.shape, self.degrees)

    @property
    def block(self) -> int:
        """Parameters of a block's matrices, all shards."""
        return self.shape.layer_matrices // self.degrees.tensor

    @property
    def vocabulary(self) -> int:
        """Bytes of an embedding in fp32, all shards."""
        return 4 * self.shape.embedding // self.degrees.tensor

    @property
    def layer(self) -> int:
        """Activations of a layer."""
        return layer_activations(self.shape, self.tokens, self.number, self.degrees.tensor)

    def moments(self) -> tuple[Memory, ...]:
        """Those of which one takes most."""
        blocks = [self._in_block(done) for done in sorted({0, min(1, self.shape.n_layer - 1), self.shape.n_layer - 1})]
        return (self._in_loss(), *blocks, self._in_embedding())

    def _at(self, moment: str) -> Memory:
        """Nothing but what is there at any moment."""
        grid, n = self.degrees, self.held
        shards = f" in {grid.shards:,} shards" if grid.shards > 1 else ""
        copies = f", {grid.copies:,} copies of each part" if grid.copies > 1 else ""
        tensor = f", layers shared by {grid.tensor} GPUs" if grid.tensor > 1 else ""
        return Memory(
            weights=4 * n,
            gradients=4 * n if self.accumulates else 0,
            optimizer=8 * n,
            # Norms and the output embedding, from the forward pass to the end of the backward pass.
            gathered=self.vocabulary if self.is_gathered else 0,
            casts=0,
            activations=0,
            loss=0,
            short_lived=0,
            moment=moment,
            assumes=ONE_PROCESS if grid.world == 1 else MANY.format(shards=shards, copies=copies, tensor=tensor),
            megatron_states=megatron_states(self.shape, self.execution, grid.world),
        )

    def _in_loss(self) -> Memory:
        """The forward pass is done, and the loss has the logits of a chunk."""
        there, width = self._at("loss"), self.shape.d_model
        pieces = self.shape.vocab_size // self.degrees.tensor
        logits = min(self.execution.loss_chunk, self.tokens) * pieces * (4 if self.number == 4 else 6)
        hidden = 2 * self.number * self.tokens * width  # with its gradient; all tokens, on each GPU
        cast = 0 if self.number == 4 else self.number * (pieces + min(WIDENED, pieces)) * width
        norm = 4 * self.tokens * width // self.degrees.tensor
        return replace(
            there,
            casts=self._casts(self.shape.n_layer),
            activations=self._kept(self.shape.n_layer) + norm,
            loss=logits + hidden + cast + self.vocabulary,
        )

    def _in_block(self, done: int) -> Memory:
        """In the backward pass of a block, `done` blocks after the first to have one."""
        last = self.shape.n_layer - 1
        there = self._at("last block" if done == last else "first block")
        wide = self.number * self.tokens * self.shape.d_ff // self.degrees.tensor
        # The gradient of the square, three results on the way to that of relu(up), less the square itself.
        results = 3 * wide + self.number * self.tokens * self.shape.d_model // self.degrees.tensor
        down = 4 * self.shape.d_model * self.shape.d_ff // self.degrees.tensor
        blocks = self.shape.n_layer - done
        recomputed = self.layer if self.execution.recompute else 0
        next_one = self.number * self.block if done < last else self.vocabulary
        summed = 4 * self.block if done else 0  # gradients of the block before, while GPUs exchange them
        return replace(
            there,
            gradients=max(there.gradients, self._gradients(done)) + self._whole,
            gathered=there.gathered + (self.number * self.block + next_one if self.is_gathered else 0),
            casts=self._casts(blocks),
            activations=self._kept(blocks) + recomputed,
            short_lived=results + down + (summed if self.is_gathered else 0),
        )

    def _in_embedding(self) -> Memory:
        """The backward pass is at its end: the input embedding has a gradient that is whole."""
        there, new = self._at("embedding"), self.vocabulary
        incoming = 4 * self.tokens * self.shape.d_model
        if not self.is_gathered:
            gradients = 4 * self.held + (new if self.accumulates else 0)
            return replace(there, gradients=gradients, short_lived=incoming)
        return replace(
            there,
            gradients=max(there.gradients, self._gradients(self.shape.n_layer)) + self._whole + new,
            gathered=there.gathered + self.vocabulary,  # or, when it is let go, as much that is summed over GPUs
            short_lived=incoming + 4 * self.block,
        )

    @property
    def _whole(self) -> int:
        """The gradient of the output embedding, which waits for the end of the backward pass to be reduced."""
        return self.vocabulary if self.is_gathered else 0

    def _gradients(self, done: int) -> int:
        """This GPU's part of those of the output embedding and of `done` blocks."""
        outer = 0 if self.is_gathered else self.vocabulary
        return outer + 4 * done * self.block // self.degrees.shards

    def _kept(self, blocks: int) -> int:
        """Activations of so many blocks: with `recompute` their inputs."""
        if self.execution.recompute:
            return blocks * self.number * self.tokens * self.shape.d_model // self.degrees.tensor
        return blocks * self.layer

    def _casts(self, blocks: int) -> int:
        """Matrices of so many blocks, or with `recompute` of the one at work."""
        if self.number == 4 or self.is_gathered:
            return 0
        return self.number * self.block * (1 if self.execution.recompute else blocks)
