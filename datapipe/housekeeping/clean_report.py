"""`datapipe clean` on the terminal: what can go, and what that costs."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from datapipe.housekeeping.clean import Leftovers, find_leftovers, remove

SHOWN_FOREIGN = 10


def clean(folder: str, intermediates: bool = False, delete: bool = False) -> None:
    """Show what can go, and with `delete` remove it. Raises RunError, OSError."""
    console = Console()
    found = find_leftovers(folder, intermediates)
    _print(console, found)
    if not found.categories:
        return
    count = sum(len(one.files) for one in found.categories)
    if delete:
        remove(found)
    done = "deleted" if delete else "nothing is deleted yet: --yes deletes"
    console.print(f"{count:,} files, {found.bytes / 1e6:,.1f} MB: {done}", highlight=False, soft_wrap=True)


def _print(console: Console, found: Leftovers) -> None:
    if found.categories:
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        table.add_column("can go")
        table.add_column("files", justify="right", no_wrap=True)
        table.add_column("MB", justify="right", no_wrap=True)
        table.add_column("a later run does again", overflow="fold")
        for one in found.categories:
            table.add_row(one.name, f"{len(one.files):,}", f"{one.bytes / 1e6:,.1f}", escape(one.cost))
        console.print(table)
    lines = [] if found.categories else [f"{found.folder}: nothing to clean"]
    lines += [f"{found.folder}: {note}" for note in found.notes]
    lines.append(f"stays: {found.kept_bytes / 1e6:,.1f} MB")
    lines += [f"{name} stays: {size / 1e6:,.1f} MB of `tokenizer encode`" for name, size in found.tokens.items()]
    if found.foreign:
        shown = ", ".join(found.foreign[:SHOWN_FOREIGN])
        more = f" and {len(found.foreign) - SHOWN_FOREIGN:,} more" if len(found.foreign) > SHOWN_FOREIGN else ""
        lines.append(f"not ours, stays: {shown}{more}")
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True, markup=False)
