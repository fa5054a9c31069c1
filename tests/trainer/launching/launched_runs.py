"""Runs as commands start them: one of three phases, for 1, 2 and 4 processes, and one for any two."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.trainer.small_run import PLAN, token_files, told

TEXT = (
    PLAN.replace("batch: 2", "batch: 2\n    gpus: 1")
    .replace("tokens: 320, batch: 3", "tokens: 3840, batch: 4, gpus: 2")
    .replace("execution:", "  - {name: wide, tokens: 320, batch: 4, gpus: 4}\nexecution:")
    .replace("every_tokens: 128", "every_tokens: 1024")
    .replace("validation: {every_tokens: 256}", "validation: {at_start: false}")
)
STEPS = 5 + 60 + 5
FOR_TWO = (
    PLAN.replace("tokens: 320, batch: 3", "tokens: 6400, batch: 4")
    .replace("every_tokens: 128", "every_tokens: 640")
    .replace("validation: {every_tokens: 256}", "validation: {at_start: false}")
)
STEPS_FOR_TWO = 5 + 100
"""A checkpoint after every tenth."""
OWN = [sys.executable, "-m", "trainer", "run"]


@dataclass(frozen=True)
class Ended:
    """What a command came to."""

    root: Path
    code: int
    said: str

    @property
    def files(self) -> dict[str, bytes]:
        """Tensors of the last checkpoint."""
        folder = max((self.root / "run/checkpoints").glob("?" * 12))
        return {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}


def written_plan(folder: Path, text: str = TEXT) -> Path:
    """Token files are named by their whole paths: a copy of the plan elsewhere means the same."""
    token_files(folder)
    (folder / "plan.yaml").write_text(re.sub(r"\[(\w+)\]", rf"[{folder}/\1]", text))
    return folder / "plan.yaml"


def started(
    command: list[str], plan: Path, root: Path, variables: Mapping[str, str] | None = None
) -> "subprocess.Popen[str]":
    """In a session of its own, as from a terminal."""
    words = [*command, str(plan), "--root", str(root), "--threads", "1"]
    own = variables or environment()
    return subprocess.Popen(words, cwd=plan.parent, env=own, stderr=subprocess.PIPE, text=True, start_new_session=True)


def environment() -> dict[str, str]:
    """That of the tests, and where our code is."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    return {**own, "PYTHONPATH": str(Path(__file__).parents[3]), "OMP_NUM_THREADS": "1"}


def ended(process: "subprocess.Popen[str]", root: Path) -> Ended:
    _, said = process.communicate(timeout=300)
    return Ended(root, process.returncode, said)


def after_a_kill(command: list[str], plan: Path, root: Path, is_worker: Callable[[str], bool], at: int = 30) -> Ended:
    """The run, one of whose processes is killed after step `at`."""
    process = started(command, plan, root)
    until_step(root, at)
    workers = [one for one in psutil.Process(process.pid).children(recursive=True) if is_worker(_line(one))]
    max(workers, key=lambda one: one.pid).kill()
    return ended(process, root)


def until_step(root: Path, step: int) -> None:
    for _ in range(3000):
        if (root / "run/log.jsonl").exists() and len(told(root, "step")) >= step:
            return
        time.sleep(0.1)
    raise AssertionError(f"{root}: never came to step {step}")


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def same_run(one: Path, other: Path) -> bool:
    """Whether two runs had the same losses at all their steps, and left the same tensors."""
    kinds = ("step", "validation")
    return told(one, *kinds) == told(other, *kinds) and Ended(one, 0, "").files == Ended(other, 0, "").files
