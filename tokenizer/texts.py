"""The documents of a text shard, a row group at a time: memory does not grow with the shard."""

import errno
from collections.abc import Iterator

import pyarrow as pa

from datapipe.output import RunError
from datapipe.shard_files import opened

COLUMNS = ["id", "source", "text"]


def read_texts(path: str) -> Iterator[pa.RecordBatch]:
    """Batches of `id`, `source` and `text` (large_string, valid UTF-8, never null), in the shard's order.

    Raises RunError, in one line, for a file that is damaged, FileNotFoundError for one that is not there.
    """
    try:
        with opened([path]) as (file,):
            for group in range(file.num_row_groups):
                for batch in file.read_row_group(group, columns=COLUMNS).to_batches():
                    yield _checked(path, batch)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        raise RunError(f"{path}: damaged; `datapipe run --verify` of its recipe makes it anew") from None


def _checked(path: str, batch: pa.RecordBatch) -> pa.RecordBatch:
    text = batch["text"].cast(pa.large_string())
    for row in range(len(text)) if text.null_count or not _is_utf8(text) else ():
        if not text[row].is_valid or not _is_utf8(text.slice(row, 1)):
            found = "bytes that are not UTF-8" if text[row].is_valid else "nothing"
            raise RunError(f"{path}: document {batch['id'][row].as_py()!r}: expected text, found {found}")
    return pa.RecordBatch.from_arrays([batch["id"], batch["source"], text], COLUMNS)


def _is_utf8(text: pa.Array) -> bool:
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
