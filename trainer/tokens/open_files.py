"""Token files opened for reading at random places: the last used stay open, up to a limit."""

import os
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from datapipe.output import RunError
from trainer.corpus import Corpus, ShardFile

LIMIT = 512
"""Half of what a process may have open on most systems."""
AT_ONCE = 32
"""Units whose files are looked at side by side: network file systems take their time for each."""


class OpenFiles:
    """The `.bin` files of shards."""

    def __init__(self, shards: Sequence[ShardFile], itemsize: int, limit: int = LIMIT) -> None:
        """Of `shards`, whose tokens take `itemsize` bytes; at most `limit` are open at a time."""
        self._shards, self._itemsize, self._limit = shards, itemsize, limit
        self._open: OrderedDict[int, int] = OrderedDict()

    def read(self, shard: int, first_token: int, into: memoryview) -> None:
        """Fill `into`, of bytes, with tokens of shard number `shard`. Raises RunError where the file ends before."""
        offset = first_token * self._itemsize
        done = os.preadv(self._descriptor(shard), (into,), offset)
        while done < len(into):  # network file systems may give less than is there
            more = os.preadv(self._descriptor(shard), (into[done:],), offset + done)
            if not more:
                found = os.fstat(self._descriptor(shard)).st_size
                raise _wrong_size(self._shards[shard], self._itemsize, found)
            done += more

    def close(self) -> None:
        """Close all."""
        while self._open:
            os.close(self._open.popitem()[1])

    def _descriptor(self, shard: int) -> int:
        if shard in self._open:
            self._open.move_to_end(shard)
            return self._open[shard]
        if len(self._open) == self._limit:
            os.close(self._open.popitem(last=False)[1])
        path = f"{self._shards[shard].prefix}.bin"
        try:
            found = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise _missing(self._shards[shard]) from None
        os.posix_fadvise(found, 0, 0, os.POSIX_FADV_RANDOM)  # what follows a window is not needed next
        self._open[shard] = found
        return found


def check_files(corpus: Corpus) -> None:
    """Raise RunError unless every file is there, of the size that its tokens take."""
    units = [unit for split in (corpus.units, corpus.validation) for of in split.values() for unit in of.values()]
    itemsize = corpus.dtype.itemsize
    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = [error for errors in pool.map(lambda unit: _wrong(unit, itemsize), units) for error in errors]
    if wrong:
        raise RunError(f"{wrong[0]}{f'; so are {len(wrong) - 1:,} more files' if wrong[1:] else ''}")


def _wrong(shards: Sequence[ShardFile], itemsize: int) -> list[RunError]:
    errors = []
    for shard in shards:
        try:
            found = Path(f"{shard.prefix}.bin").stat().st_size
        except FileNotFoundError:
            errors.append(_missing(shard))
            continue
        if found != shard.tokens * itemsize:
            errors.append(_wrong_size(shard, itemsize, found))
    return errors


def _missing(shard: ShardFile) -> RunError:
    return RunError(f"{shard.prefix}.bin: gone; {shard.tokens:,} tokens of it are to be trained on")


def _wrong_size(shard: ShardFile, itemsize: int, found: int) -> RunError:
    expected = f"{shard.tokens * itemsize:,} of {shard.tokens:,} tokens"
    return RunError(f"{shard.prefix}.bin: {found:,} bytes, expected {expected}: it is damaged, or of another encoding")
