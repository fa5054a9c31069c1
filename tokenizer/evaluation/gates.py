"""Limits that fail an evaluation: `metric[group]>=x` on the command line, `evaluate.gates` in a recipe."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from datapipe.loading.located_yaml import suggest
from datapipe.output import RunError
from tokenizer.evaluation.counting import ALL
from tokenizer.evaluation.measuring import Evaluation
from tokenizer.evaluation.metrics import METRICS
from tokenizer.recipe import Gate

WRITTEN = re.compile(r"\s*(\w+)\s*(?:\[\s*(.+?)\s*\])?\s*(>=|<=)\s*([-+.\deE]+)\s*")


@dataclass(frozen=True)
class Verdict:
    """A gate, tried on a tokenizer."""

    tokenizer: str
    gate: Gate
    value: float | None

    @property
    def passes(self) -> bool:
        """Whether it holds; a figure that is not there holds nothing."""
        low, high = self.gate.min, self.gate.max
        return self.value is not None and (low is None or self.value >= low) and (high is None or self.value <= high)

    @property
    def line(self) -> str:
        """What came out, in a line."""
        found = "nothing to measure" if self.value is None else f"{self.value:.6g}"
        bounds = (("at least", self.gate.min), ("at most", self.gate.max))
        limits = " and ".join(f"{word} {limit:g}" for word, limit in bounds if limit is not None)
        return f"{self.tokenizer}: {self.gate.metric}[{self.gate.group}] is {found}, expected {limits}"


def parse_gate(written: str) -> Gate:
    """`bytes_per_token[en]>=4.2`; without a group `all`. Raises RunError."""
    found = WRITTEN.fullmatch(written)
    try:
        limit = float(found[4]) if found else None
    except ValueError:
        limit = None
    if found is None or limit is None:
        raise RunError(f"--gate {written!r}: expected METRIC[GROUP]>=NUMBER or METRIC[GROUP]<=NUMBER")
    low, high = (limit, None) if found[3] == ">=" else (None, limit)
    return Gate(found[1], found[2] or ALL, low, high)


def check_metrics(gates: Sequence[Gate]) -> None:
    """Refuse what is not measured, before anything is. Raises RunError."""
    for gate in gates:
        if gate.metric not in METRICS:
            raise RunError(f"gate: no metric {gate.metric!r}; {suggest(gate.metric, METRICS)}")
        if gate.min is None and gate.max is None:
            raise RunError(f"gate {gate.metric}[{gate.group}]: expected a min or a max")


def try_gates(gates: Sequence[Gate], evaluation: Evaluation) -> list[Verdict]:
    """Each gate on each tokenizer. Raises RunError for a group that the metric does not have."""
    verdicts = []
    for one in evaluation.tokenizers:
        for gate in gates:
            groups = one.figures[gate.metric]
            if gate.group not in groups:
                raise RunError(f"gate: {gate.metric} has no group {gate.group!r}; {suggest(gate.group, groups)}")
            verdicts.append(Verdict(one.named.name, gate, groups[gate.group].value))
    return verdicts
