"""A plan as arguments of Megatron-LM's pretraining of GPT, and what it does otherwise."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from datapipe import storage
from trainer.corpus import SIZES_ONLY, Corpus, CorpusSizes, ShardFile, Shards, corpus_of, shape_of, sizes_of
from trainer.course import PARTS, Course, Parts
from trainer.megatron.launches import Launch, launches_of
from trainer.megatron.schedule import Flags, rate_flags
from trainer.plan import Execution, Plan
from trainer.schedule import phase_edges
from trainer.settle import settle
from trainer.shapes import Shape
from trainer.tokens.token_folder import folder_of_plan

MANY = 1000
"""Files of a blend from which on a command line may be too short for them."""


@dataclass(frozen=True)
class Megatron:
    """A plan in Megatron's words."""

    name: str
    common: Flags
    """Of all launches."""
    launches: tuple[Launch, ...]
    """Their flags with those that are not common."""
    notes: tuple[str, ...]
    """What it does otherwise, by the keys of the plan."""


def megatron_of(plan: Plan, root: str | None = None) -> Megatron:
    """Raises RecipeError or RunError where the plan cannot be met."""
    sizes = sizes_of(plan, root)
    shape, corpus = shape_of(plan, sizes), None if sizes.fingerprint == SIZES_ONLY else corpus_of(plan, root)
    course = settle(plan, sizes)
    launches = launches_of(course, phase_edges(plan, sizes.seq_len))
    common = {
        **_model(shape, course.seq_len),
        **_vocabulary(plan, shape, sizes, root),
        **_optimizer(plan),
        **(rate_flags(course.rates) or {}),
        **_execution(plan.execution),
        **_output(plan),
        **_validation(corpus),
    }
    blends = [_blend(launch.stretches[0].parts, corpus) for launch in launches]
    with_blends = tuple(
        Launch(
            launch.name,
            launch.gpus,
            launch.first_step,
            launch.last_step,
            launch.stretches,
            {**launch.flags, **blend, **_intervals(plan, launch, course.seq_len)},
        )
        for launch, blend in zip(launches, blends, strict=True)
    )
    notes = tuple(_notes(plan, course, corpus, with_blends))
    return Megatron(plan.name, common, with_blends, notes)


def _model(shape: Shape, seq_len: int) -> Flags:
    return {
        "--num-layers": (str(shape.n_layer),),
        "--hidden-size": (str(shape.d_model),),
        "--ffn-hidden-size": (str(shape.d_ff),),
        "--num-attention-heads": (str(shape.n_head),),
        "--kv-channels": (str(shape.d_head),),
        "--group-query-attention": (),
        "--num-query-groups": (str(shape.n_kv_head),),
        "--seq-length": (str(seq_len),),
        "--max-position-embeddings": (str(seq_len),),
        "--position-embedding-type": ("rope",),
        "--rotary-percent": (f"{shape.rope_fraction:g}",),
        "--rotary-base": (f"{shape.rope_base:.0f}",),
        "--normalization": ("LayerNorm" if shape.norm == "layer_norm" else "RMSNorm",),
        "--apply-layernorm-1p": (),
        "--norm-epsilon": (repr(shape.norm_eps),),
        "--squared-relu": (),
        "--disable-bias-linear": (),
        "--untie-embeddings-and-output-weights": (),
        "--attention-dropout": ("0",),
        "--hidden-dropout": ("0",),
        "--init-method-std": (repr(shape.init_std),),
    }


def _vocabulary(plan: Plan, shape: Shape, sizes: CorpusSizes, root: str | None) -> Flags:
    """Padded to the model's, as Megatron pads to multiples of this times the tensor parallelism."""
    padding = {"--make-vocab-size-divisible-by": (str(shape.vocab_size // plan.execution.tensor_parallel),)}
    if plan.data is None or plan.tokenizer is None:  # which counts one piece more, for ends of documents
        return {"--tokenizer-type": ("NullTokenizer",), "--vocab-size": (str(sizes.vocab_size - 1),), **padding}
    model = storage.join(folder_of_plan(plan, root), "tokenizer.model")
    return {"--tokenizer-type": ("GPTSentencePieceTokenizer",), "--tokenizer-model": (model,), **padding}


def _optimizer(plan: Plan) -> Flags:
    optimizer = plan.optimizer
    return {
        "--optimizer": ("adam",),
        "--adam-beta1": (repr(optimizer.betas[0]),),
        "--adam-beta2": (repr(optimizer.betas[1]),),
        "--adam-eps": (repr(optimizer.eps),),
        "--weight-decay": (repr(optimizer.weight_decay),),
        "--clip-grad": (repr(optimizer.clip),),
        "--seed": (str(plan.seed % 2**31),),
    }


def _execution(execution: Execution) -> Flags:
    flags: dict[str, tuple[str, ...]] = {
        "--micro-batch-size": (str(execution.micro_batch),),
        "--tensor-model-parallel-size": (str(execution.tensor_parallel),),
        "--pipeline-model-parallel-size": ("1",),
        "--use-distributed-optimizer": (),
        "--overlap-grad-reduce": (),
        "--overlap-param-gather": (),
        "--distributed-timeout-minutes": (str(math.ceil(execution.hang_minutes)),),
        "--num-workers": (str(execution.read_threads),),
    }
    switches: dict[str, tuple[bool, tuple[str, ...]]] = {
        "--bf16": (execution.precision == "bf16", ()),
        "--sequence-parallel": (execution.tensor_parallel > 1, ()),
        "--recompute-granularity": (execution.recompute, ("full",)),
        "--recompute-method": (execution.recompute, ("uniform",)),
        "--recompute-num-layers": (execution.recompute, ("1",)),
        "--reset-attention-mask": (execution.document_mask, ()),
        "--deterministic-mode": (execution.deterministic, ()),
        "--fp8-format": (execution.fp8, ("hybrid",)),
        "--fp8-recipe": (execution.fp8, ("tensorwise",)),
    }
    return flags | {name: values for name, (is_on, values) in switches.items() if is_on}


def _output(plan: Plan) -> Flags:
    folder = f"{plan.output.rstrip('/')}-megatron"
    flags: dict[str, tuple[str, ...]] = {
        "--save": (folder,),
        "--load": (folder,),
        "--log-interval": (str(plan.logs.every_steps),),
        "--log-throughput": (),
        "--exit-signal-handler": (),
    }
    if plan.logs.tensorboard:
        flags["--tensorboard-dir"] = (f"{folder}/tensorboard",)
    if plan.logs.wandb is not None:
        flags |= {"--wandb-project": (plan.logs.wandb,), "--wandb-exp-name": (plan.name,)}
    return flags


def _validation(corpus: Corpus | None) -> Flags:
    prefixes = [] if corpus is None else [one.prefix for one in _shards_of(corpus.validation)]
    if not prefixes:
        return {"--eval-iters": ("0",)}
    return {"--valid-data-path": tuple(prefixes), "--multiple-validation-sets": (), "--full-validation": ()}


def _shards_of(units: Shards) -> Iterator[ShardFile]:
    for of_domain in units.values():
        for shards in of_domain.values():
            yield from shards


def _blend(parts: Parts, corpus: Corpus | None) -> Flags:
    """Weight and prefix of every shard. A unit's share is divided among its shards by their tokens."""
    words: list[str] = []
    for domain, given in sorted(parts.domains.items()):
        for unit, inside in sorted(parts.units[domain].items()):
            share = given / PARTS * (inside / PARTS)
            shards = (ShardFile(f"{domain}/{unit}", 1),) if corpus is None else corpus.units[domain][unit]
            tokens = sum(shard.tokens for shard in shards)
            for shard in shards:
                words += [f"{share * shard.tokens / tokens:.12g}", shard.prefix] if shard.tokens else []
    return {"--train-data-path": tuple(words)}


def _intervals(plan: Plan, launch: Launch, seq_len: int) -> Flags:
    """Megatron counts in iterations what plans say in tokens: by the largest batch of the launch."""
    tokens = max(stretch.batch for stretch in launch.stretches) * seq_len
    steps = launch.last_step - launch.first_step + 1
    saved, measured = plan.checkpoints.every_tokens, plan.validation.every_tokens
    return {
        "--save-interval": (str(max(1, min(steps, (saved or steps * tokens) // tokens))),),
        "--eval-interval": (str(max(1, min(steps, (measured or steps * tokens) // tokens))),),
    }


def _notes(plan: Plan, course: Course, corpus: Corpus | None, launches: tuple[Launch, ...]) -> Iterator[str]:
    """What differs. First what always does."""
    execution = plan.execution
    yield (
        "order of samples: Megatron's own. It shuffles the documents of every file, by --seed and --train-samples, and "
        "cuts windows across them; all files of a blend take turns on one level, within two samples of their weights"
    )
    yield "learning rate: that of the samples before a batch, here of those after it: one step later"
    yield "checkpoints: of another form. `trainer export` and NVIDIA's Megatron Bridge convert weights, not moments"
    if rate_flags(course.rates) is None:
        yield (
            "phases.learning_rate: no schedule of Megatron's has these pieces, so there is no --lr here: give each "
            "launch the one that comes nearest, with --override-opt-param-scheduler"
        )
    if len(launches) > 1:
        yield (
            "phases: each launch ends by --exit-interval and saves; the next one goes on from --load, on its number of "
            "GPUs and with its flags"
        )
    if len({launch.flags["--train-data-path"] for launch in launches}) > 1:
        yield (
            "blends: a new blend is a new order, which Megatron enters at the number of samples seen so far, as if the "
            "new weights had held from the start: it does not know what was seen under the old ones, so some comes "
            "again and some never"
        )
    if corpus is None:
        yield "sizes: there are no tokens yet: prefixes stand for what `tokenizer encode` will leave, by domain/unit"
    elif any(len(launch.flags["--train-data-path"]) > 2 * MANY for launch in launches):
        yield (
            "data: more files than some shells take: write what follows --train-data-path to a JSON file, under "
            "the key `train`, and name it by --per-split-data-args-path"
        )
    if any(phase.max_epochs for phase in plan.phases):
        yield "phases.max_epochs: Megatron has no caps and repeats what is short; `trainer plan` has checked these"
    said = {
        "data_fraction: all windows are there": plan.data_fraction < 1,
        "start: convert the weights, load them by --finetune; moments and what was seen are lost": plan.start
        is not None,
        "optimizer.z_loss: Megatron has none for dense models": plan.optimizer.z_loss > 0,
        "execution.document_mask: positions run on as here; only attention that takes a mask obeys, which is slower, "
        "and the end mark is that of the tokenizer": execution.document_mask,
        "execution.compile: Megatron has kernels of Transformer Engine instead": execution.compile,
        "execution.fp8: by Transformer Engine, one scale per tensor; here one per row": execution.fp8,
        "execution.data_shards: only the optimizer is sharded, over all GPUs that see different samples; weights and "
        "gradients stay whole. --use-torch-fsdp2 shards those too": execution.data_shards not in (None, 1),
        "execution.precision: without --bf16 the model is fp32, which kernels of Transformer Engine are slow at": (
            execution.precision == "fp32"
        ),
        "validation: in iterations, at the end of a launch too; every set by its own loss, in nats": corpus is not None,
        "stop: Megatron ends at the first loss that is not finite, and at no other": True,
        "checkpoints.keep_last: Megatron keeps all; --save-retain-interval thins them out": True,
    }
    yield from (note for note, is_so in said.items() if is_so)
