"""What a folder of tokens holds, as a table on the terminal: sizes, windows, and how often the mixture reads them."""

from collections.abc import Iterable
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from datapipe.report.words import number, percent, size, visible
from tokenizer.encoding.manifest import Manifest, UnitTokens, read_manifest
from tokenizer.shards import read_mixture

NAMED = 12
"""Units that a line names before it says `...`."""


def print_tokens(folder: str, console: Console | None = None, *, by_unit: bool = True) -> None:
    """All domains of a folder of tokens, and their units. Raises RunError."""
    shown = console or Console()
    manifest = read_manifest(folder)
    mixture = read_mixture(folder.rstrip("/").rsplit("/", 2)[0])
    shown.print(_table(manifest, mixture, by_unit))
    out_of_reach = unreachable(manifest, mixture)
    if out_of_reach:
        names = ", ".join(out_of_reach[:NAMED]) + (", ..." if len(out_of_reach) > NAMED else "")
        have = "1 unit has" if len(out_of_reach) == 1 else f"{len(out_of_reach)} units have"
        line = f"{have} a weight but no window of {manifest.seq_len + 1:,} tokens: {names}"
        shown.print(Text(visible(line)), style="yellow", soft_wrap=True)
    shown.print(Text(visible(f"tokens   {folder}")), soft_wrap=True)


def epochs(mixture: dict[str, Any], domain: str, unit: str, tokens: int) -> float | None:
    """How often the mixture's budget reads the unit; None where there is no budget, no weight or nothing to read."""
    budget, weight = mixture.get("budget_tokens"), _weight(mixture, domain, unit)
    return weight * budget / tokens if budget and weight is not None and tokens else None


def unreachable(manifest: Manifest, mixture: dict[str, Any]) -> list[str]:
    """Units that have a weight, but are too small for one window."""
    return [
        f"{domain}/{unit}"
        for domain, units in manifest.units.items()
        for unit, sizes in units.items()
        if not sizes.windows and _weight(mixture, domain, unit)
    ]


def _weight(mixture: dict[str, Any], domain: str, unit: str) -> float | None:
    of_unit = mixture.get("domains", {}).get(domain, {}).get("units", {}).get(unit)
    return None if of_unit is None else float(of_unit["weight"])


def _table(manifest: Manifest, mixture: dict[str, Any], by_unit: bool) -> Table:
    """A row for every domain, and below it for its units. Epochs come of tokens, no longer guessed from bytes."""
    columns = ("unit", "docs", "text", "tokens", "B/token", "windows", "dropped", "epochs")
    table = Table(title=manifest.tokenizer, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0))
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left", overflow="fold", no_wrap=bool(index))
    for domain, units in manifest.units.items():
        table.add_row(*_row(domain, _sum(units.values())), "", style="bold")
        for unit, sizes in units.items() if by_unit else ():
            often = epochs(mixture, domain, unit, sizes.tokens)
            table.add_row(*_row(f" {unit}", sizes), "" if often is None else f"{often:.2f}")
    for name, split in (("all", manifest.units), ("validation", manifest.validation)):
        table.add_row(*_row(name, _sum(unit for units in split.values() for unit in units.values())), "", style="bold")
    return table


def _row(name: str, sizes: UnitTokens) -> list[Text | str]:
    dropped = percent(sizes.dropped / sizes.tokens) if sizes.tokens else ""
    per_token = f"{sizes.bytes / sizes.tokens:.2f}" if sizes.tokens else ""
    counts = [number(sizes.documents), size(sizes.bytes), number(sizes.tokens), per_token, number(sizes.windows)]
    return [Text(visible(name)), *counts, dropped]


def _sum(units: Iterable[UnitTokens]) -> UnitTokens:
    found = list(units)
    keys = ("documents", "bytes", "tokens", "windows", "dropped")
    documents, bytes_, tokens, windows, dropped = (sum(getattr(one, key) for one in found) for key in keys)
    return UnitTokens(documents, bytes_, tokens, windows, dropped, ())
