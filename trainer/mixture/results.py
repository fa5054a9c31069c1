"""`results.jsonl`: what came of every run of a swarm, one line each, written by `run` and `import`."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from datapipe import storage
from trainer.mixture.json_file import checked

FILE = "results.jsonl"


@dataclass(frozen=True)
class Measurement:
    """A run at one of its checkpoints."""

    tokens: int
    """Trained on so far; 0 where an import does not tell."""
    targets: Mapping[str, float | None]
    """Bits per byte by `domain` and `domain/unit`; of imported evidence columns as they are. Lower is better. None: not
    finite, or not measured."""


@dataclass(frozen=True)
class Result:
    """One run that came to an end."""

    run: str
    status: Literal["done", "diverged", "failed"]
    why: str
    """"" where it is done."""
    measurements: tuple[Measurement, ...]
    """In order of tokens; the last is what is fitted. May be empty where it is not done."""
    seconds: float
    flops: float
    device: str


def result_json(result: Result) -> str:
    """A line of the file, without its end."""
    return json.dumps(dataclasses.asdict(result), ensure_ascii=False, allow_nan=False)


def read_result(line: bytes, place: str) -> Result:
    """Such a line. Raises RunError that names `place`."""
    return checked(line, Result, place)


def read_results(output: Path) -> tuple[Result, ...]:
    """In the order of the file; () where there is none. Raises RunError that names the line."""
    path = output / FILE
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return ()
    return tuple(read_result(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip())


def write_results(output: Path, results: Iterable[Result]) -> None:
    """Atomically, in order of ids."""
    ordered = sorted(results, key=lambda one: one.run)
    storage.write_bytes(str(output / FILE), "".join(f"{result_json(one)}\n" for one in ordered).encode())
