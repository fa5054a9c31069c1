"""How much each unit counts in a vocabulary: as data for the lineage, as a table on the terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tokenizer.training.weights_table import Unit, UnitText, shares_of

if TYPE_CHECKING:
    from rich.console import Console

SHOWN = 24
"""Units with a line of their own; smaller ones share one."""


@dataclass(frozen=True)
class UnitShare:
    """What one unit is of the text trained on."""

    domain: str
    unit: str
    bytes: int
    """Of its text."""
    share: float
    """Of the weighted text."""
    epochs: float
    """How often its text counts: its factor."""

    def as_json(self) -> dict[str, Any]:
        """For the lineage."""
        return asdict(self)


def unit_shares(units: Sequence[UnitText], factor_of: Mapping[Unit, float]) -> list[UnitShare]:
    """Of every unit, the largest share first."""
    shares = shares_of(factor_of, units)
    found = [
        UnitShare(one.domain, one.unit, one.bytes, shares[one.domain, one.unit], factor_of[one.domain, one.unit])
        for one in units
    ]
    return sorted(found, key=lambda one: (-one.share, one.domain, one.unit))


def print_shares(shares: Sequence[UnitShare], console: "Console") -> None:
    """A line for each unit."""
    from rich.table import Table

    table = Table("unit", box=None, pad_edge=False, header_style="")
    for title in ("MB", "share", "epochs"):
        table.add_column(title, justify="right")
    shown = shares if len(shares) <= SHOWN + 1 else shares[:SHOWN]
    for one in shown:
        table.add_row(f"{one.domain}/{one.unit}", *_figures(one.bytes, one.share, one.epochs))
    rest = shares[len(shown) :]
    if rest:
        size, share = sum(one.bytes for one in rest), sum(one.share for one in rest)
        epochs = sum(one.bytes * one.epochs for one in rest) / (size or 1)
        table.add_row(f"{len(rest)} smaller ones", *_figures(size, share, epochs))
    console.print(table)


def _figures(size: int, share: float, epochs: float) -> tuple[str, str, str]:
    return f"{size / 1e6:,.2f}", f"{share:.2%}", f"{epochs:,.2f}"
