"""A SentencePiece model, through the library itself: what is measured is what everyone gets."""

from typing import Any

import numpy as np
import pyarrow as pa

from tokenizer.evaluation.tokenizers import Kind, Tokens, Vocabulary, tokens_of
from tokenizer.model_file import Model, read_model

KINDS = {"byte": Kind.BYTE, "unknown": Kind.UNKNOWN, "control": Kind.CONTROL, "unused": Kind.CONTROL}
"""Of pieces; all others are text."""


class SentencePiece:
    """One `.model`. Raises RunError for bytes that are none."""

    def __init__(self, data: bytes, path: str) -> None:
        """Load it."""
        import sentencepiece

        self.engine = f"sentencepiece {sentencepiece.__version__}"
        self.vocabulary = _vocabulary(read_model(data, path))
        self._processor: Any = sentencepiece.SentencePieceProcessor(model_proto=data)

    def encode(self, texts: pa.Array) -> Tokens:
        """Ids of each text."""
        rows = self._processor.encode(texts.to_pylist(), return_type="numpy", num_threads=1) if len(texts) else []
        return tokens_of(rows)

    def decode(self, rows: list[list[int]]) -> list[str]:
        """The text of each row."""
        return list(self._processor.decode(rows)) if rows else []


def _vocabulary(model: Model) -> Vocabulary:
    kinds = np.array([KINDS.get(piece.kind, Kind.TEXT) for piece in model.pieces], np.uint8)
    values = [int(piece.text[3:-1], 16) if piece.kind == "byte" else -1 for piece in model.pieces]
    return Vocabulary(kinds, np.array(values, np.int16))
