"""`content_hash`: the identity of a text, byte for byte or up to white space, case, digits and punctuation."""

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Literal

import pyarrow as pa

from datapipe.stage import stage, text_buffers, write_columns


@stage("content_hash")
@dataclass(frozen=True)
class ContentHash:
    """xxh3-128 of the UTF-8 bytes of `text`: equal texts, and in practice only those, have equal hashes.

    The 16 bytes are the canonical (big-endian) form. The hash is quick and spreads well; it is not cryptographic, so
    someone who tries can make two texts with one hash. An `exact:` pass makes this step itself.
    """

    version: ClassVar = 1
    reads: ClassVar = ("text",)
    writes: ClassVar = pa.schema([pa.field("content_hash", pa.binary(16))])

    normalize: Literal["none", "white_space", "folded"] = "none"
    """What does not count. `none`: every byte counts. `white_space`: runs of white space are one blank, none at the
    ends. `folded`: besides, case (simple folding), digits (each a 0) and punctuation (category P, removed)."""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write `content_hash`."""
        from xxhash import xxh3_128_digest

        offsets, data = text_buffers(batch["text"])
        if self.normalize != "none":
            from datapipe.kernels.comparable_text import actions, comparable

            offsets, data = comparable(offsets, data, *actions(self.normalize == "folded"))
        text, bounds = data.data, offsets.tolist()
        digests = [xxh3_128_digest(text[start:end]) for start, end in pairwise(bounds)]
        return write_columns(batch, self.writes, [pa.array(digests, pa.binary(16))])
