"""Checkpoints: all that a run needs to go on, bit for bit, in a folder that is whole or not there.

    000000012345/model.safetensors       weights, fp32, by the names of the model's parameters
                 optimizer.safetensors   exp_avg.NAME and exp_avg_sq.NAME, fp32
                 state.json              where the run is (`checkpointing.record`), with size and sum of the others

Several processes write their parts of tensors, each into a `model-00002-of-00004.safetensors` and an `optimizer-...`;
any number of processes reads either. The learning rate is in none of them, nor is any other setting of the optimizer:
both follow from the plan.
"""

import dataclasses
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from datapipe.housekeeping.disk import free_bytes
from datapipe.output import RunError
from trainer.checkpointing.finding import check_name, last_sound
from trainer.checkpointing.folders import FOLDER, checkpoints_in, name_of, placing
from trainer.checkpointing.parts import Box, Placed, whole_box
from trainer.checkpointing.record import Record
from trainer.checkpointing.state_file import (
    FILE,
    MODEL,
    OPTIMIZER,
    Damaged,
    check_files,
    part_names,
    read_record,
    record_bytes,
)
from trainer.checkpointing.stored import StoredTensors, index_of
from trainer.checkpointing.sums import FileSum
from trainer.checkpointing.tensor_file import write_tensors
from trainer.processes.world import ALONE, World

Found = TypeVar("Found")
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
            moments |= {f"{moment}.{name}": of_weight[moment] for moment in MOMENTS}
    return State(dataclasses.replace(record, optimizer_steps=steps), weights, moments)


def restore(state: State, model: nn.Module, optimizer: torch.optim.Optimizer | None = None) -> None:
    """Put the state's numbers into the model, and into AdamW where one is given; where tensors are in parts, of each
    this process's. Raises RunError where they differ."""
    weights = dict(model.named_parameters())
    _check_fit("model", state.model, weights)
    for name, weight in weights.items():
        _fill(weight.data, state.model, name)
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
        moments = {moment: torch.empty_like(weight, requires_grad=False) for moment in MOMENTS}
        for moment, tensor in moments.items():
            _fill(tensor, state.optimizer, f"{moment}.{name}")
        optimizer.state[weight] = {"step": step, **moments}


def _fill(tensor: Tensor, found: Mapping[str, Tensor], name: str) -> None:
    """Put what was found of that name into a tensor, or into the part of it that is here."""
    if not isinstance(tensor, DTensor):
        tensor.copy_(found[name])
        return
    box, local = box_of(tensor), tensor.to_local()
    if not local.numel():
        return
    if isinstance(found, StoredTensors):  # which reads no more than that
        local.copy_(found.part(name, box))
    else:
        local.copy_(found[name][box.slices(whole_box(tuple(tensor.shape)))])


def box_of(tensor: DTensor) -> Box:
    """Where the part of this process lies in a tensor."""
    (chunk,) = tensor.__create_chunk_list__()  # type: ignore[no-untyped-call]
    return Box(tuple(chunk.offsets), tuple(chunk.sizes))


def _check_fit(what: str, found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Raise RunError for the first tensor that is missing, has another shape, or is none of those expected."""
    for name, tensor in expected.items():
        if name not in found:
            raise RunError(f"checkpoint: {what}: tensor {name} is missing")
        if (shape := _shape(found, name)) != tuple(tensor.shape):
            shapes = f"{list(shape)} in the checkpoint, {list(tensor.shape)} in the model"
            raise RunError(f"checkpoint: {what}: tensor {name} is {shapes}")
    for name in found:
        if name not in expected:
            raise RunError(f"checkpoint: {what}: tensor {name} is none of the model's")


def _shape(found: Mapping[str, Tensor], name: str) -> tuple[int, ...]:
    return found.shape(name) if isinstance(found, StoredTensors) else tuple(found[name].shape)


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
            write_record(folder, state.record, files)
    except OSError as error:
        raise RunError(
            f"{target}: not saved: {error.strerror or error}; the checkpoints before are as they were"
        ) from None
    return target


def write_record(folder: Path, record: Record, files: Mapping[str, FileSum]) -> None:
    """Write `state.json`, after all others. Raises OSError."""
    with (folder / FILE).open("wb") as file:
        file.write(record_bytes(dataclasses.replace(record, files=files, versions=versions())))
        file.flush()
        os.fsync(file.fileno())


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


def load(folder: Path, world: World = ALONE) -> State:
    """The checkpoint in a folder, every byte of it checked: by each process its share of the files. Raises Damaged, on
    all processes if on one."""
    record = _sound_on_all(world, lambda: read_record(folder))
    with world.pulse.patient("comparing a checkpoint with its sums"):
        _sound_on_all(world, lambda: check_files(folder, record, share=world.rank, of=world.size))
    index = _sound_on_all(world, lambda: _index(folder, record) if world.is_first else {})
    index = world.from_first(index)
    return State(record, StoredTensors(folder, index[MODEL]), StoredTensors(folder, index[OPTIMIZER]))


def _index(folder: Path, record: Record) -> dict[str, dict[str, Placed]]:
    """Where the tensors of both kinds lie. Raises Damaged where moments do not belong to weights."""
    index = {kind: index_of(folder, part_names(folder, record, kind)) for kind in (MODEL, OPTIMIZER)}
    expected = {f"{moment}.{name}": name for name in record.optimizer_steps for moment in MOMENTS}
    for name, found in index[OPTIMIZER].items():
        weight = index[MODEL].get(expected.get(name, ""))
        if weight is None or weight.shape != found.shape:
            raise Damaged(f"{folder / OPTIMIZER}: {name} belongs to no tensor of {MODEL}, or has another shape")
    if missing := expected.keys() - index[OPTIMIZER].keys():
        raise Damaged(f"{folder / OPTIMIZER}: {min(missing)} is missing")
    return index


def _sound_on_all(world: World, look: Callable[[], Found]) -> Found:
    """What each process sees; where one sees a damage, all raise it."""
    try:
        found, damage = look(), None
    except Damaged as error:
        if world.size == 1:
            raise
        found, damage = None, str(error)
    told = world.gathered(damage)
    for rank, line in enumerate(told):
        if line is not None:
            raise Damaged(line if told[0] == line else f"{line} (seen by rank {rank} of {world.size})")
    return found  # type: ignore[return-value]


def load_last(output: Path, warn: Callable[[str], None], world: World = ALONE) -> tuple[Path, State] | None:
    """The last sound checkpoint of a run, as `last_sound` finds it, every byte of it checked, by all processes
    together: which there are the first one says, and what one finds damaged all pass over."""

    def check(folder: Path) -> None:
        _sound_on_all(world, lambda: check_name(folder))

    folders = world.on_first(lambda: checkpoints_in(output))
    return last_sound(output, lambda folder: load(folder, world), warn, folders, check)


def load_latest(output: Path, warn: Callable[[str], None], world: World = ALONE) -> State | None:
    """The same without its folder."""
    found = load_last(output, warn, world)
    return None if found is None else found[1]
