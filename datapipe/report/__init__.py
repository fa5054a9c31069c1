"""The report of a run: `report.html` for the browser, `card.md` for who gets the data, tables for the terminal."""

from rich.console import Console

from datapipe import storage
from datapipe.report.card import card
from datapipe.report.figures import read_figures
from datapipe.report.page import page
from datapipe.report.samples import read_samples
from datapipe.report.terminal import print_figures


def write_report(folder: str) -> None:
    """Write `report.html` and `card.md` of the finished run in `folder`. Raises RecipeError, OSError."""
    figures = read_figures(folder)
    files = {"report.html": page(figures, read_samples(figures)), "card.md": card(figures)}
    for name, text in files.items():
        storage.write_bytes(storage.join(folder, name), text.encode("utf-8", "replace"))


def print_report(folder: str) -> None:
    """Show the funnel, reasons, domains and passes of the finished run in `folder`. Raises RecipeError, OSError."""
    print_figures(read_figures(folder), Console())
