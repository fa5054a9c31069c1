"""Limits that fail an evaluation: `metric[group]>=x` on the command line, `evaluate.gates` in a recipe."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from datapipe.loading.located_yaml import suggest
from datapipe.output import RunError
from tokenizer.evaluation.counting import ALL, groups_of
from tokenizer.evaluation.measuring import Evaluation
from tokenizer.evaluation.metrics import METRICS
from tokenizer.evaluation.parallel_text import ParallelText
from tokenizer.evaluation.texts import Texts
from tokenizer.evaluation.vocabulary import digit_scripts
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


def check_gates(gates: Sequence[Gate], texts: Texts, parallel: ParallelText) -> None:
    """Refuse what is not measured, before anything is. Raises RunError."""
    groups = {
        "all": [ALL],
        "texts": [group.name for group in groups_of(texts.cells)],
        "parallel": list(parallel.texts),
        "digits": [ALL, *digit_scripts()],
    }
    for gate in gates:
        if gate.metric not in METRICS:
            raise RunError(f"gate: no metric {gate.metric!r}; {suggest(gate.metric, METRICS)}")
        there = groups[METRICS[gate.metric].groups]
        if gate.group not in there:
            raise RunError(f"gate: {gate.metric} has no group {gate.group!r}; {suggest(gate.group, there)}")
        if gate.min is None and gate.max is None:
            raise RunError(f"gate {gate.metric}[{gate.group}]: expected a min or a max")


def try_gates(gates: Sequence[Gate], evaluation: Evaluation) -> list[Verdict]:
    """Each gate on each tokenizer."""
    return [
        Verdict(one.named.name, gate, one.figures[gate.metric][gate.group].value)
        for one in evaluation.tokenizers
        for gate in gates
    ]
