"""The report of a run: `report.html` for the browser, `card.md` for who gets the data, tables for the terminal."""

from rich.console import Console

from datapipe import storage
from datapipe.diff import read_run
from datapipe.observing.event_log import read_records
from datapipe.observing.run_log import last_run
from datapipe.output import RunError
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
    """Show the funnel, reasons, domains and passes of the run in `folder`. Raises RecipeError, OSError."""
    print_figures(read_figures(folder), Console())


def check_it_is_of_the_latest_run(folder: str) -> None:
    """Raise RunError where a later run came to no figures: its recipe, and those of the run before, would seem one.

    Raises RecipeError, OSError.
    """
    run = read_run(folder)
    last, _ = last_run(read_records(folder))
    if last is not None and run.get("run", last.run) != last.run:
        raise RunError(
            f"{folder}: the latest run has not finished (`datapipe status` tells how it stands); report.html is of the "
            "run before"
        )
