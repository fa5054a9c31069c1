"""What a round keeps for runs to come: of every document that stayed its id, what it is compared within, its signature.

A record: id (2 words), hash of the values of the scope's columns, text bytes, then the signature, two values to a word.
With `store_shingles` a second file holds, in one partition and in the same order, the sets of shingles as they cross
the exchange (`datapipe.dedup.near.shingle_sets`), the row in the first file in the place of the block key.
"""

INDEX_WORDS = 4
"""Before the signature."""


def index_words(permutations: int) -> int:
    """Words of a record."""
    return INDEX_WORDS + -(-permutations // 2)
