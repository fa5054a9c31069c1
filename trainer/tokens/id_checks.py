"""Ids that a vocabulary does not have: a damaged file, or one of another tokenizer."""

import numpy as np

from datapipe.output import RunError
from trainer.corpus import ShardFile
from trainer.tokens.row_buffer import Rows


def first_outside(ids: Rows, vocab_size: int) -> int | None:
    """Where the first such id is, all of them numbered through; None: all are below `vocab_size`."""
    unsigned = ids.view(f"u{ids.itemsize}")  # negative ones are large then: one look finds both
    if not ids.size or unsigned.max() < vocab_size:
        return None
    return int(np.argmax(unsigned.ravel() >= vocab_size))


def outside_error(shard: ShardFile, token: int, id_: int, vocab_size: int) -> RunError:
    """The error for token number `token` of a shard."""
    return RunError(
        f"{shard.prefix}.bin: token {token:,} is {id_:,}; ids of the vocabulary are 0 to {vocab_size - 1:,}: the file "
        "is damaged, or of another tokenizer"
    )
