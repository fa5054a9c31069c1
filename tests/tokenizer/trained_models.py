"""SentencePiece models of every kind, trained once per process on the texts of the tiny recipe."""

import io
from functools import cache
from pathlib import Path
from typing import Any

import sentencepiece

from tests.benchmarks.corpus import texts_of
from tokenizer.recipe import Symbols
from tokenizer.symbols import user_symbols

DATA = Path(__file__).parents[2] / "recipes" / "tiny" / "data"
PAPER: dict[str, Any] = {
    "model_type": "bpe",
    "normalization_rule_name": "identity",
    "remove_extra_whitespaces": False,
    "add_dummy_prefix": False,
    "allow_whitespace_only_pieces": True,
    "split_digits": True,
    "byte_fallback": True,
    "unk_id": 0,
    "pad_id": 1,
    "bos_id": 2,
    "eos_id": 3,
    "control_symbols": ["<fim_prefix>", "<reserved_0>"],
    "user_defined_symbols": list(user_symbols(Symbols())),
}
"""What gives a vocabulary the properties of the paper's: the settings of our own."""
LLAMA: dict[str, Any] = {
    "model_type": "bpe",
    "normalization_rule_name": "identity",
    "remove_extra_whitespaces": False,
    "allow_whitespace_only_pieces": True,
    "split_digits": True,
    "byte_fallback": True,
}
"""A dummy prefix, and no user-defined symbols."""


LIBRARY: dict[str, Any] = {"input_sentence_size": 3000, "hard_vocab_limit": False}
"""The library's own: unigram, with its normalisation. It trains long, so on little."""


@cache
def texts() -> tuple[str, ...]:
    """Documents of the tiny recipe, about 2 MB: pages in many languages and scripts, prose, and code."""
    pages = [
        text for name in ("declarations.warc.zst", "guide-amd64.warc.gz") for text in texts_of(DATA / "web" / name)
    ]
    code = [path.read_text(errors="replace") for path in sorted((DATA / "code").rglob("*.go"))[::4]]
    return tuple(pages[::2] + code)


@cache
def trained(vocab_size: int, kind: str = "paper", **changes: Any) -> bytes:
    """A model of that size with the settings of that kind, `paper`, `llama` or `library`, and changes."""
    settings = {"paper": PAPER, "llama": LLAMA, "library": LIBRARY}[kind] | changes
    listed = {key: list(value) if isinstance(value, tuple) else value for key, value in settings.items()}
    lines = (line for text in texts() for line in text.split("\n") if line)
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=lines,
        model_writer=written,
        vocab_size=vocab_size,
        max_sentence_length=10_000_000,
        minloglevel=3,
        **listed,
    )
    return written.getvalue()
