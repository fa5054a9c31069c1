"""`trainer mix fit`: laws fitted to a swarm, compared by what they say of runs that they have not seen."""

from collections.abc import Sequence
from pathlib import Path


def fit(file: Path, root: str | None, settings: Sequence[str], other_text: bool) -> None:
    """Write `fit.json` and print the table."""
    raise NotImplementedError
