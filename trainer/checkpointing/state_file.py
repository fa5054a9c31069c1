"""`state.json` of a checkpoint, written last: its record, sealed, with the sums of the other files. No torch here."""

import dataclasses
import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import xxhash

from datapipe.output import RunError
from trainer.checkpointing.record import Record
from trainer.checkpointing.sums import sum_of

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FILE = "state.json"
SUFFIX = ".safetensors"
UNSEALED = b' "seal": ""\n}\n'
"""What `state.json` ends with before it is sealed."""
MODEL, OPTIMIZER = "model.safetensors", "optimizer.safetensors"
"""What one process writes; of several each writes its part: `model-00002-of-00004.safetensors`."""


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


def part_name(kind: str, number: int, count: int) -> str:
    """The file of MODEL or OPTIMIZER that the process `number`, from 0, of `count` writes."""
    return kind if count == 1 else f"{kind.removesuffix(SUFFIX)}-{number + 1:05}-of-{count:05}{SUFFIX}"


def part_names(folder: Path, record: Record, kind: str) -> list[str]:
    """The files of MODEL or OPTIMIZER, in order. Raises Damaged where the checkpoint is not of all parts and these
    alone."""
    count = max(1, len(record.files) // 2)
    expected = {one: [part_name(one, number, count) for number in range(count)] for one in (MODEL, OPTIMIZER)}
    for name in expected[MODEL] + expected[OPTIMIZER]:
        if name not in record.files:
            raise Damaged(f"{folder / FILE}: names no {name}")
    if len(record.files) > 2 * count:
        unknown = min(record.files.keys() - {*expected[MODEL], *expected[OPTIMIZER]})
        raise Damaged(f"{folder / FILE}: names {unknown!r} beside the files of a checkpoint")
    return expected[kind]


def check_files(
    folder: Path,
    record: Record,
    sizes_only: bool = False,
    kinds: Sequence[str] = (MODEL, OPTIMIZER),
    share: int = 0,
    of: int = 1,
) -> None:
    """Whether the files of a checkpoint are those that were written; of several processes that ask, each looks at its
    share of them. Raises Damaged."""
    names = [name for kind in kinds for name in part_names(folder, record, kind)]
    for name in names[share::of]:
        path, expected = folder / name, record.files[name]
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
