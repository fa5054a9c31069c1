"""A stage maps a RecordBatch to a RecordBatch; the registry knows every stage by its name.

A stage is a frozen dataclass whose fields are its recipe keys. It keeps the rows and their order, declares the
columns it `reads` and `writes`, carries a `version`, and knows nothing of files, shards, Ray or recipes::

    @stage("uppercase")
    @dataclass(frozen=True)
    class Uppercase:
        '''Share of letters that are capitals; 0 for a text without letters.'''

        version: ClassVar = 1
        reads: ClassVar = ("text",)
        writes: ClassVar = pa.schema([pa.field("uppercase_fraction", pa.float64())])

        def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
            from datapipe.kernels.letters import uppercase_fraction  # numba loads where it is used

            values = uppercase_fraction(*text_buffers(batch["text"]))
            return write_columns(batch, self.writes, [pa.array(values)])

The contract that every registered stage keeps is tested once, for all of them, in `tests/stages/test_contract.py`.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import ConfigDict


class Stage(Protocol):
    """What the runner needs of a stage."""

    @property
    def version(self) -> int:
        """Raised whenever the same input may give another output: it is part of every fingerprint."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns that must be there."""

    @property
    def writes(self) -> pa.Schema:
        """Columns added or replaced, with their types."""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The same rows in the same order, with the columns of `writes` set and every other one untouched."""


STAGES: dict[str, type[Any]] = {}
"""Registered stages by name. The name is also the YAML key and the name of the stage's file."""

StageClass = TypeVar("StageClass", bound=type[Any])


def stage(name: str) -> Callable[[StageClass], StageClass]:
    """Register a frozen dataclass as the stage `name`. A name already taken is a ValueError."""

    def register(cls: StageClass) -> StageClass:
        taken = STAGES.get(name)
        # The same file imported again (a notebook, a worker) may register its own stage once more.
        if taken is not None and (taken.__module__, taken.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(f"stage name {name!r} is taken by {taken.__module__}.{taken.__qualname__}")
        cls.__pydantic_config__ = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)
        cls.stage_name = name
        STAGES[name] = cls
        return cls

    return register


def written_by(cls: type[Any]) -> pa.Schema:
    """The columns that a registered stage writes, with default options where they decide; none if some have none."""
    writes = getattr(cls, "writes", None)
    if isinstance(writes, property):
        missing = dataclasses.MISSING
        is_complete = all((one.default, one.default_factory) != (missing, missing) for one in dataclasses.fields(cls))
        writes = cls().writes if is_complete else None
    return writes if isinstance(writes, pa.Schema) else pa.schema([])


def _nobody(row: int) -> None:
    """Nobody watches."""


_listener: Callable[[int], None] = _nobody


def listen(listener: Callable[[int], None] | None) -> None:
    """Have `listener` told which row a stage is at; None: nobody."""
    global _listener
    _listener = listener or _nobody


def looking_at(row: int) -> None:
    """Say which row of its batch a stage begins to work on.

    A stage whose time goes into a Python loop over rows calls it in the loop: a row that takes longer than
    `record_cpu_seconds` is then known at once, instead of by taking its batch apart.
    """
    _listener(row)


def text_buffers(array: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Offsets (int64, rows + 1) and bytes of a large_string array without nulls: views, not copies.

    The offsets index the bytes absolutely, so a slice of a larger array works as it is. Both views are read-only,
    always, so that numba compiles each kernel for one signature.
    """
    if array.type != pa.large_string():
        raise TypeError(f"expected large_string, got {array.type}")
    if array.null_count:
        raise ValueError(f"expected no nulls, got {array.null_count}")
    _, offsets_buffer, data_buffer = array.buffers()
    if offsets_buffer is None or offsets_buffer.size == 0:
        offsets = np.zeros(1, np.int64)
    else:
        offsets = np.frombuffer(offsets_buffer, np.int64)[array.offset : array.offset + len(array) + 1]
    data = np.zeros(0, np.uint8) if data_buffer is None else np.frombuffer(data_buffer, np.uint8)
    offsets.flags.writeable = False
    data.flags.writeable = False
    return offsets, data


def write_columns(batch: pa.RecordBatch, schema: pa.Schema, arrays: Sequence[pa.Array]) -> pa.RecordBatch:
    """`batch` with the columns of `schema` set to `arrays`: an existing column keeps its place, a new one goes last."""
    columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    fields = {field.name: field for field in batch.schema}
    for field, array in zip(schema, arrays, strict=True):
        if array.type != field.type:
            raise TypeError(f"column {field.name!r} is declared {field.type}, got {array.type}")
        columns[field.name], fields[field.name] = array, field
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=pa.schema(list(fields.values())))
