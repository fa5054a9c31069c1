"""The documents of a token shard, as `tokenizer encode` told them: row groups of `PREFIX.documents.parquet`.

They are read by the thread that asks, as `datapipe.shard_files.read_here` does and says why.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

import pyarrow as pa

from datapipe.shard_files import opened
from tokenizer.encoding.token_documents import SUFFIX


def read_documents(prefix: str, columns: Sequence[str]) -> Iterator[pa.Table]:
    """These columns, group by group. Raises OSError."""
    with opened([prefix + SUFFIX]) as (file,):
        for group in range(file.num_row_groups):
            yield file.read_row_group(group, list(columns), use_threads=False)


def read_rows(prefix: str, first: int, end: int, columns: Sequence[str]) -> pa.Table:
    """These columns of documents [first, end): only the groups are read that hold any. Raises OSError."""
    with opened([prefix + SUFFIX]) as (file,):
        sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
        starts = list(accumulate(sizes, initial=0))
        groups = [group for group in range(len(sizes)) if starts[group] < end and first < starts[group + 1]]
        rows = file.read_row_groups(groups, list(columns), use_threads=False)
    return rows.slice(first - starts[groups[0]], end - first)
