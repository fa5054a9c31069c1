"""`trainer mix plan`: shares, tokens, epochs and what they are worth, of static mixtures side by side."""

from collections.abc import Sequence
from pathlib import Path


def print_mixtures(file: Path, root: str | None, settings: Sequence[str], as_json: bool) -> bool:
    """Print them. False where the current mixture breaks a cap: the command's exit code is 1."""
    raise NotImplementedError
