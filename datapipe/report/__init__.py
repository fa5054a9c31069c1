"""The report of a run: `report.html` for the browser, and its funnel for the terminal."""

from rich.console import Console

from datapipe import storage
from datapipe.report.figures import read_figures
from datapipe.report.page import page
from datapipe.report.samples import read_samples
from datapipe.report.terminal import print_figures


def write_report(folder: str) -> None:
    """Write `report.html` of the finished run in `folder`. Raises RecipeError, OSError."""
    figures = read_figures(folder)
    html = page(figures, read_samples(figures))
    storage.write_bytes(storage.join(folder, "report.html"), html.encode("utf-8", "replace"))


def print_report(folder: str) -> None:
    """Show the funnel, reasons, domains and passes of the finished run in `folder`. Raises RecipeError, OSError."""
    print_figures(read_figures(folder), Console())
