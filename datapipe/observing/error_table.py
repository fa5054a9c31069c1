"""What a run shows that stops for too many records in quarantine: how many of each source, and what ails them."""

from collections.abc import Iterable, Mapping
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


def print_error_table(
    console: "Console",
    folder: str,
    receipts: Iterable[Receipt],
    records: Mapping[str, int],
    quarantined: Mapping[str, int],
    limit: float,
) -> None:
    """Print, per source with records in quarantine, how many of how many, and its most frequent errors."""
    outputs: dict[str, list[Output]] = {}
    for receipt in receipts:
        output = receipt.output("quarantine")
        if output is not None:
            outputs.setdefault(source_of(receipt.shard), []).append(output)
    table = _table()
    for source in sorted(outputs, key=lambda one: -quarantined[one] / max(records[one], 1)):
        share = quarantined[source] / max(records[source], 1)
        cells = [source, f"{records[source]:,}", f"{quarantined[source]:,}", f"{share:.2%}", f"{limit:.2%}"]
        for group in _errors(folder, outputs[source]):
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
    """The most frequent errors, counted in the largest files."""
    groups: dict[tuple[str, str], ErrorGroup] = {}
    for output in sorted(outputs, key=lambda one: -one.bytes)[:MAX_FILES]:
        add_errors(groups, storage.join(folder, output.path))
    return sorted(groups.values(), key=lambda group: -group.count)[:SHOWN_ERRORS]
