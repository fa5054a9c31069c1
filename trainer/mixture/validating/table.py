"""Predicted beside observed, on the terminal."""

from typing import TYPE_CHECKING

from trainer.mixture.validation_file import ObservedTarget, Prediction, ValidationResult

if TYPE_CHECKING:
    from rich.console import Console


def print_outcome(prediction: Prediction, result: ValidationResult, console: "Console") -> None:
    """A line for every target; gains above 0 are the proposal's."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    share = f"{prediction.interval:.0%}"
    table = Table("", box=SIMPLE_HEAD)
    for heading in ("proposal", "baseline", f"gain [{share}]", f"predicted [{share}]"):
        table.add_column(heading.replace("[", "\\["), justify="right")
    table.add_column("")
    for expected, found in zip(prediction.targets, result.targets, strict=True):
        table.add_row(
            found.target,
            f"{found.proposal:.4f}",
            f"{found.baseline:.4f}",
            f"{found.gain:+.4f} \\[{found.low:+.4f}, {found.high:+.4f}]",
            f"{expected.gain:+.4f} \\[{expected.low:+.4f}, {expected.high:+.4f}]",
            verdict(found),
        )
    console.print(table)
    for note in result.notes:
        console.print(f"note: {note}", soft_wrap=True, markup=False)


def verdict(found: ObservedTarget) -> str:
    """In words: a pair of signs alone proves nothing."""
    if found.is_better:
        said = "proposal is better"
    elif found.high < 0:
        said = "baseline is better"
    else:
        return "cannot be told apart"
    return said if found.sign_as_predicted else f"{said}, against the prediction"
