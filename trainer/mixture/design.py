"""`trainer mix design`: the swarm of an experiment, chosen before anything runs."""

from collections.abc import Sequence
from pathlib import Path


def design(file: Path, root: str | None, settings: Sequence[str], more: int | None) -> None:
    """Write `swarm.json`, or append `more` rows to it; print kinds of runs, expected standard errors and the cost."""
    raise NotImplementedError
