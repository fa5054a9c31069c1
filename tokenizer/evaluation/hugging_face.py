"""A tokenizer of Hugging Face's `tokenizers`, from its `tokenizer.json`."""

import json
import os
import re
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa

from datapipe.output import RunError
from tokenizer.evaluation.tokenizers import Kind, Tokens, Vocabulary, tokens_of

BYTE_PIECE = re.compile(r"<0x([0-9A-F]{2})>")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object. Raises ValueError for a key that stands twice: of a vocabulary, the library would panic."""
    found = dict(pairs)
    if len(found) < len(pairs):
        (double, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"{double!r} stands twice in one object")
    return found


def _check_unknown(content: Any) -> None:
    """Raise ValueError where the piece for what is unknown is none: the library finds out at the first such word."""
    model = content.get("model") if isinstance(content, dict) else None
    if not isinstance(model, dict) or model.get("type") not in ("WordLevel", "WordPiece"):
        return
    vocabulary, unknown = model.get("vocab"), model.get("unk_token")
    if isinstance(vocabulary, dict) and unknown not in vocabulary:
        raise ValueError(f"its unk_token {unknown!r} is not in its vocabulary")


class HuggingFace:
    """One `tokenizer.json`. Raises RunError for a file that is none, or without the library."""

    def __init__(self, data: bytes, path: str) -> None:
        """Load it."""
        try:
            import tokenizers
        except ImportError:
            message = "Hugging Face tokenizers need the library: pip install 'corpusmill[hf]'"
            raise RunError(f"{path}: {message}") from None
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # speeds are per core
        self.engine = f"tokenizers {tokenizers.__version__}"
        try:
            content = json.loads(data, object_pairs_hook=_without_doubles)
            _check_unknown(content)
            self._tokenizer: Any = tokenizers.Tokenizer.from_buffer(data)
        except ValueError as error:
            raise RunError(f"{path}: no sound tokenizer.json: {error}") from None
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True
        self.vocabulary = self._read_vocabulary(content)

    def _read_vocabulary(self, content: dict[str, Any]) -> Vocabulary:
        ids = self._tokenizer.get_vocab(with_added_tokens=True)
        size = max(ids.values(), default=-1) + 1
        kinds, byte_values = np.full(size, Kind.CONTROL, np.uint8), np.full(size, -1, np.int16)
        kinds[list(ids.values())] = Kind.TEXT
        if content["model"].get("byte_fallback"):
            for piece, place in ids.items():
                found = BYTE_PIECE.fullmatch(piece)
                if found:
                    kinds[place], byte_values[place] = Kind.BYTE, int(found[1], 16)
        if content["model"].get("type") == "WordPiece":
            prefix = content["model"]["continuing_subword_prefix"]
            kinds[[place for piece, place in ids.items() if piece.startswith(prefix)]] = Kind.INNER
        for token in content.get("added_tokens") or []:
            if token["special"]:
                kinds[token["id"]] = Kind.CONTROL
        unknown = self._unknown(content["model"], ids)
        if unknown is not None:
            kinds[unknown] = Kind.UNKNOWN
        return Vocabulary(kinds, byte_values)

    def _unknown(self, model: dict[str, Any], ids: dict[str, int]) -> int | None:
        found = model["unk_id"] if "unk_id" in model else ids.get(model.get("unk_token") or "")
        return None if found is None else int(found)

    def encode(self, texts: pa.Array) -> Tokens:
        """Ids of each text."""
        rows = self._tokenizer.encode_batch_fast(texts.to_pylist(), add_special_tokens=False)
        return tokens_of([np.array(row.ids, np.int32) for row in rows])

    def encode_by_library(self, texts: list[str]) -> None:
        """What is timed."""
        self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)

    def decode(self, rows: list[list[int]]) -> list[str]:
        """The text of each row."""
        return list(self._tokenizer.decode_batch(rows, skip_special_tokens=False))
