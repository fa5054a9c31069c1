"""A SentencePiece model, through the library itself: what is measured is what everyone gets."""

from typing import Any

import numpy as np
import pyarrow as pa

from datapipe.output import RunError
from tokenizer.evaluation.tokenizers import Kind, Tokens, Vocabulary, tokens_of


class SentencePiece:
    """One `.model`. Raises RunError for bytes that are none."""

    def __init__(self, data: bytes, path: str) -> None:
        """Load it."""
        import sentencepiece

        self.engine = f"sentencepiece {sentencepiece.__version__}"
        message = f"{path}: neither a SentencePiece model nor a Hugging Face tokenizer.json"
        if not data:  # the library takes nothing for a model of nothing
            raise RunError(message)
        try:
            self._processor: Any = sentencepiece.SentencePieceProcessor(model_proto=data)
        except (RuntimeError, ValueError):
            raise RunError(message) from None
        self.vocabulary = self._read_vocabulary()

    def _read_vocabulary(self) -> Vocabulary:
        model, size = self._processor, self._processor.get_piece_size()
        kinds, byte_values = np.zeros(size, np.uint8), np.full(size, -1, np.int16)
        for piece in range(size):
            if model.is_byte(piece):
                kinds[piece], byte_values[piece] = Kind.BYTE, int(model.id_to_piece(piece)[3:-1], 16)
            elif model.is_unknown(piece):
                kinds[piece] = Kind.UNKNOWN
            elif model.is_control(piece) or model.is_unused(piece):
                kinds[piece] = Kind.CONTROL
        return Vocabulary(kinds, byte_values)

    def encode(self, texts: pa.Array) -> Tokens:
        """Ids of each text."""
        rows = self._processor.encode(texts.to_pylist(), return_type="numpy", num_threads=1) if len(texts) else []
        return tokens_of(rows)

    def decode(self, rows: list[list[int]]) -> list[str]:
        """The text of each row."""
        return list(self._processor.decode(rows)) if rows else []
