"""`trainer mix report`: all that an experiment has come to, as one page that needs nothing else."""

from collections.abc import Sequence
from pathlib import Path


def write_report(file: Path, root: str | None, settings: Sequence[str]) -> str:
    """Write `report.html` into the experiment's output, and say where. Raises RunError."""
    raise NotImplementedError
