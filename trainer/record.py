"""What a checkpoint says of itself beside its tensors: `state.json`, written last of all. No torch here.

The learning rate is not in it: it follows from the course and `samples_seen`, and nothing else may say it.
"""

import dataclasses
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import xxhash
from pydantic import Field

from datapipe.output import RunError
from datapipe.recipe import STRICT
from trainer.course import Course
from trainer.divergence import Tracked
from trainer.plan import Checkpoints, Optimizer
from trainer.shapes import Shape
from trainer.sums import FileSum, sum_of

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FILE = "state.json"
UNSEALED = b' "seal": ""\n}\n'
"""What `state.json` ends with before it is sealed."""
MODEL, OPTIMIZER = "model.safetensors", "optimizer.safetensors"

NotNegative = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class Vocabulary:
    """What token ids mean."""

    tokenizer: str
    """Name of the folder of tokens, or of what stands for it."""
    fingerprint: str
    """Of the model, "" where it is not known: ids of another one mean other pieces."""
    model_sha256: str = ""
    """Of `tokenizer.model`, "" where there is none."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Terms:
    """All that a run keeps to from its first step to its last; with other terms it would be another run.

    What is not here may change from one start of a run to the next: micro batches, recomputation, compiling, logs,
    intervals of checkpoints and validations, when to stop.
    """

    course: Course
    """Without stretches where the model was trained elsewhere."""
    shape: Shape
    vocabulary: Vocabulary
    optimizer: Optimizer = field(default_factory=Optimizer)
    precision: Literal["bf16", "fp32"] = "bf16"
    document_mask: bool = False

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Origin:
    """The checkpoint of another run that this one began with."""

    path: str
    digest: str
    """xxh3-128 of its `state.json`, which holds the sums of its other files."""
    name: str
    """Of the model it is of."""
    samples_seen: NotNegative
    """In that run."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Record:
    """Where a run is."""

    name: str
    """Of the model, as the plan has it."""
    samples_seen: NotNegative
    step: NotNegative
    """Batches so far, skipped ones among them."""
    terms: Terms
    changed_at: NotNegative | None = None
    """Samples seen when the plan was last changed: the course is the present plan's from there on only."""
    optimizer_steps: Mapping[str, NotNegative] = field(default_factory=dict)
    """Updates of every parameter so far, as AdamW corrects its moments by; skipped steps are none."""
    tracked: Tracked = field(default_factory=Tracked)
    """What tells divergence."""
    plan: str = ""
    """Its text, for people,"""
    settings: tuple[str, ...] = ()
    """and what `--set` changed."""
    origin: Origin | None = None
    retention: Checkpoints = field(default_factory=Checkpoints)
    """Which checkpoints stay, by that plan."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of what wrote it."""
    files: Mapping[str, FileSum] = field(default_factory=dict)
    """The others of the checkpoint, by name."""
    seal: str = ""
    """xxh3-128 of this file with nothing here."""

    __pydantic_config__ = STRICT

    @property
    def course(self) -> Course:
        """What samples and rates follow."""
        return self.terms.course


class Damaged(RunError):
    """A checkpoint that is none, or no longer: the message names the file and says what is wrong."""


def record_bytes(record: Record) -> bytes:
    """`state.json`, sealed: the same bytes for the same record."""
    open_ = f"{json.dumps(dataclasses.asdict(dataclasses.replace(record, seal='')), ensure_ascii=False, indent=1)}\n"
    return sealed(open_.encode())


def sealed(data: bytes) -> bytes:
    """With the sum of it in it."""
    seal = xxhash.xxh3_128_hexdigest(data).encode()
    return data.removesuffix(UNSEALED) + UNSEALED.replace(b'""', b'"' + seal + b'"')


def read_record(folder: Path) -> Record:
    """What a checkpoint says of itself; its other files are not looked at. Raises Damaged."""
    from pydantic import ValidationError

    path = folder / FILE
    data = _read(path)
    try:
        record = _types().validate_json(data, strict=True)
    except ValidationError as failure:
        first = failure.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise Damaged(f"{path}{f', {place}' if place else ''}: {first['msg']}") from None
    if not record.seal or sealed(data.replace(record.seal.encode(), b"")) != data:
        raise Damaged(f"{path}: its sum is not the one in it (seal): it is not what was written")
    if any(one.batch < 1 or one.end <= one.first for one in record.course.stretches):
        raise Damaged(f"{path}, terms.course.stretches: no steps in one of them")
    return record


def check_files(folder: Path, record: Record, sizes_only: bool = False) -> None:
    """Whether the files of a checkpoint are those that were written. Raises Damaged."""
    for name in (MODEL, OPTIMIZER):
        path, expected = folder / name, record.files.get(name)
        if expected is None:
            raise Damaged(f"{folder / FILE}: names no {name}")
        try:
            size = path.stat().st_size
            found = sum_of(path) if size == expected.bytes and not sizes_only else None
        except OSError as error:
            raise Damaged(f"{path}: {error.strerror}") from None
        if size != expected.bytes:
            raise Damaged(f"{path}: {size:,} bytes, {expected.bytes:,} were written")
        if found is not None and found != expected:
            raise Damaged(f"{path}: its sum is {found.xxh3_128}, that of what was written {expected.xxh3_128}")


def _read(path: Path) -> bytes:
    """The bytes of a small file. Raises Damaged."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Damaged(f"{path}: not there, so this is no checkpoint, or not a whole one") from None
    except OSError as error:
        raise Damaged(f"{path}: {error.strerror}") from None


def digest_of(folder: Path) -> str:
    """What tells this checkpoint from every other. Raises Damaged."""
    return xxhash.xxh3_128_hexdigest(_read(folder / FILE))


@functools.cache
def _types() -> "TypeAdapter[Record]":
    from pydantic import TypeAdapter

    return TypeAdapter(Record)
