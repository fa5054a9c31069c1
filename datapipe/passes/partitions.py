"""What one reduce task of an exchange reads."""

from dataclasses import dataclass

from datapipe.exchange_files import Slice


@dataclass(frozen=True)
class Partition:
    """Slices of files, and the fingerprint of what they hold."""

    slices: tuple[Slice, ...]
    made_of: str
    records: int = 0
    """In all slices, where whoever made this knew it."""
