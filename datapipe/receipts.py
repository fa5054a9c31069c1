"""A receipt is what a finished shard task leaves, written last: what it read, what it wrote, what it dropped and why.

A file exists only if a receipt names it; folders are never listed to find data. A receipt with the right fingerprints,
whose outputs have the right sizes, means that the work is done.
"""

import dataclasses
import functools
import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from datapipe import storage
from datapipe.isolation.supervision import begin_task
from datapipe.observing.peak_memory import peak_bytes
from datapipe.output import RunError
from datapipe.reader import Part, Position
from datapipe.storage import Output


@dataclass(frozen=True)
class Place:
    """Where the reading of a group of files goes on: the file's position in the group, and the position in it."""

    file: int
    offset: int = 0
    within: int = 0
    record: int = 0
    cut: int | None = None
    """Number of the cut that begins there; None: the next one."""
    member: int = 0
    """As in `Position`."""


def number_behind(cut: int, following: Place) -> int:
    """Number of the cut that begins at `following`, where cut number `cut` ends."""
    return cut + 1 if following.cut is None else following.cut


@dataclass(frozen=True)
class Count:
    """Documents of one language that left at a step for a reason, or (`reason` empty) stayed."""

    language: str
    step: str
    reason: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class UnitCount:
    """Documents that one shard gives to one unit of a domain."""

    domain: str
    unit: str
    documents: int
    bytes: int
    ladder: tuple[int, ...]
    """How many of them have a hash below each step of the holdout ladder (`datapipe.passes.holdout`)."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One finished shard of one pass."""

    pass_name: str
    shard: str
    fingerprint: str
    """Of the pass."""
    input_fingerprint: str
    """Of what the task read."""
    rows_in: int = 0
    rows_out: int = 0
    bytes_in: int = 0
    """Text bytes read; `bytes_read` counts the bytes of the files as stored."""
    bytes_out: int = 0
    bytes_read: int = 0
    quarantined: int = 0
    passages: int = 0
    """Of the phases of a pass with `repeated`: those found, different in a group, repeated; units that go."""
    passed_over: dict[str, int] = field(default_factory=dict)
    """Records of the sources that are no documents, by what they are."""
    counts: tuple[Count, ...] = ()
    failed: dict[str, int] = field(default_factory=dict)
    """Rows that each reason fails, whether or not it was the first."""
    cluster_sizes: dict[str, list[int]] = field(default_factory=dict)
    """Documents that a round of duplicates keeps and drops, by the size of their cluster (the least of a class)."""
    largest_clusters: dict[str, int] = field(default_factory=dict)
    """Sizes of the largest clusters of a round, by the id of the survivor."""
    units: Sequence[UnitCount] = ()
    held_out: Sequence[UnitCount] = ()
    """Documents set apart for validation (`gather` only; `units` then are the others)."""
    figures: dict[str, dict[str, int]] = field(default_factory=dict)
    """What tasks of other packages measure, by names of their own: `{"lost_bytes": {"english/web": 70000}}`."""
    outputs: tuple[Output, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    step_seconds: dict[str, float] = field(default_factory=dict)
    peak_mb: float = 0.0
    """Of the process: with Ray since the task began, inline since the process did."""
    node: str = ""
    """Name of the machine that did the work."""
    reused: bool = False
    """Set when a finished receipt is read back: this run did not do the work."""
    next: Place | None = None
    """Of a cut of the first pass: where the next cut begins; None at the end of the files."""
    parts: tuple[Part, ...] = ()
    """Of a large file that was looked through for places to cut at: what can be read apart."""

    def output(self, kind: str) -> Output | None:
        """The output whose path begins with the folder `kind`."""
        return next((one for one in self.outputs if one.path.startswith(kind + "/")), None)


def receipt_path(pass_name: str, shard: str) -> str:
    """Path of a receipt in the output folder."""
    return f"receipts/{pass_name}/{shard}.json"


def write_receipt(folder: str, receipt: Receipt) -> None:
    """Write it, whole: the shard is done from this moment."""
    data = json.dumps(dataclasses.asdict(receipt), ensure_ascii=False, separators=(",", ":"))
    storage.write_bytes(storage.join(folder, receipt_path(receipt.pass_name, receipt.shard)), data.encode())


def read_receipt(folder: str, pass_name: str, shard: str) -> Receipt | None:
    """The receipt of a shard, None when there is none or it is not one."""
    try:
        data = storage.read_bytes(storage.join(folder, receipt_path(pass_name, shard)))
        _types().validate_json(data, strict=True)
        return _receipt(json.loads(data))
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


@functools.cache
def _types() -> Any:
    """The types of a receipt's fields: a number that somebody made a word of must not end a run far from here."""
    from pydantic import TypeAdapter  # 100 ms that `import datapipe` need not pay

    return TypeAdapter(Receipt)


def _receipt(data: dict[str, Any]) -> Receipt:
    data["counts"] = tuple(Count(**one) for one in data["counts"])
    for key in ("units", "held_out"):
        data[key] = tuple(UnitCount(**{**one, "ladder": tuple(one["ladder"])}) for one in data[key])
    data["outputs"] = tuple(Output(**one) for one in data["outputs"])
    data["next"] = Place(**data["next"]) if data["next"] else None
    data["parts"] = tuple(Part(**{**one, "start": Position(**one["start"])}) for one in data.get("parts", ()))
    return Receipt(**data)


_refusal: ContextVar[str] = ContextVar("refusal", default="")


@contextmanager
def nothing_is_done(why: str) -> Iterator[None]:
    """In this block tasks find what is finished; one that has anything to do raises RunError with `why`."""
    before = _refusal.set(why)
    try:
        yield
    finally:
        _refusal.reset(before)


def finished(
    folder: str, pass_name: str, shard: str, fingerprint: str, input_fingerprint: str, verify: bool = False
) -> Receipt | None:
    """The receipt of a shard that is done: right fingerprints, outputs of the right size (`verify`: and sum).

    Any other receipt goes: its outputs are about to be overwritten, and should the process die before it writes the
    new receipt, nothing may vouch for them to someone who goes back to the old recipe. Whoever watches the process is
    told what is made next. In a block of `nothing_is_done` the receipt stays, and RunError is raised.
    """
    receipt = read_receipt(folder, pass_name, shard)
    found = None if receipt is None else (receipt.fingerprint, receipt.input_fingerprint)
    is_right = found == (fingerprint, input_fingerprint)
    if receipt is not None and is_right and all(_is_intact(folder, output, verify) for output in receipt.outputs):
        return dataclasses.replace(receipt, reused=True)
    if _refusal.get():
        raise RunError(_refusal.get())
    if receipt is not None:
        storage.remove(storage.join(folder, receipt_path(pass_name, shard)))
    begin_task(pass_name, shard)
    return None


def _is_intact(folder: str, output: Output, verify: bool) -> bool:
    path = storage.join(folder, output.path)
    if storage.size_of(path) != output.bytes:
        return False
    if not verify:
        return True
    with storage.open_raw(path) as stream:
        digest = hashlib.sha256()
        while block := stream.read(storage.READ_BYTES):
            digest.update(block)
    return digest.hexdigest() == output.sha256


def relative(output: Output, folder: str) -> Output:
    """The same output with its path relative to the output folder."""
    return dataclasses.replace(output, path=output.path.removeprefix(folder.rstrip("/") + "/"))


class Stopwatch:
    """Seconds per step of a task, and the task's own cost."""

    def __init__(self) -> None:
        """Start."""
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        self.steps: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add the CPU seconds of the block to `name`."""
        start = time.process_time()
        try:
            yield
        finally:
            self.steps[name] = self.steps.get(name, 0.0) + time.process_time() - start

    def costs(self) -> dict[str, Any]:
        """The receipt's fields about cost, from the start of the watch to now."""
        return {
            "seconds": round(time.perf_counter() - self._wall, 3),
            "cpu_seconds": round(time.process_time() - self._cpu, 3),
            "step_seconds": {name: round(seconds, 4) for name, seconds in self.steps.items()},
            "node": os.uname().nodename,
            "peak_mb": round(peak_bytes() / 1e6, 1),
        }


def leave_receipt(folder: str, receipt: Receipt, watch: Stopwatch) -> Receipt:
    """Write what a task leaves at its end: outputs by their paths in the folder, and what the task has cost."""
    outputs = tuple(relative(output, folder) for output in receipt.outputs)
    done = dataclasses.replace(receipt, outputs=outputs, **watch.costs())
    write_receipt(folder, done)
    return done
