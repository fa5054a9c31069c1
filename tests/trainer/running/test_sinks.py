"""TensorBoard and Weights & Biases get what the log gets, each step once, also of runs that were stopped."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainer.running.log import Record
from trainer.running.sinks import scalars

STEP: Record = {
    "kind": "step",
    "samples_seen": 8,
    "step": 2,
    "time": 1.5,
    "loss": 3.25,
    "grad_norm": 1.0,
    "rate": 1e-3,
    "mfu": None,
    "tokens": 80,
    "shares": {"code": [0.25, 0.3]},
}
FIGURES = {"loss": 2.5, "bits_per_byte": 1.25, "tokens": 10, "bytes": 20}
VALIDATION: Record = {
    "kind": "validation",
    "samples_seen": 8,
    "step": 2,
    "time": 1.5,
    "domains": {"code": FIGURES},
    "units": {"code": {"python": {**FIGURES, "bits_per_byte": None}}},
}


def test_numbers_of_a_step_have_names() -> None:
    assert scalars(STEP) == {
        "train/loss": 3.25,
        "train/grad_norm": 1.0,
        "train/rate": 1e-3,
        "train/tokens": 80.0,
        "share/code": 0.25,
        "share planned/code": 0.3,
    }


def test_numbers_of_a_validation_have_the_names_of_domain_and_unit() -> None:
    assert scalars(VALIDATION) == {
        "validation loss/code": 2.5,
        "validation bits_per_byte/code": 1.25,
        "validation loss of code/python": 2.5,
    }


def test_other_records_have_none() -> None:
    assert scalars({"kind": "checkpoint", "samples_seen": 8, "step": 2, "time": 1.5}) == {}


def run_python(code: str, folder: Path, **environment: str) -> str:
    """What a process of its own prints: both libraries leave threads and settings behind."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("WANDB")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**inherited, **environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_run_that_goes_on_has_every_step_once_in_tensorboard(tmp_path: Path) -> None:
    code = """
import json
from pathlib import Path
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from trainer.running.tensorboard_sink import TensorBoard

def write(first, last, behind):
    sink = TensorBoard(Path("."), behind)
    for step in range(first, last + 1):
        sink.write({"kind": "step", "samples_seen": step, "step": step, "time": 1.0 + step, "loss": step / 2})
    sink.close()

write(1, 5, 0)
write(4, 6, 3)   # killed after 5, goes on from a checkpoint after 3
events = EventAccumulator("tensorboard").Reload()
print(json.dumps([[one.step, one.value] for one in events.Scalars("train/loss")]))
"""
    assert json.loads(run_python(code, tmp_path)) == [[step, step / 2] for step in range(1, 7)]


@pytest.mark.slow
def test_weights_and_biases_gets_every_step_without_a_network(tmp_path: Path) -> None:
    write = """
from pathlib import Path
from trainer.running.wandb_sink import WeightsAndBiases

sink = WeightsAndBiases("project", "small", Path("."), "name: small", 0)
for kind, step in [("step", 1), ("step", 2), ("checkpoint", 2), ("step", 3)]:
    sink.write({"kind": kind, "samples_seen": 4 * step, "step": step, "time": 1.0, "loss": step / 2})
sink.close()
"""
    read = """
import json
from pathlib import Path
from wandb.proto import wandb_internal_pb2
from trainer.running.wandb_sink import ID

def records(data):
    # Of a file in LevelDB's log format: blocks of 32 KiB, at whose ends records may be cut.
    at, whole = 7, b""
    while at + 7 <= len(data):
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
            continue
        length, kind = int.from_bytes(data[at + 4 : at + 6], "little"), data[at + 6]
        whole += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(whole)
            yield record
            whole = b""

found = []
for path in Path("wandb").glob("offline-run-*/run-*.wandb"):
    assert Path(ID).read_text().strip() in path.name
    for record in records(path.read_bytes()):
        if record.WhichOneof("record_type") == "history":
            items = {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}
            found.append([items["_step"], items["train/loss"], items["samples_seen"]])
print(json.dumps(found))
"""
    run_python(write, tmp_path, WANDB_MODE="offline", WANDB_SILENT="true")
    assert json.loads(run_python(read, tmp_path)) == [[1, 0.5, 4], [2, 1.0, 8], [3, 1.5, 12]]


@pytest.mark.slow
def test_without_login_weights_and_biases_says_what_to_do(tmp_path: Path) -> None:
    code = """
from pathlib import Path
from datapipe.output import RunError
from trainer.running.wandb_sink import WeightsAndBiases
try:
    WeightsAndBiases("project", "small", Path("."), "name: small", 0)
except RunError as error:
    print(error)
"""
    said = run_python(code, tmp_path, WANDB_MODE="online", HOME=str(tmp_path), WANDB_SILENT="true")
    line = said.splitlines()[-1]
    assert line.startswith("logs.wandb: ") and line.endswith("; log in, or set WANDB_MODE=offline")


def test_a_library_that_is_missing_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from datapipe.output import RunError
    from trainer.running.tensorboard_sink import TensorBoard
    from trainer.running.wandb_sink import WeightsAndBiases

    monkeypatch.setitem(sys.modules, "wandb", None)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(RunError, match=r"pip install 'corpusmill\[wandb\]'"):
        WeightsAndBiases("project", "small", tmp_path, "", 0)
    with pytest.raises(RunError, match=r"pip install 'corpusmill\[tensorboard\]'"):
        TensorBoard(tmp_path, 0)
