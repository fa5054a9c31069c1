"""The course of a run: its plan with every number settled. It says alone which window every sample is, and which rate
every step has; checkpoints keep it, and two runs of equal courses see the same samples in the same order.

A **sample** is one window of `seq_len` + 1 tokens, counted from 0 over the whole run. A **stretch** is a run of steps
with one batch and one blend: a phase, or what of it is left after the plan was changed. Position p of a blend, counted
through all stretches in a row that have it, belongs to a domain, of which it is the ordinal-th sample, and inside it to
a unit; a unit's ordinal goes on from its cursor where the blend begins. So batches, and the edges of phases of one
blend, change no sample.
"""

import dataclasses
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PARTS = 1 << 20
"""Whole parts that a blend is divided into on each of its two levels."""
ByUnit = Mapping[str, Mapping[str, int]]
"""A number for every unit, by domain."""


@dataclass(frozen=True)
class Parts:
    """A blend in whole parts: of PARTS samples, so many are of a domain; of PARTS of a domain, so many of a unit."""

    domains: Mapping[str, int]
    units: ByUnit


@dataclass(frozen=True)
class Stretch:
    """Steps with one batch and one blend."""

    phase: str
    first: int
    """The sample it begins at."""
    end: int
    """The sample it ends before: `end - first` is a multiple of `batch`."""
    batch: int
    parts: Parts
    cursors: ByUnit
    """Samples of every unit before `first`, in this run and those it went on from."""
    gpus: int | None = None


@dataclass(frozen=True)
class SettledRate:
    """A piece of the learning rate between two numbers of samples seen."""

    shape: str
    first: int
    end: int
    start_rate: float
    end_rate: float


@dataclass(frozen=True)
class Course:
    """All that determines the order of samples and the rate of steps."""

    seed: int
    seq_len: int
    windows: ByUnit
    """Of every unit."""
    data: str
    """Fingerprint of the token shards; `sizes` where the plan was reckoned from sizes only."""
    stretches: tuple[Stretch, ...]
    rates: tuple[SettledRate, ...]
    drawn_from: ByUnit = field(default_factory=dict)
    """Windows in all of the units whose `windows` are a sample of them; courses before there were samples have none."""


def course_json(course: Course) -> str:
    """The course as the text of `course.json`: equal courses have equal texts, one number a line."""
    return json.dumps(dataclasses.asdict(course), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def read_course(text: str) -> Course:
    """The course of such a text. Raises ValueError for another text."""
    course = _types().validate_json(text, strict=True)
    assert isinstance(course, Course)
    return course


@functools.cache
def _types() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Course)
