"""The records that cross the exchanges of a round of near-duplicates: 64-bit words, the first one the key.

| records | words |
| --- | --- |
| bands | band key, row key |
| ties | row key, least row key of the bucket |
| labels | row key, label, documents of the part |
| profiles | part key, (run), order..., id, id, row key, count, text bytes, band key of every band |
| pairs | block, position of the better document, position of the other |
| members | block, position, row key, id, id |
| requests | row key, block key |
| shingles | block key, 15 words of data |
| matches | position of the better document, position of the other, who may fall |
| evidence | `datapipe.dedup.near.evidence` |
| verdicts | row key, id of the survivor (2), documents it stands for |

A *position* is the place of a document among the profiles of its partition, sorted as they stand: the documents of a
part follow one another, in the recipe's order. A *block* is numbered within its partition; a *block key* is unique.
"""

from dataclasses import dataclass
from typing import Literal

from datapipe.dedup.identities import ID_WORDS
from datapipe.kernels.shingling import Shingling

BAND_WORDS = 2
TIE_WORDS = 2
LABEL_WORDS = 3
PAIR_WORDS = 3
MEMBER_WORDS = 5
REQUEST_WORDS = 2
SHINGLE_WORDS = 16
MATCH_WORDS = 3
VERDICT_WORDS = 4

OTHER_FALLS, BETTER_FALLS = 1, 2
"""Bits of a match: whether the second document may fall in favour of the first, and the first of the second. Of
documents that are alike both may, of one that is contained in another it alone."""
_BLOCK_BITS = 32


@dataclass(frozen=True)
class NearForm:
    """What a round of near-duplicates compares and prefers, and so the form of its records."""

    shingling: Shingling
    bands: int
    rows: int
    scope: tuple[str, ...]
    """Columns in which documents must be equal to be compared; none: all are."""
    bucket_limit: int
    """Documents of a larger bucket are compared with the best of them only."""
    verify: float
    """Jaccard similarity from which on documents are alike,"""
    containment: float | None
    """and, if given, the share of a shorter document's shingles in the other one from which on it is contained."""
    compare: Literal["shingles", "signatures"]
    """What pairs are compared on."""
    size_columns: tuple[str, ...]
    """Columns of the routes that say how many documents one stands for already: the greatest counts."""
    keep: tuple[tuple[str, bool, int], ...]
    """Columns, whether they are descending, and the words that each takes."""
    earlier_runs: int = 0
    """How many earlier runs take part."""
    store_shingles: bool = False
    """Whether the index keeps the shingles of what stays."""

    @property
    def permutations(self) -> int:
        """Values of a signature."""
        return self.bands * self.rows

    @property
    def run_words(self) -> int:
        """Words that tell the runs apart: of a run of its own there are none."""
        return int(self.earlier_runs > 0)

    @property
    def key_words(self) -> int:
        """Words that profiles are sorted by: part, run, order, id."""
        return 1 + self.run_words + sum(words for _, _, words in self.keep) + ID_WORDS

    @property
    def profile_words(self) -> int:
        """Of a profile. Behind the sorted words: row key, count, text bytes, band keys."""
        return self.key_words + 3 + self.bands


def block_key(partition: int, block: int) -> int:
    """The key of a block among all."""
    return partition << _BLOCK_BITS | block
