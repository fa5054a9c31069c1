"""What a run shows that stops for too many records in quarantine: how many of each source, and what ails them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from datapipe import storage
from datapipe.accounts import source_of
from datapipe.receipts import Receipt
from datapipe.report.quarantine import ErrorGroup, add_errors
from datapipe.storage import Output

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

MAX_FILES = 50
"""Of a source that are looked into, those with the largest quarantine first."""
SHOWN_ERRORS = 5


class QuarantineFiles:
    """The largest files of quarantine that a pass has written, by source."""

    def __init__(self) -> None:
        """None so far."""
        self.by_source: dict[str, list[Output]] = {}

    def add(self, receipt: Receipt) -> None:
        """Note what a shard has in quarantine."""
        output = receipt.output("quarantine")
        if output is not None:
            known = self.by_source.setdefault(source_of(receipt.shard), [])
            known.append(output)
            known.sort(key=lambda one: -one.bytes)
            del known[MAX_FILES:]


def print_error_table(
    console: "Console",
    folder: str,
    files: QuarantineFiles,
    records: Mapping[str, int],
    quarantined: Mapping[str, int],
    limit: float,
) -> None:
    """Print, per source with records in quarantine, how many of how many, and its most frequent errors."""
    table = _table()
    for source in sorted(files.by_source, key=lambda one: -quarantined[one] / max(records[one], 1)):
        share = quarantined[source] / max(records[source], 1)
        cells = [source, f"{records[source]:,}", f"{quarantined[source]:,}", f"{share:.2%}", f"{limit:.2%}"]
        for group in _errors(folder, files.by_source[source]):
            table.add_row(*cells, f"{group.count:,}", group.step, group.error, group.where)
            cells = [""] * 5
    console.print(table)


def _table() -> "Table":
    from rich.table import Table

    table = Table(title="records in quarantine")
    for name in ("source", "records", "quarantined", "share", "limit", "times", "step", "error", "for example"):
        table.add_column(name, overflow="fold", justify="left" if name in ("source", "step", "error") else "right")
    return table


def _errors(folder: str, outputs: list[Output]) -> list[ErrorGroup]:
    """The most frequent errors."""
    groups: dict[tuple[str, str], ErrorGroup] = {}
    for output in outputs:
        add_errors(groups, storage.join(folder, output.path))
    return sorted(groups.values(), key=lambda group: -group.count)[:SHOWN_ERRORS]
