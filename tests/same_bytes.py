"""Two output folders hold the same bytes: all that DESIGN of the output promises to be the same everywhere."""

import hashlib
from pathlib import Path

SAME = (
    "documents",
    "annotations",
    "decisions",
    "evidence",
    "quarantine",
    "survivors",
    "shards",
    "validation",
    "mixture.json",
)
"""Not receipts, run.json, plan.json, report and card: they carry times and paths."""


def digests(output: Path) -> dict[str, str]:
    """Relative path -> sha256 of every file that must be the same."""
    paths = [path for name in SAME for path in sorted([output / name, *output.joinpath(name).rglob("*")])]
    return {str(p.relative_to(output)): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths if p.is_file()}


def assert_same_bytes(left: Path, right: Path) -> None:
    """Fail with the names of the files that differ."""
    one, other = digests(left), digests(right)
    assert one
    assert sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path)) == []
