"""What the log of a run says, column by column: small however long the run was."""

from __future__ import annotations

import math
import statistics
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from trainer.running.log import Record

COLUMNS = ("loss", "grad_norm", "rate", "tokens_per_s", "mfu", "step_seconds", "data_wait_seconds")
"""Of lines of kind `step`. What a line does not have is NaN."""
NAN = float("nan")
EDGE_STEPS = 20
"""Steps at either end whose mean loss is told."""


@dataclass
class Columns:
    """Lines of kind `step`, by column."""

    samples: array[int] = field(default_factory=lambda: array("q"))
    step: array[int] = field(default_factory=lambda: array("q"))
    values: dict[str, array[float]] = field(default_factory=lambda: {name: array("d") for name in COLUMNS})

    def add(self, record: Record) -> None:
        """One line more."""
        self.samples.append(record["samples_seen"])
        self.step.append(record["step"])
        for name, column in self.values.items():
            value = record.get(name)
            column.append(NAN if value is None else value)


@dataclass
class History:
    """A whole log."""

    steps: Columns = field(default_factory=Columns)
    validations: list[Record] = field(default_factory=list)
    """All of them, without their units,"""
    first_validation: Record | None = None
    """the first and"""
    last_validation: Record | None = None
    """the last with them."""
    skipped: array[int] = field(default_factory=lambda: array("q"))
    """Samples seen after each step that was left out."""
    spikes: array[int] = field(default_factory=lambda: array("q"))
    """The same of each whose loss or gradient norm was far above what was usual."""
    starts: list[Record] = field(default_factory=list)
    checkpoints: list[Record] = field(default_factory=list)
    last_step: Record | None = None
    last: Record | None = None
    """The last line of all."""

    def loss_at_edges(self) -> tuple[int, float, float]:
        """Over how many steps, the mean training loss of so many first ones, and of so many last ones. One step says
        little: its samples are few."""
        losses = [loss for loss in self.steps.values["loss"] if math.isfinite(loss)]
        steps = min(EDGE_STEPS, max(1, len(losses) // 2))
        if not losses:
            return 0, NAN, NAN
        return steps, statistics.fmean(losses[:steps]), statistics.fmean(losses[-steps:])

    @property
    def samples_seen(self) -> int:
        """When the last line was written."""
        return int(self.last["samples_seen"]) if self.last else 0


def history(records: Iterable[dict[str, Any]]) -> History:
    """The history that the records of a log tell."""
    found = History()
    for record in records:
        found.last = record
        kind = record.get("kind")
        if kind == "step":
            found.steps.add(record)
            found.last_step = record
        elif kind == "validation":
            found.first_validation = found.first_validation or record
            found.last_validation = record
            found.validations.append({key: value for key, value in record.items() if key != "units"})
        elif kind == "skipped":
            found.skipped.append(record["samples_seen"])
        elif kind == "spike":
            found.spikes.append(record["samples_seen"])
        elif kind == "start":
            found.starts.append(record)
        elif kind == "checkpoint":
            found.checkpoints.append(record)
    return found
