"""Tensors in a file of the safetensors form, written one at a time.

`safetensors.torch.save_file` writes the same bytes (a test compares them), but brings all tensors of a GPU to the host
first, tells nothing of what it wrote, and its errors are none of the operating system's.
"""

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import torch
import xxhash
from safetensors import SafetensorError, safe_open
from torch import Tensor

from trainer.checkpointing.parts import Box, Part
from trainer.checkpointing.state_file import Damaged
from trainer.checkpointing.sums import FileSum

ALIGNMENT = 8
"""Bytes that the header is a multiple of, by spaces at its end."""
DTYPES = {torch.float32: "F32", torch.bfloat16: "BF16"}
"""What may be written, by its name in the header."""
NAMED = {name: dtype for dtype, name in DTYPES.items()}
SHARDING, OFFSETS = "DCP_SHARDING_INFO", "saved_offsets"
"""Of torch.distributed.checkpoint's HuggingFaceStorageReader."""
LARGEST = 1 << 48
"""A tensor has fewer numbers in any dim."""


def header_of(
    shapes: Mapping[str, Sequence[int]], dtype: torch.dtype = torch.float32, notes: Mapping[str, str] | None = None
) -> bytes:
    """What stands before the tensors: eight bytes of length, then JSON. All are of `dtype`, in order of their names."""
    names = sorted(shapes)
    edges = accumulate((math.prod(shapes[name]) * dtype.itemsize for name in names), initial=0)
    entries: dict[str, object] = {"__metadata__": dict(notes)} if notes else {}
    entries |= {
        name: {"dtype": DTYPES[dtype], "shape": list(shapes[name]), "data_offsets": list(offsets)}
        for name, offsets in zip(names, pairwise(edges), strict=True)
    }
    text = json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return len(text).to_bytes(8, "little") + text


def write_tensors(
    path: Path,
    tensors: Mapping[str, Tensor],
    dtype: torch.dtype = torch.float32,
    notes: Mapping[str, str] | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
) -> FileSum:
    """Write fp32 tensors, as `dtype`, down to the disk. Beside them one at most takes memory, and on CPUs none where
    they stay fp32. With `shapes` each is asked for once, when it is its turn. Raises OSError."""
    header = header_of(shapes or {name: tensor.shape for name, tensor in tensors.items()}, dtype, notes)
    digest, size = xxhash.xxh3_128(), 0
    with path.open("wb", buffering=0) as file:
        for data in _portions(header, tensors, dtype):
            digest.update(data)
            size += len(data)
            while len(data):  # Linux writes 2 GB at once at most
                data = data[file.write(data) :]
            data.release()  # or it would hold this tensor while the next is converted
        os.fsync(file.fileno())
    return FileSum(size, digest.hexdigest())


def _portions(header: bytes, tensors: Mapping[str, Tensor], dtype: torch.dtype) -> Iterator[memoryview]:
    yield memoryview(header)
    for name in sorted(tensors):
        tensor = tensors[name]
        if tensor.dtype != torch.float32:
            raise ValueError(f"{name} is of {tensor.dtype}: checkpoints hold fp32")
        host = tensor.detach().cpu().to(dtype).contiguous()
        del tensor
        yield host.reshape(-1).view(torch.uint8).numpy().data
        del host


def sharding_note(firsts: Mapping[str, Sequence[int]]) -> dict[str, str]:
    """What the header says of parts of tensors: where each begins, as torch's own writer of this form says it."""
    return {SHARDING: json.dumps({name: {OFFSETS: list(first)} for name, first in sorted(firsts.items())})}


def parts_in(path: Path) -> dict[str, Part]:
    """The tensors of a file, or what it has of them. Raises Damaged for what is no such file."""
    try:
        with safe_open(path, framework="pt") as file:  # which checks that every tensor has its place in the file
            types = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118 - it is no mapping
            notes = file.metadata() or {}
        with path.open("rb") as raw:
            length = int.from_bytes(raw.read(8), "little")
            header = json.loads(raw.read(length))
    except (SafetensorError, OSError) as error:
        raise Damaged(f"{path}: {error}") from None
    for name, kind in types.items():
        if kind != DTYPES[torch.float32]:
            raise Damaged(f"{path}: {name} is of {NAMED.get(kind, kind)}, expected torch.float32")
    firsts = _firsts(path, notes)
    found = {}
    for name in types:
        shape = tuple(header[name]["shape"])
        first = firsts.get(name, (0,) * len(shape)) if not firsts else firsts.get(name)
        if first is None or len(first) != len(shape):
            raise Damaged(f"{path}: {name}: where it begins is not said ({SHARDING})")
        found[name] = Part(Box(first, shape), path.name, 8 + length + header[name]["data_offsets"][0])
    return found


def _firsts(path: Path, notes: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
    """Where tensors begin that are parts; none where all are whole. Raises Damaged."""
    if SHARDING not in notes:
        return {}
    try:
        said = json.loads(notes[SHARDING])
        firsts = {name: tuple(one[OFFSETS]) for name, one in said.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Damaged(f"{path}: what it says of parts ({SHARDING}) is not in its form") from None
    for name, first in firsts.items():
        if not all(type(one) is int and 0 <= one < LARGEST for one in first):
            raise Damaged(f"{path}: {name}: begins at {list(first)} ({SHARDING})")
    return firsts
