"""`trainer bench`: how fast real training steps of a plan's model are on this device, and how much memory they take.

The steps are those of `trainer run`, on random tokens: same model, loss, optimizer, precision. Reading data, logs,
validation and checkpoints are left out (`log.jsonl` of a run has what they take). What `document_mask` costs depends on
the documents: here they have `DOCUMENT_TOKENS` on average. By itself it measures one device, on which nothing is
shared out: `tensor_parallel` is 1. `torchrun ... -m trainer bench PLAN` measures all processes together on the plan's
mesh; the first one says what they came to.
"""

import json
import math
import os
import statistics
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from datapipe.loading.located_yaml import suggest
from datapipe.observing.peak_memory import begin_anew, peak_bytes
from datapipe.output import RunError, placed
from trainer.corpus import shape_of, sizes_of
from trainer.device import DTYPES, gpu_of
from trainer.load import load, loads
from trainer.model import Transformer
from trainer.optim import build_optimizer
from trainer.parallel import initialize_weights, parallelize
from trainer.plan import Plan
from trainer.processes.degrees import Degrees
from trainer.processes.world import World, is_launched
from trainer.reckoning.hardware import mfu
from trainer.reckoning.memory import memory_per_gpu
from trainer.running.assembly import choose_kernels
from trainer.running.step import train_step
from trainer.shapes import PRESETS, Shape
from trainer.train import joined

if TYPE_CHECKING:
    from rich.console import Console

WARM_UP = 2
"""Steps before those that are timed: memory is allocated in the first, and kernels are compiled."""
RATE = 1e-5
EOS, DOCUMENT_TOKENS = 0, 1000
"""The id that ends documents, and how long they are on average: about as long as pages of the web."""
OF_PRESET = """
name: bench
output: bench
model: {{preset: {preset}}}
sizes: {{text: {{text: 1000000}}}}
blends: {{text: {{text: {{weight: 1}}}}}}
phases: [{{name: bench, tokens: 4096, batch: 1, blend: text, learning_rate: [{{shape: constant, start: 0.00001}}]}}]
"""


@dataclass(frozen=True)
class Figures:
    """What was measured, and of what."""

    model: str
    settings: tuple[str, ...]
    """What `--set` changed."""
    parameters: int
    device: str
    threads: int | None
    """On CPUs."""
    torch: str
    seq_len: int
    processes: int
    degrees: Degrees
    """How they are laid out."""
    batch: int
    """Sequences of a step, over all processes."""
    micro_batch: int
    precision: str
    recompute: bool
    compile: bool
    fp8: bool
    document_mask: bool
    steps: int
    """Timed."""
    step_seconds: float
    """Their median."""
    tokens_per_s: float
    """Of all processes together."""
    tflops: float
    """Model FLOPs a second, in 1e12, all of attention counted, of all processes together."""
    mfu: float | None
    """The same as a share of the devices' peak; null where that is not known."""
    mfu_causal: float | None
    """With the half of attention that the mask leaves."""
    peak_bytes: int
    """Of the GPU's memory; on CPUs what the process takes beyond what it had before. Of several, the largest;"""
    peak_bytes_by_rank: tuple[int, ...]
    """these are all of them."""
    reckoned_bytes: int
    """What `trainer plan` reckons for one GPU."""
    loss: float
    """Of the last step."""


def plan_of(what: str, settings: tuple[str, ...] = ()) -> Plan:
    """The plan in file `what`, or one of nothing but the preset `what`. Raises RecipeError, RunError."""
    if what in PRESETS:
        return loads(OF_PRESET.format(preset=what), f"preset {what}", settings)
    if not Path(what).exists():
        raise RunError(f"{what}: no such plan, and no such preset; {suggest(what, PRESETS)}")
    return load(what, settings)


def bench(
    plan: Plan, *, steps: int = 10, batch: int | None = None, micro_batch: int | None = None, root: str | None = None
) -> Figures | None:
    """Take some steps of `batch` sequences (a micro batch on every copy of the model where nothing is said) and time
    them. Where there are several processes all have to call it, and the first has the figures. Raises RunError."""
    shape, seq_len = _sizes(plan, root)
    execution = replace(plan.execution, micro_batch=micro_batch or plan.execution.micro_batch)
    if not is_launched():
        execution = replace(execution, tensor_parallel=1, data_shards=None)
    with joined(replace(plan, execution=execution), Path(placed("output", plan.output, root))) as world:
        rows = batch or execution.micro_batch * world.degrees.data
        if rows % world.degrees.data:
            raise RunError(f"--batch: expected a multiple of {world.degrees.data}, copies of the model, found {rows}")
        found = _measured(replace(plan, execution=execution), shape, (rows, seq_len), steps, world)
        return found if world.is_first else None


def _measured(plan: Plan, shape: Shape, size: tuple[int, int], steps: int, world: World) -> Figures:
    """`size`: sequences of a step over all processes, and their tokens. Raises RunError."""
    (rows, seq_len), execution, device = size, plan.execution, world.device
    reckoned = memory_per_gpu(shape, seq_len, execution, world.size, rows // world.degrees.data)
    world.together(lambda: _check_room(reckoned.states, device))
    before = _taken_bytes(device)
    try:
        seconds, loss = _steps(plan, shape, (rows // world.degrees.data, seq_len + 1), steps, world)
    except torch.OutOfMemoryError as error:
        raise RunError(
            f"out of memory: {str(error).splitlines()[0]} Try a smaller --micro-batch, execution.recompute=true, or "
            "fewer layers by model.n_layer"
        ) from None
    peaks = world.gathered(max(_peak_bytes(device) - before, 0))  # Linux counts pages of threads a little later
    median = statistics.median(seconds)
    speed = rows * seq_len / median
    full, causal = shape.flops_per_token(seq_len), shape.flops_per_token(seq_len, causal=True)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    gpu = gpu_of(device)
    return Figures(
        model=plan.model.preset or plan.name,
        settings=plan.settings,
        parameters=shape.parameters,
        device=name,
        threads=None if device.type == "cuda" else torch.get_num_threads(),
        torch=torch.__version__,
        seq_len=seq_len,
        processes=world.size,
        degrees=world.degrees,
        batch=rows,
        micro_batch=execution.micro_batch,
        precision=execution.precision,
        recompute=execution.recompute,
        compile=execution.compile,
        fp8=execution.fp8,
        document_mask=execution.document_mask,
        steps=steps,
        step_seconds=median,
        tokens_per_s=speed,
        tflops=full * speed / 1e12,
        mfu=None if gpu is None else mfu(full, speed, world.size, gpu),
        mfu_causal=None if gpu is None else mfu(causal, speed, world.size, gpu),
        peak_bytes=max(peaks),
        peak_bytes_by_rank=tuple(peaks),
        reckoned_bytes=reckoned.total,
        loss=loss,
    )


def _sizes(plan: Plan, root: str | None) -> tuple[Shape, int]:
    """Of the model and its sequences: the tokens' where the plan does not say them. Raises RunError."""
    assert plan.shape is not None
    if plan.shape.vocab_size > 1 and plan.seq_len is not None:
        return plan.shape, plan.seq_len
    sizes = sizes_of(plan, root)
    shape = shape_of(plan, sizes)
    if shape.vocab_size == 1:
        raise RunError(
            f"{plan.file}: the vocabulary is the tokenizer's: say how large, as by --set model.vocab_size=32000"
        )
    return shape, sizes.seq_len


def _check_room(needed: int, device: torch.device) -> None:
    """Raise RunError where weights, gradients and moments alone are more than is free."""
    import psutil

    if device.type == "cuda":
        free = torch.cuda.mem_get_info(device)[0]
    else:  # which the processes of a machine share
        free = psutil.virtual_memory().available // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    if needed > free:
        raise RunError(
            f"weights, gradients and moments take {needed / 2**30:,.1f} GiB, {free / 2**30:,.1f} are free on this "
            f"{'GPU' if device.type == 'cuda' else 'machine'}: take fewer layers, as by --set model.n_layer=2"
        )


def _steps(plan: Plan, shape: Shape, size: tuple[int, int], steps: int, world: World) -> tuple[list[float], float]:
    """Seconds of every timed step, and the last loss. Tokens are drawn anew for each, outside of its time.

    `size`: sequences of this process, and their tokens.
    """
    execution, device = plan.execution, world.device
    choose_kernels(execution.deterministic)
    with torch.device("meta"):
        model = Transformer(shape, DTYPES[execution.precision])
    parallelize(model, world.mesh, execution)
    model.to_empty(device=device)
    initialize_weights(model, plan.seed)
    optimizer = build_optimizer(model, plan.optimizer)
    generator = torch.Generator().manual_seed(plan.seed + world.data_rank)
    seconds: list[float] = []
    loss = math.nan
    for _ in range(WARM_UP + steps):
        rows_NS = torch.randint(shape.vocab_size, size, generator=generator)
        rows_NS[torch.rand(size, generator=generator) < 1 / DOCUMENT_TOKENS] = EOS
        rows_NS = rows_NS.to(device)
        _wait(device)
        start = time.perf_counter()
        loss = train_step(model, optimizer, rows_NS, RATE, plan.optimizer, execution, EOS, world).loss
        _wait(device)
        seconds.append(time.perf_counter() - start)
    return seconds[WARM_UP:], loss


def _wait(device: torch.device) -> None:
    """Until the GPU has done what it was asked to."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _taken_bytes(device: torch.device) -> int:
    """Before there is a model; the peak is counted from here on."""
    import psutil

    begin_anew()
    return 0 if device.type == "cuda" else int(psutil.Process().memory_info().rss)


def _peak_bytes(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return peak_bytes()


def print_figures(found: Figures, console: "Console") -> None:
    """One line of JSON on stdout, a table on `console`."""
    from rich.table import Table

    table = Table("", found.model, title=f"{found.device}, torch {found.torch}")
    for name, text in _rows(found):
        table.add_row(name, text)
    console.print(table)
    print(json.dumps({"name": "bench", **asdict(found)}))


def _rows(found: Figures) -> list[tuple[str, str]]:
    switches = {
        "recomputed": found.recompute,
        "compiled": found.compile,
        "8-bit products": found.fp8,
        "documents apart": found.document_mask,
    }
    used = [("full", found.mfu), ("causal", found.mfu_causal)]
    shares = ", ".join(f"{100 * one:.1f} % ({kind} attention)" for kind, one in used if one is not None)
    return [
        ("parameters", f"{found.parameters:,}{''.join(f', {one}' for one in found.settings)}"),
        *_layout(found),
        ("a step", f"{found.batch} x {found.seq_len:,} tokens, micro batches of {found.micro_batch}"),
        ("precision", ", ".join([found.precision, *(name for name, is_on in switches.items() if is_on)])),
        ("seconds per step", f"{found.step_seconds:,.3f} (median of {found.steps})"),
        ("tokens per second", f"{found.tokens_per_s:,.0f}"),
        ("model TFLOP/s", f"{found.tflops:,.3f}"),
        ("MFU", shares or "the peak of this device is not known"),
        ("peak memory", _peaks(found)),
        ("last loss", f"{found.loss:.4f}"),
    ]


def _layout(found: Figures) -> list[tuple[str, str]]:
    """Said where there are several processes."""
    if found.processes == 1:
        return []
    of = ", ".join(f"{name} {degree}" for name, degree in asdict(found.degrees).items())
    return [("processes", f"{found.processes:,}: {of}")]


def _peaks(found: Figures) -> str:
    least, most = min(found.peak_bytes_by_rank) / 2**30, found.peak_bytes / 2**30
    measured = f"{most:,.2f} GiB" if found.processes == 1 else f"{least:,.2f} to {most:,.2f} GiB by process"
    return f"{measured}; reckoned {found.reckoned_bytes / 2**30:,.2f}"
