"""A SentencePiece model: encoded by our own encoder, whose ids are those of the library; timed through the library."""

import numpy as np
import pyarrow as pa

from tokenizer.encoding.encoder import Encoder
from tokenizer.evaluation.tokenizers import Kind, Tokens, Vocabulary
from tokenizer.model_file import Model

KINDS = {"byte": Kind.BYTE, "unknown": Kind.UNKNOWN, "control": Kind.CONTROL, "unused": Kind.CONTROL}
"""Of pieces; all others are text."""


class SentencePiece:
    """One `.model`. Raises RunError for bytes that are none."""

    def __init__(self, data: bytes, path: str) -> None:
        """Load it."""
        import sentencepiece

        self._encoder = Encoder(data, path)
        self.engine = f"sentencepiece {sentencepiece.__version__}"
        self.vocabulary = _vocabulary(self._encoder.model)
        self._processor = self._encoder.plain.processor

    def encode(self, texts: pa.Array) -> Tokens:
        """Ids of each text."""
        return Tokens(*self._encoder.encode(texts))

    def encode_by_library(self, texts: list[str]) -> None:
        """What is timed."""
        self._processor.encode(texts, return_type="numpy", num_threads=1)

    def decode(self, rows: list[list[int]]) -> list[str]:
        """The text of each row."""
        return list(self._processor.decode(rows)) if rows else []


def _vocabulary(model: Model) -> Vocabulary:
    kinds = np.array([KINDS.get(piece.kind, Kind.TEXT) for piece in model.pieces], np.uint8)
    values = [int(piece.text[3:-1], 16) if piece.kind == "byte" else -1 for piece in model.pieces]
    return Vocabulary(kinds, np.array(values, np.int16))
