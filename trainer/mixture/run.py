"""`trainer mix run`: every run of a swarm that is not done yet, as Ray tasks or in this process."""

from collections.abc import Sequence
from pathlib import Path


def run(file: Path, root: str | None, settings: Sequence[str], executor: str, num_cpus: int | None) -> None:
    """Train them and write `results.jsonl`; what is done stays. Raises RunError behind all where some failed."""
    raise NotImplementedError
