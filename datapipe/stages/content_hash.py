"""`content_hash`: the identity of a text, byte for byte."""

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import pyarrow as pa

from datapipe.stage import stage, text_buffers, write_columns


@stage("content_hash")
@dataclass(frozen=True)
class ContentHash:
    """xxh3-128 of the UTF-8 bytes of `text` as it stands: equal texts, and in practice only those, have equal hashes.

    The 16 bytes are the canonical (big-endian) form. The hash is quick and spreads well; it is not cryptographic, so
    someone who tries can make two texts with one hash. Texts that differ in a space differ in their hash: put
    `normalize_text` before this stage to make equal what should be.
    """

    version: ClassVar = 1
    reads: ClassVar = ("text",)
    writes: ClassVar = pa.schema([pa.field("content_hash", pa.binary(16))])

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write `content_hash`."""
        from xxhash import xxh3_128_digest

        offsets, data = text_buffers(batch["text"])
        text, bounds = data.data, offsets.tolist()
        digests = [xxh3_128_digest(text[start:end]) for start, end in pairwise(bounds)]
        return write_columns(batch, self.writes, [pa.array(digests, pa.binary(16))])
