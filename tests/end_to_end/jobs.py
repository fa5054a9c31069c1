"""Jobs on a cluster of two nodes on this machine, submitted as the README says it."""

import contextlib
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.crashes.two_nodes import TwoNodes, two_nodes

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@contextlib.contextmanager
def cluster_for_jobs(temporary: Path) -> Iterator[TwoNodes]:
    """Whose jobs find our commands, and leave files that they need for a time in `temporary`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setenv("PATH", f"{BIN}", prepend=":")
        patch.setenv("PYTHONPATH", str(ROOT))
        with two_nodes(with_dashboard=True) as running:
            yield running


def readme_commands() -> dict[str, str]:
    """The commands of the README's section, by their first words."""
    section = (ROOT / "README.md").read_text().partition("### On a cluster\n")[2].partition("\n### ")[0]
    lines = [line.strip().partition("  #")[0].strip() for line in section.splitlines() if line.startswith("    ")]
    return {" ".join(line.split()[:3]): line for line in lines}


@dataclass
class Submitted:
    """A job that is over."""

    code: int
    log: str


@dataclass
class Jobs:
    """Submits jobs from a folder of its own."""

    cluster: TwoNodes
    folder: Path

    def start(
        self, *options: str, root: Path | None, before: tuple[str, ...] = (), task: str = "datapipe run recipe.yaml"
    ) -> "subprocess.Popen[str]":
        """The README's command with further options, or another task."""
        command = readme_commands()["ray job submit"].replace("http://127.0.0.1:8265", self.cluster.dashboard)
        command = command.replace(" --root /shared/folder", f" --root {root}" if root else "")
        command = command.replace("datapipe run recipe.yaml", task)
        words = [str(BIN / "ray"), *shlex.split(command)[1:], *options]
        words[words.index("--") : words.index("--")] = before
        return subprocess.Popen(
            words, cwd=self.folder, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    @property
    def environment(self) -> dict[str, str]:
        """Of someone who submits."""
        own = {name: value for name, value in self.cluster.environment.items() if name != "RAY_ADDRESS"}
        return {**own, "PATH": f"{BIN}:{own['PATH']}", "NO_COLOR": "1"}

    def submit(self, *options: str, root: Path | None, **how: Any) -> Submitted:
        """Wait for the end."""
        process = self.start(*options, root=root, **how)
        log = process.communicate(timeout=400)[0]
        return Submitted(process.returncode, log)

    def ray(self, *words: str) -> str:
        """What another command of `ray job` says."""
        done = subprocess.run(
            [BIN / "ray", "job", words[0], "--address", self.cluster.dashboard, *words[1:]],
            env=self.environment, capture_output=True, text=True, timeout=180, check=True,
        )  # fmt: skip
        return done.stdout + done.stderr
