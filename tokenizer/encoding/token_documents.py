"""The sidecar of a token shard: which documents its tokens are, `PREFIX.documents.parquet`."""

import contextlib
from collections.abc import Iterator

import pyarrow as pa

from datapipe.storage import Output, ParquetFile, writing_parquet

SUFFIX = ".documents.parquet"
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("first_token", pa.int64(), nullable=False),
        pa.field("tokens", pa.int64(), nullable=False),
    ]
)
"""Rows are the documents of the `.idx`, in its order; `bytes` of UTF-8; the marks of begin and end are `tokens` too.
`first_token` rises, so the documents of a window are found by bisection."""
GROUP_ROWS = 1 << 16


class DocumentsFile:
    """Documents being written, in row groups of one size: the file does not depend on how many come at once."""

    def __init__(self, file: ParquetFile) -> None:
        """Write to `file`, which makes a row group of every batch."""
        self._file = file
        self._pending = SCHEMA.empty_table()

    def write(self, rows: pa.Table) -> None:
        """Add rows of SCHEMA."""
        self._pending = pa.concat_tables([self._pending, rows])
        while len(self._pending) >= GROUP_ROWS:
            self._write(self._pending[:GROUP_ROWS])
            self._pending = self._pending[GROUP_ROWS:]

    def close(self) -> None:
        """Write what is left."""
        if len(self._pending):
            self._write(self._pending)

    def _write(self, rows: pa.Table) -> None:
        self._file.write(rows.combine_chunks().to_batches()[0])


@contextlib.contextmanager
def writing_documents(prefix: str) -> Iterator[tuple[DocumentsFile, list[Output]]]:
    """The sidecar being written; its `Output` is in the list once the block has ended well."""
    with writing_parquet(prefix + SUFFIX, SCHEMA, align=True) as (parquet, finished):
        file = DocumentsFile(parquet)
        yield file, finished
        file.close()
