"""Token shards of known numbers, small enough to reckon by hand."""

from pathlib import Path

import numpy as np

from tokenizer.store import writing_indexed


def write_shard(prefix: Path, documents: list[list[int]], dtype: str = "<i4") -> str:
    """`PREFIX.bin` and `.idx` of these documents; the prefix, as text."""
    prefix.parent.mkdir(parents=True, exist_ok=True)
    with writing_indexed(str(prefix), np.dtype(dtype)) as (file, _):
        ids = [token for document in documents for token in document]
        file.write(np.array(ids, np.int64), np.array([len(document) for document in documents], np.int64))
    return str(prefix)
