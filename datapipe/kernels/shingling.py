"""What shingles are made of. Apart from their kernels, so that plans can speak of it without numba."""

from typing import Literal, NamedTuple


class Shingling(NamedTuple):
    """What shingles are made of; each as the key of the stage `minhash` of this name."""

    unit: Literal["word", "char"] = "word"
    ngram: int = 5
    normalize: Literal["folded", "white_space", "none"] = "folded"
    strip_marks: bool = False
    max_chars: int = 500_000
