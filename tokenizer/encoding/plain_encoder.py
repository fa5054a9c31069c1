"""SentencePiece itself as an encoder: what every other encoder must equal, and what stands in where one does not."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa


class PlainEncoder:
    """Texts to ids, in one thread."""

    def __init__(self, data: bytes, name: str) -> None:
        """The model in `data`, which `tokenizer.model_file.read_model` has found sound."""
        import sentencepiece

        self.processor = sentencepiece.SentencePieceProcessor(model_proto=data)

    def encode(self, texts: pa.Array) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """The ids of all texts end to end, and where each text's begin, with their number behind. A null has none."""
        as_bytes = [text or b"" for text in texts.cast(pa.large_binary()).to_pylist()]
        found = self.processor.encode(as_bytes, return_type="numpy", num_threads=1)
        offsets = np.zeros(len(found) + 1, np.int64)
        np.cumsum([len(one) for one in found], out=offsets[1:])
        return np.concatenate([np.empty(0, np.int32), *found]), offsets
