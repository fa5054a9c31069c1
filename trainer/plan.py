"""What a plan says: every key, its type and its meaning. `trainer.load` makes these from YAML.

The attribute docstrings below are the reference: `recipes/TRAINER_REFERENCE.md` is made of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from datapipe.recipe import Name, Sampling
from datapipe.strict import STRICT
from trainer.shapes import Shape

Count = Annotated[int, Field(gt=0, lt=10**16)]
"""Below what sums and products of a course have room for in 64 bits."""
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True)
class Model:
    """The model: a preset, single sizes changed, or all sizes given.

    What neither says is as Nemotron-4 has it: `layer_norm` with 1e-5, half of each head rotated with base 10,000, and
    weights that start with a standard deviation of 0.0134.
    """

    preset: Text | None = None
    """One of the presets of the reference."""
    n_layer: Count | None = None
    """Layers."""
    n_head: Count | None = None
    """Query heads."""
    n_kv_head: Count | None = None
    """Key and value heads: each serves n_head / n_kv_head query heads."""
    d_model: Count | None = None
    """Width of the residual stream."""
    d_ff: Count | None = None
    """Width inside the MLP; 4 x d_model where nothing is said."""
    d_head: Count | None = None
    """Width of a head; d_model / n_head where nothing is said."""
    vocab_size: Count | None = None
    """Pieces; the tokenizer's where nothing is said. More is padding."""
    norm: Literal["layer_norm", "rms_norm"] | None = None
    """Both with a zero-centred gain."""
    norm_eps: Positive | None = None
    """Added to the variance."""
    rope_fraction: Annotated[float, Field(ge=0, le=1)] | None = None
    """Share of each head's dims that are rotated by position."""
    rope_base: Positive | None = None
    """Base of the rotations' frequencies."""
    init_std: Positive | None = None
    """Standard deviation of the weights at the start."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class MegatronFiles:
    """Token files of other people, in Megatron's format, instead of `data` and `tokenizer`."""

    vocab_size: Count
    """Of the tokenizer that made them: a larger id stops the run."""
    units: Mapping[Name, Mapping[str, tuple[Text, ...]]]
    """By domain and unit: prefixes of `.bin` and `.idx`, globs allowed, against the plan's folder."""
    validation: Mapping[Name, Mapping[str, tuple[Text, ...]]] = field(default_factory=dict)
    """The same, for validation."""
    eos: Annotated[int, Field(ge=0)] | None = None
    """Id that ends each document, if one does: `document_mask` and `generate` need it."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Start:
    """The checkpoint of another plan that this one goes on from."""

    checkpoint: Text
    """A checkpoint, or the output folder of a run, whose last one is meant; found as `data` is."""
    optimizer: Literal["keep", "fresh"] = "keep"
    """Whether the moments of AdamW are taken over."""
    cursors: Literal["keep", "fresh"] = "keep"
    """Whether units go on where the other plan left them, so that what it has seen comes last, or begin anew."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class DomainBlend:
    """One domain of a blend."""

    weight: Annotated[float, Field(ge=0, le=1)]
    """Its share of the tokens. The weights of a blend sum to 1."""
    sampling: Sampling | None = None
    """How its units divide it, by their tokens; as `mixture.json` says where nothing is said and there is one, else in
    proportion to their tokens."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Rate:
    """One piece of the learning rate. The first begins with its phase, each where the one before ends.

    The rate is a function of samples seen, not of steps: a step has that of the samples seen after its batch. With s
    the share of the piece that is done:

    - linear: start + (end - start) x s; from 0 a warm-up
    - constant: start
    - cosine: end + (start - end) x (1 + cos(pi s)) / 2
    - exponential: start x (end / start) ^ s; both above 0; a steep decay
    - one_minus_square_root: end + (start - end) x (1 - sqrt(s)); with a warm-up and a constant, WSD
    - inverse_square_root: start x sqrt(samples at its start / samples now), both since the plan's first; no `end`

    A piece that does not fit is refused, never shortened.
    """

    shape: Literal["linear", "cosine", "constant", "inverse_square_root", "exponential", "one_minus_square_root"]
    """How it goes from `start` to `end`."""
    tokens: Count | None = None
    """How long; the last piece may say nothing, and lasts until the next phase with a `learning_rate`, or the end of
    the plan."""
    start: NotNegative | None = None
    """Rate it starts from; where the piece before ended when nothing is said."""
    end: NotNegative | None = None
    """Rate it ends at. Neither constant nor inverse_square_root has one to give."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Phase:
    """A stretch of training with one batch size and one blend."""

    name: Name
    """What it is called."""
    tokens: Count
    """How many: its end, counted from the start of the plan, is the sum so far. The batch that crosses it is finished;
    the next phase is that much shorter."""
    batch: Count
    """Sequences per step, over all GPUs."""
    blend: Name | None = None
    """One of `blends`; that of the phase before where nothing is said, and in the first phase `mixture.json`."""
    learning_rate: tuple[Rate, ...] = ()
    """Pieces that begin here; where there are none, those of the phases before go on."""
    max_epochs: Mapping[str, Positive] = field(default_factory=dict)
    """How often units may have been repeated by the end of this phase, since the start of training. Keys are domains,
    `domain/unit`, which go first, or `all`. The plan is refused where one is."""
    gpus: Count | None = None
    """How many it is meant for; the run saves, and exits with code 3, where that changes. Any number where nothing is
    said."""
    iteration_seconds: Positive | None = None
    """Seconds per step, if measured: `plan` makes days and MFU of them, and takes them as rounded to the digits that
    are written."""
    published_mfu: Positive | None = None
    """MFU in percent that others published for this phase: printed beside ours."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Optimizer:
    """AdamW."""

    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = (0.9, 0.95)
    """Decay of the two moments."""
    eps: Positive = 1e-8
    """Added to the root of the second moment. Megatron's default; NeMo's recipe of Nemotron-4 15B has 1e-5."""
    weight_decay: NotNegative = 0.1
    """On matrices, embeddings among them; norms have none."""
    clip: Positive = 1.0
    """Largest norm of the gradient of all parameters; a longer one is scaled down to it."""
    z_loss: NotNegative = 0.0
    """Weight of the squared log-normaliser in the loss. Nemotron-4 has none."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Execution:
    """How steps are computed. None of it changes which samples a step sees."""

    micro_batch: Count = 1
    """Sequences per forward pass and GPU; gradients are accumulated until the batch is full."""
    precision: Literal["bf16", "fp32"] = "bf16"
    """Of activations and matrix products. Weights and moments are fp32 either way."""
    document_mask: bool = False
    """Whether attention ends at document boundaries. Nemotron-4's did not, as far as is known."""
    document_kernel: Literal["auto", "flex", "varlen", "separate"] = "auto"
    """What computes it: FlexAttention, torch's varlen_attn (bf16), both on GPUs only; one document after the other; or,
    with auto, flex on GPUs and separate elsewhere."""
    recompute: bool = False
    """Whether activations of each block are computed again in the backward pass, which takes less memory."""
    compile: bool = False
    """Whether blocks are compiled by torch.compile."""
    fp8: bool = False
    """Whether the matrix products of the blocks are in 8-bit floats, by torchao (extra `fp8`), on GPUs that have such
    products. With `compile`, without which there is no gain. Losses differ a little from those of bf16."""
    loss_chunk: Count = 1024
    """Tokens whose logits exist at once."""
    read_threads: Count = 1
    """Threads that read the next batch; more of them where files are on a network and steps wait for data."""
    tensor_parallel: Count = 1
    """GPUs that share every layer: heads, the width of the MLP and the vocabulary are divided by it, and between layers
    the sequence. Those of one node."""
    data_shards: Count | None = None
    """Parts that weights, gradients and moments are divided into, among GPUs that see different samples: all of these
    where nothing is said (FSDP); fewer means that each part is held by several (HSDP); 1 that each GPU holds all."""
    hang_minutes: Positive = 10
    """How long processes wait for each other before the job ends, with the one named that they wait for."""
    deterministic: bool = False
    """Whether torch is held to deterministic kernels. On CPUs runs are bit for bit the same without it."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Validation:
    """Loss and bits per byte on the held-out documents, per domain and unit."""

    every_tokens: Count | None = None
    """How often, beside the start, every phase's edge and the end; only there where nothing is said."""
    at_start: bool = True
    """Whether it is measured before the first step too."""
    max_tokens: Count = 65_536
    """Per unit at most: its first documents, always the same; longer ones are passed over."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Checkpoints:
    """When training is saved. Every phase's edge and the end are, and stay."""

    every_tokens: Count | None = None
    """How often between edges."""
    every_minutes: Positive | None = 30
    """The same by the clock."""
    keep_last: Count = 2
    """Of those between edges, so many stay."""
    keep_every_tokens: Count | None = None
    """And the first at or after each multiple of this."""
    background: bool = False
    """Whether those between edges are written while training goes on, from a copy in the host's memory: 12 bytes per
    parameter, divided among processes as weights are."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Stop:
    """When a run has diverged: it is saved and ends with exit code 1."""

    skipped_steps: Count = 10
    """Steps in a row whose gradient was not finite: such are skipped, and told."""
    loss_above: Positive | None = 3.0
    """Nats by which the loss of `for_steps` steps in a row is above the lowest running mean so far. Null: never."""
    for_steps: Count = 20
    """How many these are."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Logs:
    """Beside `log.jsonl`, which is always written."""

    every_steps: Count = 1
    """Steps between two lines."""
    profile_steps: tuple[Count, ...] = ()
    """Steps whose time and memory each process takes apart, into `profiles/` of the output. An empty file `profile` in
    the output asks for the next one, while a run is at work."""
    tensorboard: bool = False
    """Write `tensorboard/` below the output."""
    wandb: Text | None = None
    """Project of Weights & Biases. The key comes from its environment, never from a plan."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Hardware:
    """What `plan` reckons with."""

    gpu: Literal["h100", "h200", "a100", "b200"] = "h100"
    """Sets peak and memory."""
    mfu: Annotated[float, Field(gt=0, le=1)] = 0.4
    """Assumed for phases without `iteration_seconds`."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Plan:
    """Everything that determines a training run."""

    name: Name
    """Of the model."""
    output: Text
    """Folder of checkpoints, logs and report, under `--root`, `CORPUSMILL_ROOT` or the current folder."""
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    """One after the other."""
    model: Model
    """What is trained."""
    data: Text | None = None
    """Output folder of `datapipe run`, with tokens in it; found as `output` is."""
    tokenizer: Text | None = None
    """Whose tokens: a folder below `tokens/` of `data`."""
    megatron: MegatronFiles | None = None
    """Token files from elsewhere, instead."""
    sizes: Mapping[Name, Mapping[str, Count]] = field(default_factory=dict)
    """Tokens of every unit, by domain, for `plan` while there are no tokens in `data`, or none are named."""
    seq_len: Count | None = None
    """Tokens of a sequence; where nothing is said what the tokens in `data` were encoded for, else 4,096. The same
    tokens serve any."""
    data_fraction: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the windows of every unit that there are for this run, one at least: so a short run repeats its units as
    often as a long one would. Which they are follows from the unit's name alone, and a larger share has those of a
    smaller one."""
    start: Start | None = None
    """Go on from a checkpoint of another plan."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 17
    """Of the order of samples and of the weights at the start."""
    blends: Mapping[Name, Mapping[Name, DomainBlend]] = field(default_factory=dict)
    """By name: domains with their weights."""
    optimizer: Optimizer = field(default_factory=Optimizer)
    """How weights change."""
    execution: Execution = field(default_factory=Execution)
    """How steps are computed."""
    validation: Validation = field(default_factory=Validation)
    """What is measured on the way."""
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    """When it is saved."""
    stop: Stop = field(default_factory=Stop)
    """When it has diverged."""
    logs: Logs = field(default_factory=Logs)
    """What is written down."""
    hardware: Hardware = field(default_factory=Hardware)
    """GPUs that `plan` reckons with."""
    shape: Shape | None = None
    """Not a key: the model's sizes, all but perhaps `vocab_size` settled,"""
    folder: Path = Path()
    """the folder that relative paths of files stand against,"""
    file: str = ""
    """the file the plan was read from,"""
    text: str = ""
    """its text,"""
    settings: tuple[str, ...] = ()
    """and what `--set` changed."""

    __pydantic_config__ = STRICT
