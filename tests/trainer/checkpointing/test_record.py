"""What a checkpoint says of itself is what was written, or is told."""

import copy
import dataclasses
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from datapipe.output import RunError
from tests.trainer import tiny_training as tiny
from trainer.checkpointing.record import Origin, Record
from trainer.checkpointing.state_file import MODEL, OPTIMIZER, Damaged, read_record, record_bytes, sealed
from trainer.checkpointing.sums import sum_of
from trainer.checkpointing.table import print_checkpoints
from trainer.plan import Checkpoints
from trainer.running.divergence import Tracked

RECORD = dataclasses.replace(
    tiny.record(),
    changed_at=4,
    optimizer_steps={"embedding.weight": 1},
    tracked=Tracked(mean=0.1 + 0.2, lowest=1e-300, skipped=2),
    plan="name: tiny\n# é 中 \u2028",
    settings=("seed=3",),
    origin=Origin("/elsewhere", "f" * 32, "other", 1 << 40),
    retention=Checkpoints(every_minutes=12.5, keep_last=3),
)


def written(output: Path, data: bytes) -> Path:
    """A checkpoint whose tensors take no bytes."""
    folder = output / "checkpoints/000000000004"
    folder.mkdir(parents=True)
    (folder / MODEL).touch()
    (folder / OPTIMIZER).touch()
    (folder / "state.json").write_bytes(data)
    return folder


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = read_record(written(tmp_path, record_bytes(RECORD)))
    assert dataclasses.replace(found, seal="") == RECORD
    assert record_bytes(found) == record_bytes(RECORD)


def test_every_byte_that_changes_is_told(tmp_path: Path) -> None:
    """Of a few hundred of them, from the first to the last."""
    data = record_bytes(RECORD)
    folder = written(tmp_path, data)
    for place in [*range(0, len(data), 37), *range(len(data) - 60, len(data))]:
        (folder / "state.json").write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(Damaged, match=r"state.json"):
            read_record(folder)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a value of JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in places(one, (*path, key)))]


def state() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty"
        empty.touch()
        record: Record = dataclasses.replace(RECORD, files=dict.fromkeys((MODEL, OPTIMIZER), sum_of(empty)))
    found: dict[str, Any] = json.loads(record_bytes(record))
    return {**found, "seal": ""}


STATE = state()
VALUES = st.sampled_from([None, True, -1, 0, 1 << 70, 1e300, "", "\n", "x", [], {}, [[[]]], {"english": 3}])


@given(st.sampled_from(places(STATE)[1:]), VALUES)
def test_a_record_with_anything_in_it_is_shown_or_told(place: tuple[str | int, ...], value: object) -> None:
    """Sealed by whoever made it."""
    changed = copy.deepcopy(STATE)
    target: Any = changed
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    with tempfile.TemporaryDirectory() as output:
        written(Path(output), sealed(f"{json.dumps(changed, indent=1)}\n".encode()))
        try:
            print_checkpoints(Path(output), Console(file=io.StringIO()), verify=True)
        except RunError as error:
            assert "\n" not in str(error)
