"""Before all text is encoded: do our kernels and SentencePiece give the same ids on some of it?"""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tokenizer.encoding.adversarial import HARD
from tokenizer.encoding.encoder import Encoder
from tokenizer.shards import TextShard
from tokenizer.texts import read_texts

UNITS = 16
"""Units that are sampled at most, evenly over all,"""
DOCUMENTS = 64
SAMPLE_CHARACTERS = 1 << 15
"""and of each so many documents, and so much text: some 600 kB in all, which SentencePiece encodes in a second."""


def find_difference(encoder: Encoder, shards: Sequence[TextShard]) -> str | None:
    """Where the encoder first differs from SentencePiece, in words; None where all ids are the same."""
    samples = itertools.chain([("the strings that are hard", pa.array(HARD, pa.large_string()))], _samples(shards))
    for origin, texts in samples:
        difference = first_difference(encoder, texts)
        if difference is not None:
            return f"{origin}, {difference}"
    return None


def first_difference(encoder: Encoder, texts: pa.Array) -> str | None:
    """The first text whose ids are not those of SentencePiece, and the first id, in words; None without one."""
    ours, theirs = encoder.encode(texts), encoder.plain.encode(texts)
    for number in range(len(texts)):
        found, expected = (ids[ends[number] : ends[number + 1]] for ids, ends in (ours, theirs))
        if not np.array_equal(found, expected):
            at = next((i for i, pair in enumerate(zip(found, expected, strict=False)) if pair[0] != pair[1]), -1)
            place = min(len(found), len(expected)) if at < 0 else at
            shown = [", ".join(map(str, ids[place : place + 4])) or "nothing" for ids in (found, expected)]
            return f"text {number:,}, id {place:,}: {shown[0]} where SentencePiece has {shown[1]}"
    return None


def _samples(shards: Sequence[TextShard]) -> Iterator[tuple[str, pa.Array]]:
    """Texts of the first shard of some units."""
    firsts = {(one.domain, one.unit): one for one in reversed(shards)}
    units = sorted(firsts)
    for place in np.unique(np.linspace(0, len(units) - 1, min(UNITS, len(units))).round().astype(int)).tolist():
        shard = firsts[units[place]]
        texts = next((batch["text"] for batch in read_texts(shard.path)), pa.array([], pa.large_string()))
        some = texts.slice(0, DOCUMENTS)
        yield shard.path, pc.utf8_slice_codeunits(some, 0, SAMPLE_CHARACTERS // max(len(some), 1))
