"""Before all text is encoded: do the native encoder and SentencePiece give the same ids on some of it?"""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tokenizer.encode_shard import Encodes
from tokenizer.shards import TextShard
from tokenizer.texts import read_texts

UNITS = 16
"""Units that are sampled at most, evenly over all,"""
DOCUMENTS = 64
SAMPLE_CHARACTERS = 1 << 15
"""and of each so many documents, and so much text: some 600 kB in all, which SentencePiece encodes in a second."""
STRANGE = (
    "", " ", "   a  b ", "\n\n\t x\r\n", "a\u2581b \u2581 c", "\0", "e\u0301\u200d", "0123 \u0661\u0662 \uff10\uff11",
    "<s></s><unk><0x0A>", "\ufeff\ufffd\U0010ffff", "\u05e9\u05dc\u05d5\u05dd \u202e", "\u4e2d\u6587\u3002\U0001f9d1",
)  # fmt: skip
"""What is rare in text and hard to encode."""


def find_difference(native: Encodes, plain: Encodes, shards: Sequence[TextShard]) -> str | None:
    """Where the two first differ, in words; None where all ids are the same."""
    samples = itertools.chain([("the built-in strings", pa.array(STRANGE, pa.large_string()))], _samples(shards))
    for origin, texts in samples:
        row = first_difference(native, plain, texts)
        if row is not None:
            return f"document {row} of {origin}"
    return None


def first_difference(native: Encodes, plain: Encodes, texts: pa.Array) -> int | None:
    """The first text that the two encode differently."""
    (ids, offsets), (expected_ids, expected) = native.encode(texts), plain.encode(texts)
    if np.array_equal(ids, expected_ids) and np.array_equal(offsets, expected):
        return None
    for row in range(len(texts)):
        found = ids[offsets[row] : offsets[row + 1]]
        if not np.array_equal(found, expected_ids[expected[row] : expected[row + 1]]):
            return row
    return len(texts)  # the offsets alone differ


def _samples(shards: Sequence[TextShard]) -> Iterator[tuple[str, pa.Array]]:
    """Texts of the first shard of some units."""
    firsts = {(one.domain, one.unit): one for one in reversed(shards)}
    units = sorted(firsts)
    for place in np.unique(np.linspace(0, len(units) - 1, min(UNITS, len(units))).round().astype(int)).tolist():
        shard = firsts[units[place]]
        texts = next((batch["text"] for batch in read_texts(shard.path)), pa.array([], pa.large_string()))
        some = texts.slice(0, DOCUMENTS)
        yield shard.path, pc.utf8_slice_codeunits(some, 0, SAMPLE_CHARACTERS // max(len(some), 1))
