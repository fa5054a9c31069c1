"""What counts hold, as a table on the terminal: units, what is sampled, what is lost."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from datapipe.report.words import number, percent, size, visible
from tokenizer.counting.counts_file import Counts, UnitTotals, open_counts


def print_counts(folder: str, console: Console | None = None) -> None:
    """All units of the counts in a folder. Raises RunError."""
    shown = console or Console()
    counts = open_counts(folder)
    shown.print(_table(counts))
    for line in remarks(counts):
        shown.print(Text(visible(line)), style="yellow", soft_wrap=True)
    shown.print(Text(visible(f"counts   {folder}")), soft_wrap=True)


def remarks(counts: Counts) -> list[str]:
    """What of the text is not counted, or only in part: a line each."""
    lines = [
        f"{f'language {language}' if language else 'documents without a language'}: {percent(rate)} of the documents "
        f"sampled for long fragments and scripts without spaces (count.max_bytes)"
        for language, rate in counts.sampled.items()
    ]
    return lines + [
        f"{one.domain}/{one.unit}: {number(one.lost_fragments)} fragments above {number(counts.max_fragment_bytes)} "
        f"bytes in {number(one.lost_documents)} documents not counted, {size(one.lost_bytes)} "
        f"({percent(one.lost_bytes / one.bytes)} of the text; count.max_fragment_bytes)"
        for one in counts.units
        if one.lost_fragments
    ]


def _table(counts: Counts) -> Table:
    columns = ("unit", "documents", "text", "fragments", "different", "bytes each")
    table = Table(title="counts", box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0))
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left", overflow="fold", no_wrap=bool(index))
    for one in counts.units:
        each = f"{one.bytes / one.fragments:.2f}" if one.fragments and not counts.sampled else ""
        table.add_row(Text(visible(f"{one.domain}/{one.unit}")), *_sizes((one,)), number(one.rows), each)
    table.add_section()
    table.add_row("all", *_sizes(counts.units), "", "")
    return table


def _sizes(units: tuple[UnitTotals, ...]) -> tuple[str, str, str]:
    documents, text, fragments = (
        sum(getattr(one, name) for one in units) for name in ("documents", "bytes", "fragments")
    )
    return number(documents), size(text), number(fragments)
