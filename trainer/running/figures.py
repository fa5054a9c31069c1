"""What a validation says: the loss per token, and bits per byte, which tokenizers cannot flatter.

Sums are kept, means are made at the end: a domain's figures are those of all its tokens, so that a unit counts as much
as it has tokens. Domains are never mixed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figures:
    """Sums over some documents."""

    nats: float
    """Losses of all tokens, in float64."""
    tokens: int
    """Those that were predicted."""
    bytes: int | None
    """Of the documents' text; None where nothing tells."""

    def __add__(self, other: Figures) -> Figures:
        """Of both."""
        both = None if self.bytes is None or other.bytes is None else self.bytes + other.bytes
        return Figures(self.nats + other.nats, self.tokens + other.tokens, both)

    @property
    def loss(self) -> float:
        """Nats per token."""
        return self.nats / self.tokens

    @property
    def bits_per_byte(self) -> float | None:
        """Nats / ln 2 / bytes of text."""
        return self.nats / math.log(2) / self.bytes if self.bytes else None

    @property
    def record(self) -> dict[str, float | int | None]:
        """As the log has it."""
        return {"loss": self.loss, "bits_per_byte": self.bits_per_byte, "tokens": self.tokens, "bytes": self.bytes}


Measured = Mapping[str, Mapping[str, Figures]]
"""By domain and unit."""


def of_domains(measured: Measured) -> dict[str, Figures]:
    """The sums of each domain."""
    return {domain: sum(units.values(), start=Figures(0.0, 0, 0)) for domain, units in measured.items()}


def validation_record(measured: Measured) -> dict[str, Any]:
    """What a line of kind `validation` says."""
    return {
        "domains": {domain: figures.record for domain, figures in of_domains(measured).items()},
        "units": {domain: {unit: one.record for unit, one in units.items()} for domain, units in measured.items()},
    }
