"""The errors of what is in quarantine, alike ones together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from datapipe import storage
from datapipe.receipts import Receipt, read_receipt
from datapipe.report.figures import Figures
from datapipe.shard_files import opened

MAX_ROWS = 2_000
"""Rows of one file that are read."""


@dataclass
class ErrorGroup:
    """Records that failed alike, and one of them."""

    step: str
    error: str
    where: str
    count: int = 0


def read_errors(figures: Figures, shards: Sequence[Receipt]) -> tuple[list[ErrorGroup], int]:
    """The errors of the quarantine, alike ones together, most frequent first; and how many records they are."""
    groups: dict[tuple[str, str], ErrorGroup] = {}
    quarantined = 0
    for name in (one.name for one in figures.recipe.passes if figures.run["passes"][one.name]["quarantined"]):
        for first in shards:
            receipt = first if name == first.pass_name else read_receipt(figures.folder, name, first.shard)
            output = receipt.output("quarantine") if receipt else None
            if output is None:
                continue
            quarantined += add_errors(groups, storage.join(figures.folder, output.path))
    return sorted(groups.values(), key=lambda group: (-group.count, group.step, group.error)), quarantined


def add_errors(groups: dict[tuple[str, str], ErrorGroup], path: str) -> int:
    """Add the errors of one file of the quarantine to their groups, by step and what makes them alike; how many."""
    with opened([path]) as (file,):
        rows = next(file.iter_batches(MAX_ROWS)).to_pylist()
    for row in rows:
        where = row["id"] or f"{row['file']} at byte {row['offset']}"
        group = ErrorGroup(row["step"], row["error"], where)
        groups.setdefault((row["step"], alike(row["error"])), group).count += 1
    return len(rows)


def alike(error: str) -> str:
    """An error without what differs from record to record: numbers, and what stands in quotation marks."""
    return re.sub(r"(['\"`]).*?\1|0x[0-9a-fA-F]+|\d+", "…", error)
