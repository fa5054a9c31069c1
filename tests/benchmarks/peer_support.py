"""Other tools, each in a virtual environment of its own, run on the same bytes as ours."""

import hashlib
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.corpus import cache_folder


def environment(name: str, requirements: Sequence[str]) -> Path:
    """The Python of an environment that holds exactly these requirements; made at the first call, then kept."""
    key = hashlib.sha256(repr((sys.version, *requirements)).encode()).hexdigest()[:16]
    folder = cache_folder() / f"{name}-{key}"
    python = folder / "bin" / "python"
    done = folder / "complete"
    if not done.exists():
        venv.create(folder, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *requirements]
        subprocess.run([str(word) for word in install], check=True, stdout=sys.stderr)
        done.touch()
    return python


def run(python: Path, script: Path, question: Any) -> Any:
    """What a script prints as its last line, JSON; it finds `question`, as JSON, in the file of its first argument."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(question, file)
        file.flush()
        command = [str(python), str(script), file.name]
        answer = subprocess.run(command, check=True, capture_output=True, text=True, env={}).stdout
    return json.loads(answer.splitlines()[-1])
