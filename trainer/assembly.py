"""Plan -> Training: all that can be wrong is found, and everything stands where the run is, before its first step."""

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from datapipe import storage
from datapipe.output import RunError
from trainer.account import Clock
from trainer.blocks import compile_blocks, recompute_blocks
from trainer.checkpoint import State, load_latest, restore
from trainer.checkpoint_folders import clean
from trainer.corpus import Corpus, corpus_of, shape_of
from trainer.course import Course, course_json
from trainer.differences import differences, shortened
from trainer.divergence import Tracked
from trainer.hardware import gpu_named
from trainer.log import JsonLines, Log, cut_log
from trainer.model import Transformer
from trainer.open_files import check_files
from trainer.optim import build_optimizer
from trainer.order import Order
from trainer.plan import Plan
from trainer.progress import Say, TrainingProgress
from trainer.reading import Reader
from trainer.record import Record, Terms, Vocabulary
from trainer.settle import settle
from trainer.shapes import Shape
from trainer.training import Training
from trainer.validation_windows import validation_units

if TYPE_CHECKING:
    from rich.console import Console

DTYPES = {"bf16": torch.bfloat16, "fp32": torch.float32}


def assembled(plan: Plan, output: Path, root: str | None, changed_plan: bool, console: "Console") -> Training:
    """A run of `plan`, where its output has come to. Raises RunError, RecipeError."""
    corpus = corpus_of(plan, root)
    check_files(corpus)
    clean(output)
    record, state = where_it_is(plan, output, corpus, console.print)
    seen = state.record.samples_seen if state else 0
    course, shape, device = record.course, record.terms.shape, device_of_process()
    model, optimizer = model_and_optimizer(plan, shape, device, state)
    cut_log(str(output), state.record.samples_seen if state else None)
    write_plan(output, plan, course)
    return Training(
        plan=plan,
        output=output,
        course=course,
        reader=Reader(corpus, Order(course)),
        validation=validation_units(corpus, plan.validation.max_tokens),
        model=model,
        optimizer=optimizer,
        record=record,
        log=Log([JsonLines(str(output))]),
        clock=clock_of(shape, course.seq_len, device),
        progress=TrainingProgress(console, seen, course.stretches[-1].end, course.seq_len),
        samples_seen=seen,
        tracked=record.tracked,
        saved=seen if state else None,
    )


def where_it_is(plan: Plan, output: Path, corpus: Corpus, say: Say) -> tuple[Record, State | None]:
    """What checkpoints of the run will say, and the one it goes on from, if any. Raises RunError for one that does not
    fit the plan."""
    terms = terms_of(plan, corpus, settle(plan, corpus.sizes))
    state = load_latest(output, say)
    if state is not None and (lines := shortened(differences(state.record.terms, terms))):
        raise RunError(f"{plan.file}: {output} holds a run of another plan: {'; '.join(lines)}")
    tracked = state.record.tracked if state else Tracked()
    return Record(plan.name, 0, 0, terms, tracked=tracked, plan=plan.text, settings=plan.settings), state


def terms_of(plan: Plan, corpus: Corpus, course: Course) -> Terms:
    """What the plan, its data and its course come to."""
    shape = shape_of(plan, corpus.sizes)
    vocabulary = Vocabulary(plan.tokenizer or "", corpus.sizes.vocabulary)
    return Terms(course, shape, vocabulary, plan.optimizer, plan.execution.precision, plan.execution.document_mask)


def device_of_process() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def model_and_optimizer(
    plan: Plan, shape: Shape, device: torch.device, state: State | None
) -> tuple[Transformer, torch.optim.AdamW]:
    """Both with the numbers of `state`, or those of the seed."""
    torch.use_deterministic_algorithms(plan.execution.deterministic)
    with device:
        model = Transformer(shape, DTYPES[plan.execution.precision])
    optimizer = build_optimizer(model, plan.optimizer)
    if state is None:
        model.init_weights(plan.seed)
    else:
        restore(state, model, optimizer)
    if plan.execution.recompute:
        recompute_blocks(model)
    if plan.execution.compile:
        compile_blocks(model)
    return model, optimizer


def clock_of(shape: Shape, seq_len: int, device: torch.device, gpus: int = 1) -> Clock:
    """A clock that knows what the hardware can do, if anybody does."""
    gpu = gpu_named(torch.cuda.get_device_name(device)) if device.type == "cuda" else None
    return Clock(shape.flops_per_token(seq_len), gpus, gpu)


def write_plan(output: Path, plan: Plan, course: Course) -> None:
    """What is in force stands beside what it comes to."""
    changes = "".join(f"# --set {setting}\n" for setting in plan.settings)
    storage.write_bytes(str(output / "plan.yaml"), f"{changes}{plan.text}".encode())
    storage.write_bytes(str(output / "course.json"), course_json(course).encode())
