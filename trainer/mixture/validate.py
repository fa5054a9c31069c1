"""`trainer mix validate`: the proposal against the baseline, predicted first."""

from collections.abc import Sequence
from pathlib import Path


def validate(file: Path, root: str | None, settings: Sequence[str], executor: str, num_cpus: int | None) -> None:
    """Write `prediction.json` before, `validation.json` after paired runs, and print both side by side."""
    raise NotImplementedError
