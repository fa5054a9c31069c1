"""Size and digest of a file. No torch here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import xxhash
from pydantic import Field

from datapipe.strict import STRICT

READ_BYTES = 8 << 20
"""Read at once."""


@dataclass(frozen=True)
class FileSum:
    """A file, as it was written."""

    bytes: Annotated[int, Field(ge=0)]
    xxh3_128: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]

    __pydantic_config__ = STRICT


def sum_of(path: Path) -> FileSum:
    """What stands in a file now. Raises OSError."""
    digest, size = xxhash.xxh3_128(), 0
    buffer = memoryview(bytearray(READ_BYTES))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
            size += count
    return FileSum(size, digest.hexdigest())
