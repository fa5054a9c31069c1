"""`trainer mix propose`: the best mixture, how sure that is, and the plan that trains on it."""

from collections.abc import Sequence
from pathlib import Path


def propose(file: Path, root: str | None, settings: Sequence[str], other_text: bool) -> None:
    """Write `proposal.json` and the plan."""
    raise NotImplementedError
