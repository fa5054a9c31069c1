"""The connected parts of all ties: by one task while a number per document fits into its memory, else by rounds."""

from collections.abc import Sequence
from dataclasses import dataclass

from datapipe.dedup.near.labels import Holders
from datapipe.exchange import Sizes
from datapipe.executors import Resources
from datapipe.passes.partitions import Partition
from datapipe.relays import MapFile
from datapipe.running import Run


@dataclass(frozen=True)
class Ties:
    """All ties of a round, and the documents they are of."""

    files: Sequence[MapFile]
    count: int
    holders: Holders
    bounds: Sequence[int]
    """Lowest row key of every group of shards and, behind them, of earlier files."""


def find_labels(
    run: Run, name: str, fingerprint: str, ties: Ties, sizes: Sizes, resources: Resources
) -> list[Partition]:
    """The labels of every group (`datapipe.dedup.near.labels`), with the number of its labelled documents."""
    raise NotImplementedError
