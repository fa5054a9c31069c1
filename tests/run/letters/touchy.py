"""A stage and a reader that do to their process what a text says: records that no process survives."""

import ctypes
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from datapipe.reader import READER_SCHEMA, Delivery, Position, ReadOptions, SourceFile, reader
from datapipe.stage import looking_at, stage, write_columns


def suffer(text: str) -> None:
    """Crash, exit, loop or grow, where the text says so."""
    if "SEGFAULT" in text:
        ctypes.string_at(0)
    elif "EXIT" in text:
        os._exit(3)
    elif "LOOP" in text:
        while True:
            pass
    elif "REGEX" in text:  # in C, holding the interpreter
        re.match(r"(a+)+$", "a" * 60 + "b")
    elif "KERNEL" in text:
        spin()(1)
    elif "MEMORY" in text:
        held = []
        while True:
            held.append(bytearray(b"x" * (8 << 20)))
    elif "KILLED" in text:  # as from outside: once where a path follows, else always
        mark = Path(text.partition("KILLED ")[2] or "/nowhere/at/all")
        if not mark.exists():
            if mark.parent.exists():
                mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    elif "RAISE" in text:
        raise ValueError("raised")


def spin():
    """A kernel that never ends."""
    import numba

    @numba.njit
    def run(step):
        value = 1
        while value != 0:
            value = (value * 3 + step) | 1
        return value

    return run


@stage("touchy")
@dataclass(frozen=True)
class Touchy:
    """Size of the text, if it lets itself be measured."""

    version: ClassVar = 1
    reads: ClassVar = ("text",)
    writes: ClassVar = pa.schema([pa.field("size", pa.int64())])

    tells_rows: bool = False
    """Say which row is at hand."""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write `size`."""
        sizes = []
        for row, text in enumerate(batch["text"].to_pylist()):
            if self.tells_rows:
                looking_at(row)
            suffer(text)
            sizes.append(len(text))
        return write_columns(batch, self.writes, [pa.array(sizes, pa.int64())])


@reader("touchy_lines")
@dataclass(frozen=True)
class TouchyLines:
    """A document per line, if it lets itself be read; a delivery per three lines."""

    version: ClassVar = 1
    suffixes: ClassVar = (".tsv",)
    columns: ClassVar = pa.schema([pa.field("kind", pa.string()), pa.field("language", pa.string())])
    has_fields: ClassVar = False

    def read(self, file: SourceFile, start: Position, options: ReadOptions) -> Iterator[Delivery]:
        """Deliver three lines at a time."""
        with file.open() as stream:
            stream.seek(start.offset)
            at, record = start.offset, start.record
            while lines := [line for line in (stream.readline() for _ in range(3)) if line]:
                documents = []
                for line in lines:
                    suffer(line.decode())
                    kind, language, text = line.decode().rstrip("\n").split("\t")
                    documents.append({"record": record, "kind": kind, "language": language, "text": text})
                    record, at = record + 1, at + len(line)
                batch = pa.RecordBatch.from_pylist(documents, pa.schema([*READER_SCHEMA, *self.columns]))
                yield Delivery(batch, Position(offset=at, record=record), sum(map(len, lines)))
