"""Tensors in a file of the safetensors form, written one at a time.

`safetensors.torch.save_file` writes the same bytes (a test compares them), but brings all tensors of a GPU to the host
first, tells nothing of what it wrote, and its errors are none of the operating system's.
"""

import json
import os
from collections.abc import Iterator, Mapping
from itertools import accumulate, pairwise
from pathlib import Path

import torch
import xxhash
from safetensors import SafetensorError, safe_open
from torch import Tensor

from trainer.checkpointing.state_file import Damaged
from trainer.checkpointing.sums import FileSum

ALIGNMENT = 8
"""Bytes that the header is a multiple of, by spaces at its end."""
DTYPES = {torch.float32: "F32", torch.bfloat16: "BF16"}
"""What may be written, by its name in the header."""


def header_of(
    tensors: Mapping[str, Tensor], dtype: torch.dtype = torch.float32, notes: Mapping[str, str] | None = None
) -> bytes:
    """What stands before the tensors: eight bytes of length, then JSON. All are of `dtype`, in order of their names."""
    names = sorted(tensors)
    edges = accumulate((tensors[name].numel() * dtype.itemsize for name in names), initial=0)
    entries: dict[str, object] = {"__metadata__": dict(notes)} if notes else {}
    entries |= {
        name: {"dtype": DTYPES[dtype], "shape": list(tensors[name].shape), "data_offsets": list(offsets)}
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
) -> FileSum:
    """Write fp32 tensors, as `dtype`, down to the disk. Beside them one at most takes memory, and on CPUs none where
    they stay fp32. Raises OSError."""
    digest, size = xxhash.xxh3_128(), 0
    with path.open("wb", buffering=0) as file:
        for data in _portions(tensors, dtype, notes):
            digest.update(data)
            size += len(data)
            while len(data):  # Linux writes 2 GB at once at most
                data = data[file.write(data) :]
            data.release()  # or it would hold this tensor while the next is converted
        os.fsync(file.fileno())
    return FileSum(size, digest.hexdigest())


def _portions(
    tensors: Mapping[str, Tensor], dtype: torch.dtype, notes: Mapping[str, str] | None
) -> Iterator[memoryview]:
    yield memoryview(header_of(tensors, dtype, notes))
    for name in sorted(tensors):
        if tensors[name].dtype != torch.float32:
            raise ValueError(f"{name} is of {tensors[name].dtype}: checkpoints hold fp32")
        host = tensors[name].detach().cpu().to(dtype).contiguous()
        yield host.reshape(-1).view(torch.uint8).numpy().data
        del host


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a file, mapped into memory where the library can. Raises Damaged for what is no such file."""
    try:
        with safe_open(path, framework="pt") as file:
            found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    except (SafetensorError, OSError) as error:
        raise Damaged(f"{path}: {error}") from None
    for name, tensor in found.items():
        if tensor.dtype != torch.float32:
            raise Damaged(f"{path}: {name} is of {tensor.dtype}, expected torch.float32")
    return found
