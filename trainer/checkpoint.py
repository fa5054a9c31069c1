"""Checkpoints: all that a run needs to go on, bit for bit, in a folder that is whole or not there.

    000000012345/model.safetensors       weights, fp32, by the names of the model's parameters
                 optimizer.safetensors   exp_avg.NAME and exp_avg_sq.NAME, fp32
                 state.json              where the run is (`checkpointing.record`), with size and sum of the two others

The learning rate is in none of them, nor is any other setting of the optimizer: both follow from the plan.
"""

import dataclasses
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import torch
from torch import Tensor, nn

from datapipe.housekeeping.disk import free_bytes
from datapipe.output import RunError
from trainer.checkpointing.finding import last_sound
from trainer.checkpointing.folders import FOLDER, name_of, placing
from trainer.checkpointing.record import Record
from trainer.checkpointing.state_file import FILE, MODEL, OPTIMIZER, Damaged, check_files, read_record, record_bytes
from trainer.checkpointing.tensor_file import read_tensors, write_tensors
from trainer.parallel import as_sharded, whole

MOMENTS = ("exp_avg", "exp_avg_sq")
"""Of AdamW, by the names torch gives them."""
ROOM_BYTES = 1 << 20
"""For headers and `state.json`, beside the tensors."""


@dataclass(frozen=True)
class State:
    """A run between two steps."""

    record: Record
    model: Mapping[str, Tensor]
    """Weights by the names of parameters."""
    optimizer: Mapping[str, Tensor]
    """`exp_avg.NAME` and `exp_avg_sq.NAME`; none before the first update."""


def state_of(record: Record, model: nn.Module, optimizer: torch.optim.Optimizer) -> State:
    """What is to be saved: the tensors themselves, no copies. The record gets its optimizer steps here."""
    weights = dict(model.named_parameters())
    steps: dict[str, int] = {}
    moments: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if of_weight := optimizer.state.get(weight):
            steps[name] = int(of_weight["step"])
            moments |= {f"{moment}.{name}": whole(of_weight[moment]) for moment in MOMENTS}
    record = dataclasses.replace(record, optimizer_steps=steps)
    return State(record, {name: whole(weight) for name, weight in weights.items()}, moments)


def restore(state: State, model: nn.Module, optimizer: torch.optim.Optimizer | None = None) -> None:
    """Put the state's numbers into the model, and into AdamW where one is given. Raises RunError where they differ."""
    weights = dict(model.named_parameters())
    _check_fit("model", state.model, weights)
    for name, weight in weights.items():
        weight.data.copy_(as_sharded(state.model[name], weight))
    if optimizer is None:
        return
    on_device = {
        one: group.get("fused") or group.get("capturable")
        for group in optimizer.param_groups
        for one in group["params"]
    }
    for name, count in state.record.optimizer_steps.items():
        weight = weights[name]
        step = torch.tensor(float(count), dtype=torch.float32, device=weight.device if on_device[weight] else "cpu")
        moments = {moment: _like(weight, as_sharded(state.optimizer[f"{moment}.{name}"], weight)) for moment in MOMENTS}
        optimizer.state[weight] = {"step": step, **moments}


def _like(weight: Tensor, moment: Tensor) -> Tensor:
    return torch.empty_like(weight, requires_grad=False).copy_(moment)


def _check_fit(what: str, found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Raise RunError for the first tensor that is missing, has another shape, or is none of those expected."""
    for name, tensor in expected.items():
        if name not in found:
            raise RunError(f"checkpoint: {what}: tensor {name} is missing")
        if found[name].shape != tensor.shape:
            shapes = f"{list(found[name].shape)} in the checkpoint, {list(tensor.shape)} in the model"
            raise RunError(f"checkpoint: {what}: tensor {name} is {shapes}")
    for name in found:
        if name not in expected:
            raise RunError(f"checkpoint: {what}: tensor {name} is none of the model's")


def save(output: Path, state: State, is_diverged: bool = False) -> Path:
    """Write a checkpoint below a run's output; the folder that stands there from now on.

    `is_diverged` marks its name: then its numbers may be anything, and no run goes on from it by itself. Raises
    RunError for numbers that are not finite, a disk without room, and whatever else keeps it from being written;
    nothing is changed then.
    """
    target = output / FOLDER / name_of(state.record.samples_seen, is_diverged)
    tensors = {MODEL: state.model, OPTIMIZER: state.optimizer}
    if not is_diverged:
        _check_finite(target, {**state.model, **state.optimizer})
    check_room(target, sum(one.nbytes for of_file in tensors.values() for one in of_file.values()))
    try:
        with placing(target) as folder:
            files = {name: write_tensors(folder / name, of_file) for name, of_file in tensors.items()}
            record = dataclasses.replace(state.record, files=files, versions=versions())
            with (folder / FILE).open("wb") as file:
                file.write(record_bytes(record))
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise RunError(
            f"{target}: not saved: {error.strerror or error}; the checkpoints before are as they were"
        ) from None
    return target


def versions() -> dict[str, str]:
    """Of what a checkpoint's bytes and numbers may depend on."""
    return {"corpusmill": version("corpusmill"), "torch": str(torch.__version__)}


def _check_finite(target: Path, tensors: Mapping[str, Tensor]) -> None:
    for name, tensor in tensors.items():
        if tensor.numel() and not all(bound.isfinite() for bound in torch.aminmax(tensor.detach())):
            raise RunError(f"{target}: not saved: {name} holds numbers that are not finite")


def check_room(target: Path, needed: int) -> None:
    """Raise RunError unless the disk has room for a checkpoint whose tensors take so many bytes."""
    free = free_bytes(str(target))
    if free is not None and free < needed + ROOM_BYTES:
        raise RunError(
            f"{target}: a checkpoint takes {needed + ROOM_BYTES:,} bytes, {free:,} are free on the disk; make room, "
            "then run the same command again: it goes on from the last checkpoint"
        )


def load(folder: Path) -> State:
    """The checkpoint in a folder, every byte of it checked. Raises Damaged."""
    record = read_record(folder)
    check_files(folder, record)
    state = State(record, read_tensors(folder / MODEL), read_tensors(folder / OPTIMIZER))
    expected = {f"{moment}.{name}": name for name in record.optimizer_steps for moment in MOMENTS}
    for name, tensor in state.optimizer.items():
        weight = state.model.get(expected.get(name, ""))
        if weight is None or weight.shape != tensor.shape:
            raise Damaged(f"{folder / OPTIMIZER}: {name} belongs to no tensor of {MODEL}, or has another shape")
    if missing := expected.keys() - state.optimizer.keys():
        raise Damaged(f"{folder / OPTIMIZER}: {min(missing)} is missing")
    return state


def load_latest(output: Path, warn: Callable[[str], None]) -> State | None:
    """The last sound checkpoint of a run, as `last_sound` finds it, every byte of it checked."""
    found = last_sound(output, load, warn)
    return None if found is None else found[1]
