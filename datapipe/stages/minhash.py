"""`minhash`: the signature of a text, by which near-duplicates are found. A `near:` pass makes this step itself."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import pyarrow as pa

from datapipe.stage import stage, text_buffers, write_columns


@stage("minhash")
@dataclass(frozen=True)
class Minhash:
    """The least values of a text's shingles under many permutations (Broder 1997): null for a text without shingles.

    A shingle is an n-gram of words or characters in the form in which they are compared, as a 32-bit hash. The
    permutations are the scheme `affine32` of datasketch 2 with seed 1: what that library makes of the same hashes.
    """

    version: ClassVar = 1
    reads: ClassVar = ("text",)

    unit: Literal["word", "char"] = "word"
    """What n-grams are made of. In scripts written without spaces each letter with its marks is a word."""
    ngram: int = 5
    """Consecutive units of a shingle, at most 100; a shorter text is one shingle as a whole."""
    normalize: Literal["folded", "white_space", "none"] = "folded"
    """What does not count: `folded` case (simple folding), digits (each a 0) and punctuation (which parts words);
    `white_space` its kind and amount; `none`: every character counts, though white space still only parts words."""
    strip_marks: bool = False
    """Whether combining marks are left out, also those in a letter (`é`). Words of Indic scripts need theirs."""
    max_chars: int = 500_000
    """Characters from the start of a text that count."""
    permutations: int = 112
    """Values of a signature, at most 4,096."""

    def __post_init__(self) -> None:
        """Refuse numbers that no signature has."""
        for name, most in (("ngram", 100), ("max_chars", None), ("permutations", 4096)):
            found = getattr(self, name)
            if found < 1 or (most is not None and found > most):
                possible = "at least 1" if most is None else f"1 to {most}"
                raise ValueError(f"{name}: expected {possible}, found {found}")

    @property
    def writes(self) -> pa.Schema:
        """`signature`: the values, uint32. Nullable as any, though none is null: pickled types know no other."""
        return pa.schema([pa.field("signature", pa.list_(pa.uint32(), self.permutations))])

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write `signature`."""
        from datapipe.kernels.minhash import signatures
        from datapipe.kernels.shingles import shingle_hashes
        from datapipe.kernels.shingling import Shingling

        shingling = Shingling(self.unit, self.ngram, self.normalize, self.strip_marks, self.max_chars)
        lists, hashes = shingle_hashes(*text_buffers(batch["text"]), shingling)
        values = pa.array(signatures(lists, hashes, self.permutations).reshape(-1))
        is_null = pa.array(lists[1:] == lists[:-1])
        column = pa.FixedSizeListArray.from_arrays(values, type=self.writes.field(0).type, mask=is_null)
        return write_columns(batch, self.writes, [column])
