"""The documents of a token shard, as `tokenizer encode` told them: row groups of `PREFIX.documents.parquet`."""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from datapipe.shard_files import opened
from tokenizer.encoding.token_documents import SUFFIX


def read_documents(prefix: str, columns: Sequence[str]) -> Iterator[pa.Table]:
    """These columns, group by group, read by this thread alone. Raises OSError."""
    with opened([prefix + SUFFIX]) as (file,):
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, list(columns), use_threads=False)
