"""The documents of a text shard, a row group at a time: memory does not grow with the shard."""

import errno
from collections.abc import Iterator, Sequence

import pyarrow as pa

from datapipe.output import RunError
from datapipe.shard_files import opened
from tokenizer.shards import TextShard


def read_texts(path: str, columns: Sequence[str] = ("source",)) -> Iterator[pa.RecordBatch]:
    """Batches of `id`, further `columns`, and `text` (large_string, valid UTF-8, never null), in the shard's order.

    A column that the shard does not have is null everywhere. Raises RunError, in one line, for a file that is damaged,
    FileNotFoundError for one that is not there.
    """
    try:
        with opened([path]) as (file,):
            there = [name for name in columns if name in file.schema_arrow.names]
            for group in range(file.num_row_groups):
                for batch in file.read_row_group(group, columns=["id", *there, "text"]).to_batches():
                    yield _checked(path, batch, columns)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        raise RunError(f"{path}: damaged; `datapipe run --verify` of its recipe makes it anew") from None


def _checked(path: str, batch: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    text = batch["text"].cast(pa.large_string())
    for row in range(len(text)) if text.null_count or not _is_utf8(text) else ():
        if not text[row].is_valid or not _is_utf8(text.slice(row, 1)):
            found = "bytes that are not UTF-8" if text[row].is_valid else "nothing"
            raise RunError(f"{path}: document {batch['id'][row].as_py()!r}: expected text, found {found}")
    further = [batch[name] if name in batch.schema.names else pa.nulls(len(text), pa.string()) for name in columns]
    return pa.RecordBatch.from_arrays([batch["id"], *further, text], ["id", *columns, "text"])


def _is_utf8(text: pa.Array) -> bool:
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def check_text(text: TextShard, documents: int, text_bytes: int) -> None:
    """Raise RunError unless so many documents and bytes are what the shard had when it was written."""
    if (documents, text_bytes) != (text.documents, text.bytes):
        raise RunError(
            f"{text.path}: {documents:,} documents of {text_bytes:,} bytes; its receipt has {text.documents:,} of "
            f"{text.bytes:,}: `datapipe run --verify` of its recipe makes it anew"
        )
