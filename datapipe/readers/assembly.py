"""Documents, failures and other records become the deliveries of a reader.

A delivery is cut by the rules of `ReadOptions`. Records of every kind count towards `batch_rows`, and all strings of a
row towards `batch_bytes`, so that files of failures, of images or of long columns stay within memory too.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import pyarrow as pa

from datapipe.reader import Delivery, Position, ReadOptions, Unreadable

MAX_KINDS = 100
"""Kinds of passed-over records told apart in one delivery; a hostile file could name a new one in every record."""


class RecordError(ValueError):
    """A record cannot be read; the message says why, for the quarantine."""


class Document(NamedTuple):
    """One row. `text` is valid UTF-8; `own` holds the columns behind READER_SCHEMA, in their order."""

    text: bytes
    source_id: str | None = None
    url: str | None = None
    date: str | None = None
    media_type: str | None = None
    encoding: str | None = None
    own: tuple[Any, ...] = ()


Outcome = Document | RecordError | str
"""What became of a record: a document, why it cannot be read, or what else it is (`request`, `blank line`)."""


class Assembly:
    """Gathers the outcomes of records until a delivery is full.

    Before it gives an outcome to `take`, the reader asks `is_full(outcome)` and, if so, yields `deliver(position)` with
    the position of that record.
    """

    def __init__(self, schema: pa.Schema, options: ReadOptions, bytes_taken: Callable[[], int]) -> None:
        """`bytes_taken` tells how much was read from storage so far."""
        self._schema = schema
        self._options = options
        self._bytes_taken = bytes_taken
        self._bytes_delivered = 0
        self._begin()

    def _begin(self) -> None:
        self._count = 0
        self._records: list[int] = []
        self._documents: list[Document] = []
        self._size = 0
        self._unreadable: list[Unreadable] = []
        self._passed_over: Counter[str] = Counter()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was taken since the last delivery."""
        return self._count == 0

    def is_full(self, outcome: Outcome) -> bool:
        """Whether a delivery is due before this outcome."""
        if self._count >= self._options.batch_rows:
            return True
        if not self._documents or not isinstance(outcome, Document):
            return False
        return self._size + _size(outcome) > self._options.batch_bytes

    def take(self, record: int | None, offset: int, outcome: Outcome) -> None:
        """Take the outcome of a record; one that is a document has a number."""
        self._count += 1
        if isinstance(outcome, RecordError):
            self._unreadable.append(Unreadable(record, offset, str(outcome)))
        elif isinstance(outcome, str):
            known = outcome in self._passed_over or len(self._passed_over) < MAX_KINDS
            self._passed_over[outcome if known else "other"] += 1
        else:
            assert record is not None
            self._records.append(record)
            self._documents.append(outcome)
            self._size += _size(outcome)

    def deliver(self, following: Position) -> Delivery:
        """All that was taken; `following` is where reading goes on behind it."""
        bytes_taken = self._bytes_taken()
        delivery = Delivery(
            self._batch(),
            following,
            bytes_taken - self._bytes_delivered,
            tuple(self._unreadable),
            dict(sorted(self._passed_over.items())),
        )
        self._bytes_delivered = bytes_taken
        self._begin()
        return delivery

    def _batch(self) -> pa.RecordBatch:
        if not self._documents:
            return pa.RecordBatch.from_pylist([], schema=self._schema)
        text, *others, own = zip(*self._documents, strict=True)
        values = [self._records, *others]
        columns = [pa.array(column, field.type) for column, field in zip(values, self._schema, strict=False)]
        columns.append(_text_column(text))
        for column in zip(*own, strict=True):
            columns.append(pa.array(column, self._schema.field(len(columns)).type))
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)


def _size(document: Document) -> int:
    """Bytes of the text and, about, of all other strings."""
    size = sum(map(len, filter(None, document[:-1])))
    return size + sum([len(value) for value in document.own if isinstance(value, str)]) if document.own else size


def _text_column(texts: Sequence[bytes]) -> pa.Array:
    """The texts as large_string, checked before: laid down at once, four times as fast as one by one."""
    offsets = array("q", accumulate(map(len, texts), initial=0))
    return pa.Array.from_buffers(
        pa.large_string(), len(texts), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(texts))]
    )
