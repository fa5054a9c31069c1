"""A run on any mesh is the run of one process: what it reads, what it computes, what it measures."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.trainer.parallel.launch import together
from tests.trainer.parallel.runs import SHORT, STEPS, Trace, token_files, traced

TWO = {
    "shards 2": (),
    "copies 2": ("execution.data_shards=1",),
    "tensor 2": ("execution.tensor_parallel=2",),
}
FOUR = {
    "shards 4": (),
    "copies 2, shards 2": ("execution.data_shards=2",),
    "shards 2, tensor 2": ("execution.tensor_parallel=2",),
    "copies 2, tensor 2": ("execution.tensor_parallel=2", "execution.data_shards=1"),
    "shards 2, tensor 2, again": ("execution.tensor_parallel=2",),
}
DATA = {"tensor 2": 1, "shards 4": 4, "copies 2, shards 2": 4}
"""Processes that read different samples; else 2."""
LONG = ("execution.micro_batch=4",)
GRADIENT = 1e-3
"""How far a gradient may be from one process's, as a share of its largest number: orders of sums differ (1e-7), and
AdamW makes more of them: where a gradient is little else, its first steps are as long as any."""
Runs = dict[str, list[Trace]]
"""By mesh, what each rank saw."""
Meshes = Mapping[str, tuple[str, ...]]


def on_meshes(folder: Path, root: Path, meshes: Meshes, more: tuple[str, ...]) -> dict[str, Trace]:
    """What a process of this world sees of a run on each mesh."""
    return {name: traced(folder, root / name, (*settings, *more)) for name, settings in meshes.items()}


def launched(root: Path, more: tuple[str, ...], *worlds: tuple[int, Meshes]) -> Runs:
    """The run by one process, and on the meshes of worlds of so many."""
    folder = root / "data"
    token_files(folder)
    torch.set_num_threads(1)
    found = {"one": [traced(folder, root / "one", more)]}
    for processes, meshes in worlds:
        by_rank = together(processes, on_meshes, folder, root, meshes, more)
        found |= {name: [one[name] for one in by_rank] for name in meshes}
    return found


def check(runs: Runs, steps: int) -> None:
    """Each is the run of one process, as far as sums in another order are the same."""
    (one,) = runs.pop("one")
    assert len(one.losses) == steps
    assert one.losses[-1] < one.losses[0] - 0.2  # it learns: there is something to get wrong
    for mesh, ranks in runs.items():
        assert ranks[0].losses == pytest.approx(one.losses, rel=1e-5), mesh
        assert ranks[0].norms == pytest.approx(one.norms, rel=1e-5), mesh
        check_gradients(mesh, ranks[0], one)
        check_validations(mesh, ranks[0], one)
        check_rows(mesh, ranks, one)


def check_gradients(mesh: str, found: Trace, expected: Trace) -> None:
    """Whole and by name, at every step."""
    for step, (ours, theirs) in enumerate(zip(found.gradients, expected.gradients, strict=True)):
        assert ours.keys() == theirs.keys()
        for name, gradient in theirs.items():
            apart = np.abs(ours[name] - gradient).max() / np.abs(gradient).max()
            assert apart < (GRADIENT if step else 2e-6), (mesh, step, name)


def check_validations(mesh: str, found: Trace, expected: Trace) -> None:
    """At the start by the same weights, later by those that training made of them."""
    for ours, theirs in zip(found.validations, expected.validations, strict=True):
        for domain, figures in theirs.items():
            assert ours[domain]["tokens"] == figures["tokens"]
            assert ours[domain]["loss"] == pytest.approx(figures["loss"], rel=1e-5), (mesh, domain)


def check_rows(mesh: str, ranks: list[Trace], one: Trace) -> None:
    """Processes that share layers read the same; united, all read what one process does, in its order."""
    data = DATA.get(mesh, 2)
    for step, rows in enumerate(one.rows):
        read = [rank.rows[step] for rank in ranks]
        each = len(ranks) // data
        assert all(np.array_equal(read[rank], read[rank - rank % each]) for rank in range(len(ranks))), mesh
        assert np.array_equal(np.concatenate(read[::each]), rows), (mesh, step)


def test_two_processes_train_as_one_does(tmp_path: Path) -> None:
    """Over two edges of phases, at the first of which the batch doubles: sharded, copied, and with shared layers.
    Whether two processes share out weights or both have them is no difference at all."""
    runs = launched(tmp_path, SHORT, (2, TWO))
    shards, copies = runs["shards 2"][0], runs["copies 2"][0]
    assert shards.norms == copies.norms
    assert max(shards.norms) > 1  # gradients were clipped by them
    assert shards.losses == copies.losses
    check(runs, steps=6)


@pytest.mark.slow
def test_four_processes_train_as_one_does_and_one_mesh_twice_bit_for_bit(tmp_path: Path) -> None:
    runs = launched(tmp_path, (*SHORT, *LONG), (4, FOUR))
    once, again = (runs[name][0] for name in ("shards 2, tensor 2", "shards 2, tensor 2, again"))
    assert once.losses == again.losses
    assert once.norms == again.norms
    assert once.validations == again.validations
    check(runs, steps=6)


@pytest.mark.slow
def test_fifty_steps_over_a_ramp_and_an_edge_are_those_of_one_process(tmp_path: Path) -> None:
    two = {name: TWO[name] for name in ("shards 2", "tensor 2")}
    four = {name: FOUR[name] for name in ("copies 2, shards 2", "shards 2, tensor 2")}
    check(launched(tmp_path, LONG, (2, two), (4, four)), STEPS)
