"""Plan -> Training: all that can be wrong is found, and everything stands where the run is, before its first step."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from datapipe import storage
from trainer.checkpoint import check_room, restore
from trainer.checkpointing.continuing import Beginning, begin
from trainer.checkpointing.differences import shortened
from trainer.checkpointing.folders import FOLDER, clean
from trainer.corpus import corpus_of
from trainer.course import Course, course_json
from trainer.device import DTYPES, best_device, gpu_of
from trainer.model import Transformer
from trainer.optim import build_optimizer
from trainer.order import Order
from trainer.plan import Plan
from trainer.running.account import Clock
from trainer.running.blocks import compile_blocks, recompute_blocks
from trainer.running.log import FILE as LOG
from trainer.running.log import Log, cut_log
from trainer.running.progress import TrainingProgress
from trainer.running.sinks import sinks_of
from trainer.running.training import Training
from trainer.schedule import step_of
from trainer.shapes import Shape
from trainer.tokens.open_files import check_files
from trainer.tokens.reading import Reader
from trainer.tokens.validation_windows import not_measured, validation_units

if TYPE_CHECKING:
    from rich.console import Console


def assembled(plan: Plan, output: Path, root: str | None, changed_plan: bool, console: "Console") -> Training:
    """A run of `plan`, where its output has come to. Raises RunError, RecipeError."""
    corpus = corpus_of(plan, root)
    check_files(corpus)
    clean(output)
    beginning = begin(plan, corpus.sizes, output, root, changed_plan, lambda line: warn(console, line))
    record, seen = beginning.record, beginning.record.samples_seen
    course, shape, device = record.course, record.terms.shape, best_device()
    if seen < course.stretches[-1].end:  # not after hours, when the first is saved
        check_room(output / FOLDER, 3 * 4 * shape.parameters)
    validation = validation_units(corpus, plan.validation.max_tokens)
    if names := shortened(not_measured(corpus, validation)):
        limit = f"no document of up to {plan.validation.max_tokens:,} tokens (validation.max_tokens)"
        warn(console, f"validation leaves out {', '.join(names)}: {limit}")
    model, optimizer = model_and_optimizer(plan, shape, device, beginning)
    if not cut_log(str(output), seen if beginning.goes_on else None):
        warn(console, f"{output / LOG}: lacks lines of before sample {seen:,}, as reports will; training is as it was")
    write_plan(output, plan, course)
    return Training(
        plan=plan,
        output=output,
        course=course,
        reader=Reader(corpus, Order(course), plan.execution.read_threads),
        validation=validation,
        model=model,
        optimizer=optimizer,
        record=record,
        log=Log(sinks_of(plan, output, step_of(course, seen))),
        clock=clock_of(shape, course.seq_len, device),
        progress=TrainingProgress(console, seen, course.stretches[-1].end, course.seq_len),
        samples_seen=seen,
        tracked=record.tracked,
        saved=seen if beginning.goes_on else None,
        changes=beginning.changes,
    )


def warn(console: "Console", line: str) -> None:
    """Say what is not as it should be."""
    console.print(f"warning: {line}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def choose_kernels(is_deterministic: bool) -> None:
    """Hold torch to deterministic ones, or to none."""
    if is_deterministic:  # cuBLAS wants this before its first product, or torch refuses to call it
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(is_deterministic)


def model_and_optimizer(
    plan: Plan, shape: Shape, device: torch.device, beginning: Beginning
) -> tuple[Transformer, torch.optim.AdamW]:
    """Both with the numbers of the checkpoint that it begins with, or those of the seed."""
    choose_kernels(plan.execution.deterministic)
    with device:
        model = Transformer(shape, DTYPES[plan.execution.precision])
    optimizer = build_optimizer(model, plan.optimizer)
    if beginning.state is None:
        model.init_weights(plan.seed)
    else:
        restore(beginning.state, model, optimizer if beginning.keeps_moments else None)
    if plan.execution.recompute:
        recompute_blocks(model)
    if plan.execution.compile:
        compile_blocks(model)
    return model, optimizer


def clock_of(shape: Shape, seq_len: int, device: torch.device, gpus: int = 1) -> Clock:
    """A clock that knows what the hardware can do, if anybody does."""
    return Clock(shape.flops_per_token(seq_len), gpus, gpu_of(device))


def write_plan(output: Path, plan: Plan, course: Course) -> None:
    """What is in force stands beside what it comes to."""
    changes = "".join(f"# --set {setting}\n" for setting in plan.settings)
    storage.write_bytes(str(output / "plan.yaml"), f"{changes}{plan.text}".encode())
    storage.write_bytes(str(output / "course.json"), course_json(course).encode())
