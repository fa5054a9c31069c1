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
from trainer.checkpointing.saves import Saves
from trainer.corpus import Corpus, corpus_of
from trainer.course import Course, course_json
from trainer.data import check_world
from trainer.device import DTYPES, gpu_of
from trainer.model import Transformer
from trainer.optim import build_optimizer
from trainer.order import Order
from trainer.parallel import initialize_weights, parallelize
from trainer.plan import Plan
from trainer.processes.agreement import agree, skewed
from trainer.processes.world import ALONE, World
from trainer.running.account import Clock
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


def assembled(
    plan: Plan, output: Path, root: str | None, changed_plan: bool, console: "Console", world: World = ALONE
) -> Training:
    """A run of `plan`, where its output has come to. Raises RunError, RecipeError."""
    corpus = world.together(lambda: _corpus(plan, root))
    world.on_first(lambda: clean(output))
    beginning = begin(plan, corpus.sizes, output, root, changed_plan, lambda line: warn(console, line), world)
    record, seen = beginning.record, beginning.record.samples_seen
    course, shape = record.course, record.terms.shape
    agree(world, record)
    for line in skewed(world):
        warn(console, line)
    check_world(course, seen, world.degrees.data)  # not weeks later, when that phase begins
    if seen < course.stretches[-1].end:  # not after hours, when the first is saved
        world.on_first(lambda: check_room(output / FOLDER, 3 * 4 * shape.parameters))
    validation = validation_units(corpus, plan.validation.max_tokens)
    if names := shortened(not_measured(corpus, validation)):
        limit = f"no document of up to {plan.validation.max_tokens:,} tokens (validation.max_tokens)"
        warn(console, f"validation leaves out {', '.join(names)}: {limit}")
    model, optimizer = model_and_optimizer(plan, shape, world, beginning)
    world.on_first(lambda: _prepare(plan, output, beginning, console))
    return Training(
        plan=plan,
        output=output,
        course=course,
        reader=Reader(corpus, Order(course), plan.execution.read_threads),
        validation=validation,
        model=model,
        optimizer=optimizer,
        record=record,
        log=Log(sinks_of(plan, output, step_of(course, seen)) if world.is_first else ()),
        clock=clock_of(shape, course.seq_len, world.device, world.size),
        progress=TrainingProgress(console, seen, course.stretches[-1].end, course.seq_len),
        saves=Saves(output, world),
        samples_seen=seen,
        world=world,
        tracked=record.tracked,
        spikes=record.spikes,
        saved=seen if beginning.goes_on else None,
        changes=beginning.changes,
    )


def _corpus(plan: Plan, root: str | None) -> Corpus:
    corpus = corpus_of(plan, root)
    check_files(corpus)
    return corpus


def _prepare(plan: Plan, output: Path, beginning: Beginning, console: "Console") -> None:
    """What one process writes for all."""
    seen = beginning.record.samples_seen
    if not cut_log(str(output), seen if beginning.goes_on else None):
        warn(console, f"{output / LOG}: lacks lines of before sample {seen:,}, as reports will; training is as it was")
    write_plan(output, plan, beginning.record.course)


def warn(console: "Console", line: str) -> None:
    """Say what is not as it should be."""
    console.print(f"warning: {line}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def choose_kernels(is_deterministic: bool) -> None:
    """Hold torch to deterministic ones, or to none."""
    if is_deterministic:  # cuBLAS wants this before its first product, or torch refuses to call it
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    if torch.are_deterministic_algorithms_enabled() != is_deterministic:  # to say so loads torch's compiler: seconds
        torch.use_deterministic_algorithms(is_deterministic)


def model_and_optimizer(
    plan: Plan, shape: Shape, world: World, beginning: Beginning
) -> tuple[Transformer, torch.optim.AdamW]:
    """Both with the numbers of the checkpoint that it begins with, or those of the seed."""
    choose_kernels(plan.execution.deterministic)
    with torch.device("meta"):  # a process has memory for its part only
        model = Transformer(shape, DTYPES[plan.execution.precision])
    parallelize(model, world.mesh, plan.execution)
    model.to_empty(device=world.device)
    optimizer = build_optimizer(model, plan.optimizer)
    if beginning.state is None:
        initialize_weights(model, plan.seed)
    else:
        restore(beginning.state, model, optimizer if beginning.keeps_moments else None)
    return model, optimizer


def clock_of(shape: Shape, seq_len: int, device: torch.device, gpus: int = 1) -> Clock:
    """A clock that knows what the hardware can do, if anybody does."""
    return Clock(shape.flops_per_token(seq_len), gpus, gpu_of(device))


def write_plan(output: Path, plan: Plan, course: Course) -> None:
    """What is in force stands beside what it comes to."""
    changes = "".join(f"# --set {setting}\n" for setting in plan.settings)
    storage.write_bytes(str(output / "plan.yaml"), f"{changes}{plan.text}".encode())
    storage.write_bytes(str(output / "course.json"), course_json(course).encode())
