"""Small remote files, fetched before their turn: each costs two round trips, however few its bytes are."""

import dataclasses
import io
import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import BinaryIO

from datapipe.inputs import InputFile
from datapipe.reader import SourceFile
from datapipe.storage import READ_BYTES

FILES = 8
"""So many are held or on their way, each of at most `READ_BYTES`."""


class ReadAhead:
    """The files of a group as readers take them, one after the other. A context: at its end nothing more is fetched."""

    def __init__(self, files: Sequence[InputFile]) -> None:
        """Nothing is fetched yet."""
        self._files = files
        self._pool = ThreadPoolExecutor(FILES)
        self._coming: dict[int, Future[bytes]] = {}

    def __enter__(self) -> "ReadAhead":
        """Itself."""
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Let go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def opened(self, index: int) -> SourceFile:
        """The file with that index, as it was in the plan; those behind it are being fetched by then."""
        for ahead in range(index, min(index + FILES, len(self._files))):
            if ahead not in self._coming and _is_small_and_remote(self._files[ahead]):
                self._coming[ahead] = self._pool.submit(_whole, self._files[ahead].opened())
        file, coming, owner = self._files[index].opened(), self._coming.pop(index, None), os.getpid()

        def stream() -> BinaryIO:
            # The threads do not run on in a forked process.
            return file.open() if coming is None or os.getpid() != owner else io.BytesIO(coming.result())

        return dataclasses.replace(file, open=stream)


def _is_small_and_remote(file: InputFile) -> bool:
    return "://" in file.path and file.has_ranges and file.size <= READ_BYTES


def _whole(file: SourceFile) -> bytes:
    with file.open() as stream:
        return stream.read()
