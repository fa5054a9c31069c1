"""What a round keeps for runs to come: of every document that stayed its id, what it is compared within, its signature.

A record: id (2 words), hash of the values of the scope's columns (`datapipe.dedup.near.signed_documents`), documents
it stands for, text bytes, then the signature, two values to a word, the first one below. With `store_shingles` a second
file holds, in one partition and in the same order, the sets of shingles as they cross the exchange
(`datapipe.dedup.near.shingle_sets`), the row in the first file in the place of the block key.
"""

import numpy as np
import numpy.typing as npt

from datapipe.dedup.identities import ID_WORDS, Words
from datapipe.exchange_files import Records

INDEX_WORDS = 5
"""Before the signature."""
SCOPE, COUNT, TEXT_BYTES = ID_WORDS, ID_WORDS + 1, ID_WORDS + 2
"""Columns behind the id."""


def index_words(permutations: int) -> int:
    """Words of a record."""
    return INDEX_WORDS + -(-permutations // 2)


def index_records(
    ids: Words,
    scopes: npt.NDArray[np.uint64],
    counts: npt.NDArray[np.uint64],
    text_bytes: npt.NDArray[np.uint64],
    signatures: npt.NDArray[np.uint32],
) -> Records:
    """The records of documents, a row each; of an odd number of permutations the last half word is 0."""
    rows, permutations = signatures.shape
    records = np.zeros((rows, index_words(permutations)), np.uint64)
    records[:, :ID_WORDS] = ids
    records[:, SCOPE], records[:, COUNT], records[:, TEXT_BYTES] = scopes, counts, text_bytes
    halves = records.view("<u4")
    halves[:, 2 * INDEX_WORDS : 2 * INDEX_WORDS + permutations] = signatures
    return records


def indexed_signatures(records: Records, permutations: int) -> npt.NDArray[np.uint32]:
    """Shape (records, permutations), C-contiguous: the signatures as they were."""
    halves = np.ascontiguousarray(records[:, INDEX_WORDS:]).view("<u4")
    return np.ascontiguousarray(halves[:, :permutations], np.uint32)
