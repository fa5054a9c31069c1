"""A tensor that was saved in parts is read whole, or in any other parts; what is not all of it is found."""

import dataclasses
import itertools
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.distributed.checkpoint import HuggingFaceStorageReader
from torch.distributed.checkpoint.state_dict_loader import load as load_by_torch

from tests.trainer import tiny_training as tiny
from trainer.checkpoint import State, load, save, write_record
from trainer.checkpointing.parts import Box, Part, placed, whole_box
from trainer.checkpointing.state_file import MODEL, OPTIMIZER, Damaged, part_name, read_record
from trainer.checkpointing.stored import StoredTensors, index_of
from trainer.checkpointing.sums import sum_of
from trainer.checkpointing.tensor_file import sharding_note, write_tensors


@st.composite
def cuts(draw: st.DrawFn, size: int) -> list[tuple[int, int]]:
    """A dim in pieces: first and size of each; some may be empty, as shards of small tensors are."""
    edges = sorted(draw(st.lists(st.integers(0, size), max_size=2)))
    return [(first, end - first) for first, end in itertools.pairwise([0, *edges, size])]


@st.composite
def grids(draw: st.DrawFn) -> tuple[tuple[int, ...], list[Box]]:
    """A shape, and the boxes of a mesh that divides every dim of it, in any order."""
    shape = tuple(draw(st.lists(st.integers(0, 6), max_size=3)))
    pieces = itertools.product(*(draw(cuts(size)) for size in shape))
    boxes = [Box(tuple(first for first, _ in one), tuple(size for _, size in one)) for one in pieces]
    return shape, draw(st.permutations(boxes))


@st.composite
def regions(draw: st.DrawFn, shape: tuple[int, ...]) -> Box:
    first = tuple(draw(st.integers(0, size)) for size in shape)
    return Box(first, tuple(draw(st.integers(0, size - start)) for size, start in zip(shape, first, strict=True)))


def numbered(shape: tuple[int, ...]) -> Tensor:
    """Every number another one."""
    return torch.arange(math.prod(shape), dtype=torch.float32).reshape(shape)


def written(folder: Path, boxes: list[Box], whole: Tensor, name: str = "t") -> list[str]:
    """A file for each part."""
    files = [part_name(MODEL, number, len(boxes)) for number in range(len(boxes))]
    for file, box in zip(files, boxes, strict=True):
        part = whole[box.slices(whole_box(tuple(whole.shape)))]
        write_tensors(folder / file, {name: part}, notes=sharding_note({name: box.first}))
    return files


@settings(max_examples=30)
@given(st.data())
def test_any_part_is_read_of_any_parts(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    shape, boxes = data.draw(grids())
    folder, whole = tmp_path_factory.mktemp("parts"), numbered(shape)
    files = written(folder, boxes, whole)

    found = StoredTensors(folder, index_of(folder, files))

    assert found.shape("t") == shape
    assert torch.equal(found["t"], whole)
    region = data.draw(regions(shape))
    assert torch.equal(found.part("t", region), whole[region.slices(whole_box(shape))])


@given(grids(), st.data())
def test_a_part_that_is_missing_doubled_or_moved_is_found(
    grid: tuple[tuple[int, ...], list[Box]], data: st.DataObject
) -> None:
    shape, boxes = grid
    parts = [Part(box, str(number), 0) for number, box in enumerate(boxes)]
    assert placed(parts).shape == shape
    filled = [part for part in parts if part.box.count]
    if not filled:
        return
    one = data.draw(st.sampled_from(filled))
    with pytest.raises(ValueError, match="overlap"):
        placed([*parts, dataclasses.replace(one, file="again")])
    others = [part for part in parts if part is not one]
    try:  # a tensor without its end is another tensor, of a shape that its model does not have
        assert not others or placed(others).shape != shape
    except ValueError as error:
        assert "in none of its parts" in str(error)


@pytest.mark.filterwarnings("ignore:torch.distributed is disabled")
@settings(max_examples=20)
@given(grids())
def test_torch_reads_the_parts_of_ours(
    tmp_path_factory: pytest.TempPathFactory, grid: tuple[tuple[int, ...], list[Box]]
) -> None:
    """By its own reader of this form."""
    shape, boxes = grid
    folder, whole = tmp_path_factory.mktemp("theirs"), numbered(shape)
    filled = [box for box in boxes if box.count]
    if not filled:
        return
    written(folder, filled, whole)
    found = {"t": torch.zeros(shape)}

    load_by_torch(found, storage_reader=HuggingFaceStorageReader(str(folder)), no_dist=True)

    assert torch.equal(found["t"], whole)


NAMES = ("0.bias", "0.weight", "1.weight")
SHAPES = {"0.bias": (8,), "0.weight": (8, 4), "1.weight": (2, 8)}


def weights_of(seed: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {name: torch.rand(shape, generator=generator) for name, shape in SHAPES.items()}


def saved_in_two(output: Path, samples_seen: int = 4, seed: int = 1) -> Path:
    """A checkpoint as two processes that share every matrix by its rows write it."""
    folder = output / f"checkpoints/{samples_seen:012}"
    folder.mkdir(parents=True)
    weights = weights_of(seed)
    moments = {f"{kind}.{name}": weights[name] * 2 for name in NAMES for kind in ("exp_avg", "exp_avg_sq")}
    files = {}
    for number in range(2):
        for kind, tensors in ((MODEL, weights), (OPTIMIZER, moments)):
            parts = {name: tensor.chunk(2)[number] for name, tensor in tensors.items()}
            firsts = {name: (number * len(tensor) // 2, *(0,) * (tensor.ndim - 1)) for name, tensor in tensors.items()}
            file = part_name(kind, number, 2)
            files[file] = write_tensors(folder / file, parts, notes=sharding_note(firsts))
    record = dataclasses.replace(tiny.record(samples_seen), optimizer_steps=dict.fromkeys(NAMES, 1))
    write_record(folder, record, files)
    return folder


def test_a_checkpoint_in_parts_is_that_of_one_process(tmp_path: Path) -> None:
    state = load(saved_in_two(tmp_path))

    weights = weights_of(1)
    assert state.model.keys() == weights.keys()
    assert all(torch.equal(state.model[name], weights[name]) for name in NAMES)
    assert all(torch.equal(state.optimizer[f"exp_avg_sq.{name}"], weights[name] * 2) for name in NAMES)
    whole = save(tmp_path / "again", State(state.record, state.model, state.optimizer))
    assert sorted(one.name for one in whole.iterdir()) == [MODEL, OPTIMIZER, "state.json"]
    assert all(torch.equal(load(whole).model[name], weights[name]) for name in NAMES)


def vouched(folder: Path) -> None:
    """Let `state.json` name the files that are there."""
    files = {one.name: sum_of(one) for one in sorted(folder.glob("*.safetensors"))}
    write_record(folder, read_record(folder), files)


FIRST, SECOND = part_name(MODEL, 0, 2), part_name(MODEL, 1, 2)


def forge(folder: Path, firsts: Mapping[str, tuple[int, ...]] | str, rows: int = 4) -> None:
    """Another second half of the weights, vouched for."""
    parts = {
        name: torch.ones(rows if name == "0.weight" else shape[0] // 2, *shape[1:]) for name, shape in SHAPES.items()
    }
    there: dict[str, tuple[int, ...]] = {"0.bias": (4,), "0.weight": (4, 0), "1.weight": (1, 0)}
    notes = {"DCP_SHARDING_INFO": firsts} if isinstance(firsts, str) else sharding_note({**there, **firsts})
    write_tensors(folder / SECOND, parts, notes=notes)
    vouched(folder)


def lose(folder: Path) -> None:
    (folder / SECOND).unlink()


def shorten(folder: Path) -> None:
    (folder / SECOND).write_bytes((folder / SECOND).read_bytes()[:-1])


def lose_and_vouch(folder: Path) -> None:
    lose(folder)
    vouched(folder)


def add_and_vouch(folder: Path) -> None:
    for extra in ("extra.safetensors", "model.safetensors"):
        (folder / extra).write_bytes((folder / SECOND).read_bytes())
    vouched(folder)


def take_another(folder: Path) -> None:
    """The same part of another checkpoint."""
    other = saved_in_two(folder.parent.parent / "other", seed=2)
    (folder / SECOND).write_bytes((other / SECOND).read_bytes())


def swap(folder: Path) -> None:
    data = (folder / FIRST).read_bytes()
    (folder / FIRST).write_bytes((folder / SECOND).read_bytes())
    (folder / SECOND).write_bytes(data)


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing": (lose, f"{SECOND}: No such file"),
    "truncated": (shorten, f"{SECOND}: .* bytes, .* were written"),
    "missing and vouched for": (lose_and_vouch, "names no model.safetensors"),
    "added": (add_and_vouch, "names 'extra.safetensors' beside the files|names no "),
    "of another checkpoint": (take_another, f"{SECOND}: its sum is "),
    "swapped": (swap, f"{FIRST}: its sum is "),
    "doubled": (lambda folder: forge(folder, {"0.weight": (0, 0)}), "0.weight: its parts in .* overlap"),
    "overlapping": (lambda folder: forge(folder, {"0.weight": (3, 0)}), "0.weight: its parts in .* overlap"),
    "with a gap": (
        lambda folder: forge(folder, {"0.weight": (5, 0)}),
        "0.weight: 4 of its 36 numbers are in none of its parts",
    ),
    "too small": (lambda folder: forge(folder, {}, 3), "exp_avg.0.weight belongs to no tensor of model.safetensors"),
    "of other dims": (lambda folder: forge(folder, {"0.weight": (4,)}), "0.weight: where it begins is not said"),
    "before the beginning": (lambda folder: forge(folder, {"0.weight": (-1, 0)}), r"0.weight: begins at \[-1, 0\]"),
    "far away": (lambda folder: forge(folder, {"0.weight": (1 << 60, 0)}), "0.weight: begins at "),
    "nowhere": (lambda folder: forge(folder, json.dumps({"0.bias": {"saved_offsets": [4]}})), "is not said"),
    "in no form": (lambda folder: forge(folder, "[1, 2]"), "is not in its form"),
    "in no JSON": (lambda folder: forge(folder, "{"), "is not in its form"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_part_that_is_not_what_was_written_is_told(tmp_path: Path, kind: str) -> None:
    folder = saved_in_two(tmp_path)
    do, says = DAMAGES[kind]
    do(folder)

    with pytest.raises(Damaged, match=says) as failure:
        load(folder)
    assert "\n" not in str(failure.value)
