"""What one mesh has saved, every other goes on from: one process, FSDP, HSDP, tensor parallelism, and all of them."""

import dataclasses
import os
import resource
import shutil
import signal
from pathlib import Path

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor

from datapipe.output import RunError, locked
from tests.trainer import tiny_training as tiny
from tests.trainer.parallel.launch import mesh_of, together
from tests.trainer.parallel.runs import plan_of, token_files
from trainer.checkpoint import MOMENTS, State, box_of, load, load_latest, restore, save, state_of
from trainer.checkpointing.continuing import Beginning
from trainer.checkpointing.record import Record
from trainer.checkpointing.saves import Saves
from trainer.checkpointing.stored import StoredTensors
from trainer.model import Transformer
from trainer.parallel import whole
from trainer.processes.world import World
from trainer.running.assembly import model_and_optimizer
from trainer.shapes import Shape
from trainer.train import run

SHAPE = Shape(n_layer=1, n_head=4, n_kv_head=2, d_model=18, d_ff=36, d_head=4, vocab_size=26)
"""Rows that four shards do not divide."""
MESHES = {
    2: {"shards 2": (), "tensor 2": ("execution.tensor_parallel=2",)},
    4: {
        "shards 4": (),
        "copies 2, shards 2": ("execution.data_shards=2",),
        "shards 2, tensor 2": ("execution.tensor_parallel=2",),
        "copies 2, tensor 2": ("execution.tensor_parallel=2", "execution.data_shards=1"),
    },
}
ONE = "one"


def first_state() -> State:
    """Every number another one, after three steps."""
    sizes = {name: weight.shape for name, weight in _meta_model().items()}
    generator = torch.Generator().manual_seed(1)
    weights = {name: torch.rand(size, generator=generator) for name, size in sizes.items()}
    moments = {
        f"{moment}.{name}": torch.rand(size, generator=generator) for name, size in sizes.items() for moment in MOMENTS
    }
    record = dataclasses.replace(record_of(), optimizer_steps=dict.fromkeys(sizes, 3))
    return State(record, weights, moments)


def record_of() -> Record:
    record = tiny.record(8, 3)
    return dataclasses.replace(record, terms=dataclasses.replace(record.terms, shape=SHAPE))


def _meta_model() -> dict[str, Tensor]:
    with torch.device("meta"):
        return dict(Transformer(SHAPE, torch.float32).named_parameters())


def equal(found: State, expected: State) -> bool:
    """All numbers, of whole tensors."""
    pairs = ((found.model, expected.model), (found.optimizer, expected.optimizer))
    return found.record.optimizer_steps == expected.record.optimizer_steps and all(
        ours.keys() == theirs.keys() and all(torch.equal(whole(ours[name]), theirs[name]) for name in theirs)
        for ours, theirs in pairs
    )


def equal_here(found: State, expected: State) -> bool:
    """All numbers of the parts that this process has."""
    pairs = ((found.model, expected.model), (found.optimizer, expected.optimizer))
    return all(
        isinstance(tensor, DTensor)
        and isinstance(theirs, StoredTensors)
        and torch.equal(tensor.to_local(), theirs.part(name, box_of(tensor)))
        for ours, theirs in pairs
        for name, tensor in ours.items()
    )


def on_mesh(folder: Path, mesh: tuple[str, ...]) -> tuple[World, Transformer, torch.optim.AdamW]:
    """A model and an optimizer without a state."""
    plan = plan_of(folder, *mesh)
    world = mesh_of(plan.execution)
    return world, *model_and_optimizer(plan, SHAPE, world, Beginning(record_of()))


def go_on_and_save(folder: Path, processes: int, from_: dict[str, Path]) -> dict[str, bool]:
    """Each mesh of so many processes goes on from what each other one has saved, and saves for those to come."""
    expected, same = load(from_[ONE]), {}
    saved = dict(from_)
    for name, mesh in MESHES[processes].items():
        world, model, optimizer = on_mesh(folder, mesh)
        for source, checkpoint in saved.items():
            found = load(checkpoint, world)
            restore(found, model, optimizer)
            state = state_of(found.record, model, optimizer)
            is_same = equal if source == ONE else equal_here  # gathering takes long
            same[f"{source} -> {name}"] = is_same(state, expected)
            if source != list(saved)[-1]:
                for tensor in [*state.model.values(), *state.optimizer.values()]:
                    tensor.detach().fill_(-1)
        saves = Saves(folder / name, world)
        saved[name] = saves.save(state)
        saves.begin(dataclasses.replace(state, record=dataclasses.replace(state.record, samples_seen=16)))
        for tensor in [*state.model.values(), *state.optimizer.values()]:
            tensor.detach().zero_()  # training goes on: the copy does not change
        assert saves.finish() == folder / name / "checkpoints/000000000016"
        saves.close()
    return same


def test_what_one_mesh_saves_every_other_goes_on_from(tmp_path: Path) -> None:
    expected = first_state()
    found = {ONE: save(tmp_path / ONE, expected)}
    for processes, meshes in MESHES.items():
        for same in together(processes, go_on_and_save, tmp_path, processes, found):
            assert same
            assert all(same.values()), same
        for name in meshes:
            found[name] = tmp_path / name / "checkpoints/000000000008"
            in_background = tmp_path / name / "checkpoints/000000000016"
            assert len(list(found[name].iterdir())) == 2 * processes + 1
            assert equal(load(found[name]), expected), f"{name} -> {ONE}"
            for file in found[name].glob("*.safetensors"):
                assert file.read_bytes() == (in_background / file.name).read_bytes()
            assert {one.name for one in (tmp_path / name / "checkpoints").iterdir()} == {"000000000008", "000000000016"}


def told(work: object) -> str:
    """What is said of a failure."""
    assert callable(work)
    try:
        work()
    except RunError as error:
        return str(error)
    return "it did not fail"


def go_wrong(folder: Path, good: Path) -> dict[str, str]:
    """What a process hears of what happens to itself or to another one."""
    world, model, optimizer = on_mesh(folder, ())
    restore(load(good, world), model, optimizer)
    state = state_of(record_of(), model, optimizer)
    saves, said = Saves(folder, world), {}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    if world.rank == 1:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    said["at once"] = told(lambda: saves.save(state))
    saves.begin(state)
    said["in the background"] = told(saves.finish)
    if world.rank == 1:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        state.model["head.weight"].data.to_local()[0, 0] = float("nan")  # type: ignore[attr-defined]
    said["not finite"] = told(lambda: saves.save(state))
    saves.save(state, is_diverged=True)
    said["one damaged"] = ""
    latest = load_latest(folder / "damaged", lambda line: said.update({"one damaged": line}), world)
    assert latest is not None
    assert latest.record.samples_seen == 4
    os.chdir(folder / f"seen by {world.rank}")
    latest = load_latest(Path(), lambda line: said.update({"another one": line}), world)
    assert latest is not None
    assert latest.record.samples_seen == 4
    plan = plan_of(folder)
    said["two jobs"] = told(lambda: run(plan, root=str(folder / "locked")))
    return said


def test_what_goes_wrong_on_one_process_is_told_on_all(tmp_path: Path) -> None:
    state = first_state()
    good = save(tmp_path / "good", state)
    token_files(tmp_path)
    save(tmp_path / "damaged", dataclasses.replace(state, record=dataclasses.replace(state.record, samples_seen=4)))
    damaged = save(tmp_path / "damaged", state) / "optimizer.safetensors"  # the second process looks at this one
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\xff")
    for rank in range(2):  # as where each has a disk of its own
        before = dataclasses.replace(state, record=dataclasses.replace(state.record, samples_seen=4))
        earlier = save(tmp_path / f"seen by {rank}", before)
        last = save(tmp_path / f"seen by {rank}", state)
    shutil.copytree(earlier, last, dirs_exist_ok=True)

    with locked(str(tmp_path / "locked/run")):
        first, second = together(2, go_wrong, tmp_path, good)

    assert second == first
    said = "checkpoints/000000000008: not saved: rank 1 of 2: "
    assert f"{said}File too large; the checkpoints before are as they were" in first["at once"]
    assert first["in the background"] == first["at once"]
    assert f"{said}head.weight holds numbers that are not finite" in first["not finite"]
    assert "damaged/checkpoints/000000000008/optimizer.safetensors: its sum is " in first["one damaged"]
    assert first["one damaged"].endswith("(seen by rank 1 of 2)")
    assert first["another one"].endswith("samples_seen is 4, not what its folder says (seen by rank 1 of 2)")
    assert "rank 0 of 2: " in first["two jobs"]
    assert "another run" in first["two jobs"]
    assert [one.name for one in (tmp_path / "checkpoints").iterdir()] == ["000000000008-diverged"]


def test_one_process_saves_the_same_in_the_background(tmp_path: Path) -> None:
    state = first_state()
    expected = save(tmp_path / "at once", state)
    saves = Saves(tmp_path / "later", World(torch.device("cpu")))
    saves.begin(state)
    for tensor in [*state.model.values(), *state.optimizer.values()]:
        tensor.zero_()

    found = saves.finish()
    saves.close()

    assert found is not None
    assert {one.name: one.read_bytes() for one in found.iterdir()} == {
        one.name: one.read_bytes() for one in expected.iterdir()
    }
