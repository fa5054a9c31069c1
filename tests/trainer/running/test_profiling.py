"""Traces of single steps: beside the run, which goes on also where they cannot be written."""

import gzip
import io
import json
from pathlib import Path

from rich.console import Console

from tests.trainer.small_run import small_plan
from trainer.train import run


def said_of_profiled_run(root: Path) -> str:
    console = Console(file=io.StringIO(), width=500)
    assert run(small_plan(root, "logs.profile_steps=[2]"), str(root), console=console) == 0
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_step_that_the_plan_names_leaves_a_trace(tmp_path: Path) -> None:
    assert "profiled" not in said_of_profiled_run(tmp_path)
    (trace,) = (tmp_path / "run/profiles").rglob("*.gz")
    assert trace.relative_to(tmp_path / "run/profiles") == Path("step-000000002/rank-00000.json.gz")
    with gzip.open(trace) as file:
        assert "aten::mm" in {event.get("name") for event in json.load(file)["traceEvents"]}


def test_a_trace_that_cannot_be_written_is_told_and_does_not_end_the_run(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/profiles").touch()
    assert "step 2 is not profiled: " in said_of_profiled_run(tmp_path)
