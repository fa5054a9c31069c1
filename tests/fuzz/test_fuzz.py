"""A short run of the fuzzer, always over the same inputs; `python -m tests.fuzz` runs for longer."""

import json
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]
ALWAYS = 40
"""Inputs per target in the default run."""


@pytest.mark.parametrize("name", TARGETS)
def test_no_mutation_breaks_a_reader_or_the_loader(name: str) -> None:
    target, random = TARGETS[name], Random(0)
    for data in target.seeds:
        target.check(data)
    for number in range(ALWAYS if name != "recipe" else ALWAYS // 4):
        data = target.one(random)
        started = time.process_time()
        try:
            target.check(data)
        except Exception as error:
            error.add_note(f"target {name}, input {number}: {data[:200]!r}")
            raise
        assert time.process_time() - started < 5


@pytest.mark.slow
def test_half_a_minute_of_mutations_breaks_nothing(tmp_path: Path) -> None:
    """In a process that may use 4 GB of memory; a crash of a library ends it with a signal."""
    command = [sys.executable, "-m", "tests.fuzz", "--seconds", "3", "--seed", "1"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    counts = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["target"] for one in counts] == list(TARGETS)
    assert all(one["inputs"] > 10 and one["broken"] == 0 for one in counts)
