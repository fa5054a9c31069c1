"""What a sweep has found: all candidates, the front, the knee; as a table and as `weights.json`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from datapipe import storage
from datapipe.report.words import visible
from tokenizer.sweep.candidates import Candidate
from tokenizer.sweep.measuring import Measured
from tokenizer.sweep.pareto import Point, front, knee

TITLE = "Bytes per token of English, parity (tokens over English ones) of the language worst off, shares of the text"


@dataclass(frozen=True)
class Trained:
    """A candidate and what its vocabulary is worth."""

    candidate: Candidate
    measured: Measured

    @property
    def point(self) -> Point:
        """Its place."""
        return Point(self.candidate.name, self.measured.english, self.measured.parities[self.measured.worst])

    def domain_shares(self) -> dict[str, float]:
        """Share of the text trained on, by domain."""
        found: dict[str, float] = {}
        for (domain, _), share in self.candidate.shares.items():
            found[domain] = found.get(domain, 0.0) + share
        return found


@dataclass(frozen=True)
class Result:
    """Of a sweep with at least one vocabulary."""

    trained: Sequence[Trained]
    """In the order in which they were asked for."""
    failed: Mapping[str, str]
    """Why the others have no vocabulary."""
    vocab_size: int
    counts: str
    """Fingerprint of the counts."""

    @cached_property
    def front(self) -> list[Point]:
        """What no other candidate beats."""
        return front([one.point for one in self.trained])

    @cached_property
    def chosen(self) -> Trained:
        """The knee of the front."""
        name = knee(self.front).name
        return next(one for one in self.trained if one.candidate.name == name)

    def is_on_front(self, one: Trained) -> bool:
        """Whether no other candidate beats it."""
        return one.point in self.front

    def by_cost(self) -> list[Trained]:
        """All, the language worst off at the best first."""
        return sorted(self.trained, key=lambda one: (one.point.cost, -one.point.gain, one.candidate.name))


def as_json(result: Result) -> bytes:
    """`weights.json`: `shares` is what `train.weights.file` takes; the rest says where they are from."""
    shares = {"/".join(unit): share for unit, share in result.chosen.candidate.shares.items()}
    page = {
        "weights": result.chosen.candidate.name,
        "shares": shares,
        "vocab_size": result.vocab_size,
        "counts": result.counts,
        "candidates": [_entry(result, one) for one in result.trained],
        "failed": dict(result.failed),
    }
    return (json.dumps(page, ensure_ascii=False, indent=1) + "\n").encode()


def _entry(result: Result, one: Trained) -> dict[str, Any]:
    return {
        "weights": one.candidate.name,
        "english_bytes_per_token": one.point.gain,
        "worst_parity": one.point.cost,
        "worst_language": one.measured.worst,
        "on_front": result.is_on_front(one),
        "domains": one.domain_shares(),
    }


def print_result(result: Result, console: Console, folder: str) -> None:
    """A table of all candidates, the front marked, the knee in bold; and where it lies in the output `folder`."""
    domains = list(result.trained[0].domain_shares())
    table = Table(title=TITLE, box=box.SIMPLE_HEAD, title_justify="left", title_style="", padding=(0, 1, 0, 0))
    table.add_column("weights", overflow="fold")
    for name in ("English", "parity", "of", *domains, ""):
        table.add_column(name, justify="right", overflow="fold")
    for one in result.by_cost():
        mark = "knee" if one is result.chosen else "front" if result.is_on_front(one) else ""
        shares = (f"{100 * share:.1f} %" for share in one.domain_shares().values())
        cells = (
            one.candidate.name,
            f"{one.point.gain:.3f}",
            f"{one.point.cost:.2f}",
            one.measured.worst,
            *shares,
            mark,
        )
        table.add_row(*(Text(cell, style="bold" if mark == "knee" else "") for cell in cells))
    console.print(table)
    for name, why in result.failed.items():
        console.print(Text(f"{name}: no vocabulary: {why}"), soft_wrap=True)
    for what, file in (("report", "weights.html"), ("weights", "weights.json")):
        console.print(Text(visible(f"{what:<8} {storage.join(folder, 'weights', file)}")), soft_wrap=True)
    console.print(Text("the knee's shares are in weights.json: train.weights.file takes it"), soft_wrap=True)
