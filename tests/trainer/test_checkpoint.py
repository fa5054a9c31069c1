"""Checkpoints hold all that a run needs to go on, bit for bit, and nothing that its plan says."""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch

from datapipe.output import RunError
from tests.trainer import tiny_training as tiny
from trainer.checkpoint import load, load_latest, restore, save, state_of
from trainer.checkpointing.folders import clean
from trainer.checkpointing.state_file import Damaged, read_record, record_bytes
from trainer.checkpointing.sums import sum_of
from trainer.checkpointing.tensor_file import write_tensors
from trainer.running.divergence import Tracked


def fail(line: str) -> None:
    raise AssertionError(f"no warning was expected: {line}")


def saved(output: Path, samples_seen: int = 4, steps: int = 1, seed: int = 1) -> Path:
    """A checkpoint of a run that has made some steps."""
    model = tiny.model(seed)
    optimizer = tiny.adamw(model)
    tiny.train(model, optimizer, 0, steps)
    return save(output, state_of(tiny.record(samples_seen, steps), model, optimizer))


@pytest.mark.parametrize("fused", [True, False])
def test_goes_on_bit_for_bit(tmp_path: Path, fused: bool) -> None:
    straight = tiny.model()
    expected = tiny.train(straight, tiny.adamw(straight, fused), 0, 6)
    first = tiny.model()
    optimizer = tiny.adamw(first, fused)
    assert tiny.train(first, optimizer, 0, 3) == expected[:3]
    save(tmp_path, state_of(tiny.record(), first, optimizer))

    state = load_latest(tmp_path, fail)

    assert state is not None
    second = tiny.model(seed=2)
    fresh = tiny.adamw(second, fused)
    restore(state, second, fresh)
    assert tiny.train(second, fresh, 3, 6) == expected[3:]
    assert all(torch.equal(*pair) for pair in zip(second.parameters(), straight.parameters(), strict=True))


def test_holds_weights_and_moments_by_name_and_says_where_the_run_is(tmp_path: Path) -> None:
    folder = saved(tmp_path, samples_seen=12_345, steps=3)

    assert folder == tmp_path / "checkpoints/000000012345"
    names = ["0.bias", "0.weight", "1.weight"]
    assert sorted(safetensors.torch.load_file(folder / "model.safetensors")) == names
    moments = sorted(safetensors.torch.load_file(folder / "optimizer.safetensors"))
    assert moments == [f"exp_avg.{name}" for name in names] + [f"exp_avg_sq.{name}" for name in names]
    found = load(folder).record
    assert (found.samples_seen, found.step, found.optimizer_steps) == (12_345, 3, dict.fromkeys(names, 3))
    assert found.tracked == Tracked(lowest=2.5)
    assert found.terms == tiny.record().terms
    assert found.course == tiny.course()
    assert set(found.versions) == {"corpusmill", "torch"}


def test_holds_no_learning_rate_and_restores_none(tmp_path: Path) -> None:
    """Where a plan has changed its rate, that of the checkpoint would go on being used."""
    model = tiny.model()
    optimizer = tiny.adamw(model)
    tiny.train(model, optimizer, 0, 2)
    for group in optimizer.param_groups:
        group["lr"] = 0.123456
    folder = save(tmp_path, state_of(tiny.record(), model, optimizer))

    assert all(b"0.123456" not in file.read_bytes() for file in folder.iterdir())
    text = json.loads((folder / "state.json").read_bytes())
    assert not {"lr", "learning_rate", "param_groups"} & (text.keys() | text["terms"].keys())
    fresh = tiny.adamw(model)
    for group in fresh.param_groups:
        group["lr"] = 0.5
    restore(load(folder), model, fresh)
    assert {group["lr"] for group in fresh.param_groups} == {0.5}


def test_skipped_steps_are_none_of_the_optimizer(tmp_path: Path) -> None:
    model = tiny.model()
    optimizer = tiny.adamw(model)
    tiny.train(model, optimizer, 0, 2)
    folder = save(tmp_path, state_of(tiny.record(samples_seen=20, step=5), model, optimizer))

    record = load(folder).record
    assert (record.step, set(record.optimizer_steps.values())) == (5, {2})


def test_a_run_that_has_not_begun_has_no_moments(tmp_path: Path) -> None:
    model = tiny.model()
    folder = save(tmp_path, state_of(tiny.record(0, 0), model, tiny.adamw(model)))

    state = load(folder)

    assert not state.optimizer
    optimizer = tiny.adamw(model)
    restore(state, model, optimizer)
    assert not optimizer.state


def test_the_same_state_is_the_same_bytes(tmp_path: Path) -> None:
    one, two = saved(tmp_path / "one", steps=2), saved(tmp_path / "two", steps=2)

    names = ["model.safetensors", "optimizer.safetensors", "state.json"]
    assert sorted(file.name for file in one.iterdir()) == names
    assert all((one / name).read_bytes() == (two / name).read_bytes() for name in names)


def test_tensors_are_written_as_the_library_writes_them(tmp_path: Path) -> None:
    tensors = {
        "b.é": torch.arange(6.0).reshape(2, 3),
        "a": torch.tensor(1.5),
        "c": torch.empty(0, 4),
        "d": torch.ones(5).t(),
    }
    write_tensors(tmp_path / "ours", tensors)
    safetensors.torch.save_file(tensors, tmp_path / "theirs")

    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_a_view_is_written_as_what_it_shows(tmp_path: Path) -> None:
    write_tensors(tmp_path / "file", {"t": torch.arange(6.0).reshape(2, 3).t()})

    assert safetensors.torch.load_file(tmp_path / "file")["t"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_the_last_one_is_taken(tmp_path: Path) -> None:
    for samples_seen in (8, 999_999_999_999, 1_000_000_000_000, 16):
        saved(tmp_path, samples_seen)

    state = load_latest(tmp_path, fail)

    assert state is not None
    assert state.record.samples_seen == 1_000_000_000_000


def test_there_is_none_where_nothing_was_saved(tmp_path: Path) -> None:
    assert load_latest(tmp_path, fail) is None


def test_a_new_one_replaces_one_of_the_same_name(tmp_path: Path) -> None:
    saved(tmp_path, samples_seen=8, steps=2)
    folder = saved(tmp_path, samples_seen=8, steps=3)

    assert load(folder).record.step == 3
    assert [one.name for one in (tmp_path / "checkpoints").iterdir()] == ["000000000008"]


def test_one_about_to_be_replaced_is_put_back(tmp_path: Path) -> None:
    """Killed between the two renames: the old one is hidden, the new one has no name yet."""
    folder = saved(tmp_path, samples_seen=8)
    shutil.copytree(folder, folder.with_name(".000000000008.abc.tmp"))
    folder.rename(folder.with_name(".000000000008.old"))
    assert load_latest(tmp_path, fail) is None

    clean(tmp_path)

    assert [one.name for one in (tmp_path / "checkpoints").iterdir()] == ["000000000008"]
    assert load_latest(tmp_path, fail) is not None


def test_numbers_that_are_not_finite_are_not_saved(tmp_path: Path) -> None:
    saved(tmp_path)
    model = tiny.model()
    optimizer = tiny.adamw(model)
    tiny.train(model, optimizer, 0, 1)
    optimizer.state[model[1].weight]["exp_avg_sq"][0, 3] = float("inf")

    with pytest.raises(
        RunError, match=r"000000000099: not saved: exp_avg_sq.1.weight holds numbers that are not finite"
    ):
        save(tmp_path, state_of(tiny.record(99), model, optimizer))
    assert [one.name for one in (tmp_path / "checkpoints").iterdir()] == ["000000000004"]


def test_a_diverged_state_is_taken_only_by_its_name(tmp_path: Path) -> None:
    saved(tmp_path)
    model = tiny.model()
    model[0].bias.data[0] = float("nan")

    folder = save(tmp_path, state_of(tiny.record(99), model, tiny.adamw(model)), is_diverged=True)

    assert folder.name == "000000000099-diverged"
    assert load(folder).model["0.bias"].isnan().any()
    latest = load_latest(tmp_path, fail)
    assert latest is not None
    assert latest.record.samples_seen == 4


def test_a_model_of_another_shape_is_told(tmp_path: Path) -> None:
    state = load(saved(tmp_path))
    wide = torch.nn.Sequential(torch.nn.Linear(4, 9), torch.nn.Linear(9, 2, bias=False))

    with pytest.raises(RunError, match=r"tensor 0.weight is \[8, 4\] in the checkpoint, \[9, 4\] in the model"):
        restore(state, wide)
    with pytest.raises(RunError, match=r"tensor 1.weight is none of the model's"):
        restore(state, torch.nn.Sequential(torch.nn.Linear(4, 8)))
    with pytest.raises(RunError, match=r"tensor 2.weight is missing"):
        restore(state, torch.nn.Sequential(*tiny.model(), torch.nn.Linear(2, 2)))


def damaged(folder: Path, kind: str) -> str:
    """Do it; what is said of it."""
    model, text = folder / "model.safetensors", folder / "state.json"
    data, state = model.read_bytes(), json.loads(text.read_bytes())
    if kind == "a flipped bit":
        model.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        return "model.safetensors: its sum is "
    if kind == "a truncated file":
        model.write_bytes(data[:-1])
        return f"model.safetensors: {len(data) - 1} bytes, {len(data)} were written"
    if kind == "a missing file":
        (folder / "optimizer.safetensors").unlink()
        return "optimizer.safetensors: No such file or directory"
    if kind == "no state.json":
        text.unlink()
        return "state.json: not there"
    if kind == "half a state.json":
        text.write_bytes(text.read_bytes()[:100])
        return "state.json: Invalid JSON"
    if kind == "a number as text":
        text.write_text(json.dumps({**state, "samples_seen": "8"}))
        return "state.json, samples_seen: Input should be a valid integer"
    if kind == "less than nothing":
        text.write_text(json.dumps({**state, "step": -1}))
        return "state.json, step: Input should be greater than or equal to 0"
    if kind == "another moment":
        text.write_bytes(record_bytes(dataclasses.replace(read_record(folder), samples_seen=9)))
        return "state.json: samples_seen is 9, not what its folder says"
    if kind == "a number that changed":
        text.write_bytes(text.read_bytes().replace(b'"1.weight": 1', b'"1.weight": 3'))
        return "state.json: its sum is not the one in it (seal)"
    if kind == "no seal":
        text.write_text(json.dumps({**state, "seal": ""}))
        return "state.json: its sum is not the one in it (seal)"
    if kind == "no steps":
        terms = dataclasses.replace(read_record(folder).terms, course=tiny.course(batch=0))
        text.write_bytes(record_bytes(dataclasses.replace(read_record(folder), terms=terms)))
        return "state.json, terms.course.stretches: no steps in one of them"
    assert kind == "an unknown key"
    text.write_text(json.dumps({**state, "lr": 1e-4}))
    return "state.json, lr: Unexpected keyword argument"


DAMAGES = (
    "a flipped bit",
    "a truncated file",
    "a missing file",
    "no state.json",
    "half a state.json",
    "a number as text",
    "less than nothing",
    "another moment",
    "an unknown key",
    "a number that changed",
    "no seal",
    "no steps",
)


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_one_is_told_and_the_one_before_is_taken(tmp_path: Path, kind: str) -> None:
    saved(tmp_path, samples_seen=4)
    says = damaged(saved(tmp_path, samples_seen=8), kind)
    lines: list[str] = []

    state = load_latest(tmp_path, lines.append)

    assert state is not None
    assert state.record.samples_seen == 4
    (line,) = lines
    assert line.startswith(f"damaged checkpoint passed over: {tmp_path}/checkpoints/000000000008/")
    assert says in line
    assert "\n" not in line


def test_a_run_whose_checkpoints_are_all_damaged_does_not_begin_anew(tmp_path: Path) -> None:
    for samples_seen in (4, 8):
        damaged(saved(tmp_path, samples_seen), "a flipped bit")
    lines: list[str] = []

    with pytest.raises(RunError, match=r"none of its checkpoints \(2\) is sound"):
        load_latest(tmp_path, lines.append)
    assert len(lines) == 2


def forged(folder: Path, tensors: dict[str, torch.Tensor] | bytes, name: str) -> None:
    """Another file, vouched for: what somebody would make on purpose."""
    if isinstance(tensors, bytes):
        (folder / name).write_bytes(tensors)
    else:
        safetensors.torch.save_file(tensors, folder / name)
    record = read_record(folder)
    files = {**record.files, name: sum_of(folder / name)}
    (folder / "state.json").write_bytes(record_bytes(dataclasses.replace(record, files=files)))


def lying(header: object, data: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 8,
        b"\x00" * 8,
        lying([1, 2]),
        lying({"t": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}),
        lying({"t": {"dtype": "F32", "shape": [1 << 62, 8], "data_offsets": [0, 16]}}, b"0" * 16),
        lying({"t": {"dtype": "F32", "shape": [-4], "data_offsets": [0, 16]}}, b"0" * 16),
        lying({"t": {"dtype": "F99", "shape": [4], "data_offsets": [0, 16]}}, b"0" * 16),
    ],
)
def test_a_header_that_lies_is_found(tmp_path: Path, data: bytes) -> None:
    folder = saved(tmp_path)
    forged(folder, data, "model.safetensors")

    with pytest.raises(Damaged, match=r"model.safetensors: ") as failure:
        load(folder)
    assert "\n" not in str(failure.value)


def test_tensors_of_other_types_and_names_are_found(tmp_path: Path) -> None:
    folder = saved(tmp_path)
    moments = safetensors.torch.load_file(folder / "optimizer.safetensors")
    weights = safetensors.torch.load_file(folder / "model.safetensors")

    forged(folder, {**moments, "exp_avg.2.weight": torch.ones(1)}, "optimizer.safetensors")
    with pytest.raises(Damaged, match=r"exp_avg.2.weight belongs to no tensor of model.safetensors"):
        load(folder)
    forged(folder, {**moments, "exp_avg.0.bias": torch.ones(3)}, "optimizer.safetensors")
    with pytest.raises(
        Damaged, match=r"exp_avg.0.bias belongs to no tensor of model.safetensors, or has another shape"
    ):
        load(folder)
    forged(folder, {name: moments[name] for name in moments if name != "exp_avg.0.bias"}, "optimizer.safetensors")
    with pytest.raises(Damaged, match=r"exp_avg.0.bias is missing"):
        load(folder)
    forged(folder, {**weights, "0.bias": weights["0.bias"].bfloat16()}, "model.safetensors")
    with pytest.raises(Damaged, match=r"0.bias is of torch.bfloat16, expected torch.float32"):
        load(folder)


SAVES = """
import resource, sys
from pathlib import Path
from tests.trainer import tiny_training as tiny
import torch
from trainer.checkpoint import State, save

tensors = {f"t{index}": torch.ones(1 << 20) for index in range(32)}
save(Path(sys.argv[1]), State(tiny.record(1), {"small": torch.ones(4)}, {}))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
save(Path(sys.argv[1]), State(tiny.record(2), tensors, {}))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_state_is_saved_without_a_copy_of_it(tmp_path: Path) -> None:
    """What saving 128 MB takes beside them, in a process of its own: not a tenth."""
    path = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", SAVES, str(tmp_path)], env={**os.environ, "PYTHONPATH": path}, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 12 << 10
