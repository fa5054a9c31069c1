"""Which documents the tokens of a shard belong to: by bisection in its `.idx`, of which only a few pages are read."""

import bisect
import mmap
from pathlib import Path

from tokenizer.store import HEADER, read_totals


class DocumentIndex:
    """The documents of a shard, by number. Use it as a context: it holds a file."""

    def __init__(self, prefix: str) -> None:
        """Raises RunError for files that are damaged, OSError for those not there."""
        totals = read_totals(prefix)
        self.documents, self.tokens = totals.documents, totals.tokens
        self._sequences, self._itemsize = totals.sequences, totals.dtype.itemsize
        with Path(f"{prefix}.idx").open("rb") as file:
            self._index = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __enter__(self) -> "DocumentIndex":
        """Itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Let go of the file."""
        self._index.close()

    def first_token(self, document: int) -> int:
        """Where it begins; of the number behind the last: how many tokens there are. One without tokens ends there."""
        sequence = self._number(HEADER.size + 12 * self._sequences + 8 * document)
        if sequence == self._sequences:
            return self.tokens
        return self._number(HEADER.size + 4 * self._sequences + 8 * sequence) // self._itemsize

    def edges(self, first: int, end: int) -> list[int]:
        """Where documents [first, end) begin, and where the last of them ends."""
        return [self.first_token(document) for document in range(first, end + 1)]

    def at(self, token: int) -> int:
        """The document of a token."""
        return bisect.bisect_right(range(self.documents), token, key=self.first_token) - 1

    def _number(self, offset: int) -> int:
        return int.from_bytes(self._index[offset : offset + 8], "little", signed=True)
