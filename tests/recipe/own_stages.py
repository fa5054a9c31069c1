"""Stages of the tests' own, and recipes that are a few lists of steps."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from datapipe.stage import STAGES, stage


@contextlib.contextmanager
def own_stages() -> Iterator[None]:
    """A stage that rewrites, one that measures the text, one that measures a measurement, one of another type."""

    @dataclass(frozen=True)
    class Rewrite:
        version: ClassVar = 1
        reads: ClassVar = ("text",)
        writes: ClassVar = pa.schema([pa.field("text", pa.large_string()), pa.field("cut_count", pa.int64())])

    @dataclass(frozen=True)
    class Measure:
        version: ClassVar = 1
        reads: ClassVar = ("text",)
        writes: ClassVar = pa.schema([pa.field("length", pa.int64())])

    @dataclass(frozen=True)
    class Derive:
        version: ClassVar = 1
        reads: ClassVar = ("length",)
        writes: ClassVar = pa.schema([pa.field("half_length", pa.float64())])

    @dataclass(frozen=True)
    class Words:
        version: ClassVar = 1
        reads: ClassVar = ("url",)
        writes: ClassVar = pa.schema([pa.field("length", pa.string())])

    own = {"own_rewrite": Rewrite, "own_measure": Measure, "own_derive": Derive, "own_words": Words}
    for name, cls in own.items():
        stage(name)(cls)
    try:
        yield
    finally:
        for name in own:
            del STAGES[name]


def recipe(first: str, *later: str, domain: str = "{name: all, weight: 1}", more: str = "") -> str:
    """A recipe with these steps in its passes (line 4 is the first pass)."""
    passes = "".join(f"  - {{name: p{number}, steps: [{steps}]}}\n" for number, steps in enumerate((first, *later)))
    sources = (
        "[{name: a, reader: jsonl, paths: [a], extra_columns: {stars: int, topic: string, spam: bool, heat: float}}]"
    )
    return f"name: small\noutput: out\nsources: {sources}\npasses:\n{passes}domains:\n  - {domain}\n{more}"
