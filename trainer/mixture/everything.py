"""`trainer mix all`: design, run, fit, propose and report, one after the other."""

from collections.abc import Sequence
from pathlib import Path


def everything(file: Path, root: str | None, settings: Sequence[str], executor: str, num_cpus: int | None) -> None:
    """Each goes on where it stopped."""
    raise NotImplementedError
