"""A CSV file of others as rows that know their lines: columns are found by name, in any order."""

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from datapipe.output import RunError

NOT_MEASURED = ("", "nan", "none", "null", "na", "n/a", "inf", "-inf", "infinity", "-infinity")
"""What stands where a run has no finite figure."""


@dataclass(frozen=True)
class Row:
    """One line."""

    place: str
    """`FILE, line 7`."""
    cells: Mapping[str, str]
    """By column."""


@dataclass(frozen=True)
class Table:
    """One file."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path) -> Table:
    """A CSV file with a header. Raises RunError: no text, no rows, columns that stand there twice, rows too short."""
    lines = csv.reader(io.StringIO(read_utf8(path), newline=""))
    try:
        columns = tuple(cell.strip() for cell in next(lines, []))
        twice = sorted({name for name in columns if name and columns.count(name) > 1})
        if twice:
            raise RunError(f"{path}, line 1: column {twice[0]!r} stands there twice")
        rows = []
        for cells in lines:
            place = f"{path}, line {lines.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(columns):
                raise RunError(f"{place}: {len(cells)} cells under {len(columns)} columns")
            rows.append(Row(place, dict(zip(columns, (cell.strip() for cell in cells), strict=True))))
    except csv.Error as failure:
        raise RunError(f"{path}, line {lines.line_num}: {failure}") from None
    if not rows:
        raise RunError(f"{path}: no rows; expected a header and a row for every run")
    return Table(str(path), columns, tuple(rows))


def read_utf8(path: Path) -> str:
    """The text of a file, without a byte order mark. Raises RunError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RunError(f"{path}: no such file") from None
    except UnicodeDecodeError as failure:
        raise RunError(f"{path}: no UTF-8 at byte {failure.start:,}") from None


def number(cell: str, place: str, column: str) -> float | None:
    """What a cell says; None where it is empty or not finite. Raises RunError for what is no number."""
    if cell.lower() in NOT_MEASURED:
        return None
    try:
        value = float(cell)
    except ValueError:
        raise RunError(f"{place}, column {column}: {cell[:40]!r} is no number") from None
    return value if math.isfinite(value) else None


def matched(pattern: str, columns: tuple[str, ...]) -> dict[str, str]:
    """Of the columns that a pattern means, what its `*` stands for: `train_*` of `train_code` is `code`."""
    if pattern.count("*") != 1:
        raise RunError(f"pattern {pattern!r}: expected one * in it, for what names the component or the metric")
    before, after = pattern.split("*")
    least = len(before) + len(after)
    return {
        column: column[len(before) : len(column) - len(after)]
        for column in columns
        if len(column) > least and column.startswith(before) and column.endswith(after)
    }
