"""The command `datapipe` in a process of its own, as users give it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """A datapipe command as users give it."""
    line = [sys.executable, "-m", "datapipe.cli", *words]
    return subprocess.run(line, capture_output=True, text=True, timeout=300, cwd=ROOT, check=False)


def driver(*words: str) -> subprocess.Popen[str]:
    """A command that runs on beside the test."""
    return subprocess.Popen([sys.executable, "-m", "datapipe.cli", *words], cwd=ROOT, stderr=subprocess.PIPE, text=True)
