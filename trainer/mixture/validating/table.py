"""Predicted beside observed, on the terminal."""

from typing import TYPE_CHECKING

from trainer.mixture.validation_file import ObservedTarget, PredictedTarget, Prediction, ValidationResult

if TYPE_CHECKING:
    from rich.console import Console


def print_outcome(prediction: Prediction, result: ValidationResult, console: "Console") -> None:
    """A line for every target; gains above 0 are the proposal's. Both figures themselves stand in the file."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    share = f"{prediction.interval:.0%}"
    table = Table("", box=SIMPLE_HEAD)
    for heading in (f"gain, {share}", f"predicted, {share}"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("proposal is")
    for expected, found in zip(prediction.targets, result.targets, strict=True):
        table.add_row(found.target, _gain(found), _gain(expected), verdict(found))
    console.print(table)
    for note in result.notes:
        console.print(f"note: {note}", soft_wrap=True, markup=False)


def verdict(found: ObservedTarget) -> str:
    """In words: a sign alone proves nothing."""
    if found.is_better:
        said = "better"
    elif found.high < 0:
        said = "worse"
    else:
        return "not told apart"
    return said if found.sign_as_predicted else f"{said}, not as predicted"


def _gain(one: PredictedTarget | ObservedTarget) -> str:
    """With its interval."""
    return f"{one.gain:+.3f} ({one.low:+.3f} to {one.high:+.3f})"
