"""Tokenizers of a few pieces, made by hand, so that every number can be counted."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from tokenizer.evaluation.opening import open_tokenizers
from tokenizer.evaluation.parallel_text import ParallelText
from tokenizer.evaluation.texts import Cell, Texts
from tokenizer.evaluation.tokenizers import Named

SPACE = "\u2581"
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
LETTERS = ("a", "b", "c", SPACE, "\n", "1", "2")
MERGES = (("a", "b"), (SPACE, "ab"))
"""`ab`, and ` ab` behind a space."""


def tokenizer_json(
    letters: tuple[str, ...] = LETTERS, merges: tuple[tuple[str, str], ...] = MERGES, **changes: Any
) -> str:
    """A tokenizer.json: `<unk>`, 256 bytes, `letters`, and what `merges` make; spaces are written as U+2581."""
    pieces = ["<unk>", *BYTES, *letters, *(left + right for left, right in merges)]
    model: dict[str, Any] = {
        "type": "BPE",
        "dropout": None,
        "unk_token": "<unk>",
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": True,
        "byte_fallback": True,
        "ignore_merges": False,
        "vocab": {piece: number for number, piece in enumerate(pieces)},
        "merges": [list(pair) for pair in merges],
    }
    model |= changes.pop("model", {})
    unknown = {"id": 0, "content": "<unk>", "special": True}
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    replace = {"type": "Replace", "pattern": {"String": SPACE}, "content": " "}
    content = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [unknown | flags],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": {"type": "Sequence", "decoders": [replace, {"type": "ByteFallback"}, {"type": "Fuse"}]},
        "model": model,
    }
    return json.dumps(content | changes)


def hand_made(folder: Path, content: str | None = None, name: str = "by-hand") -> Named:
    """That tokenizer, in a folder of its own."""
    path = folder / name / "tokenizer.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(tokenizer_json() if content is None else content)
    (named,) = open_tokenizers([str(path.parent)])
    assert named.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    return named


def cell(
    *texts: str, domain: str = "words", unit: str = "one", language: str | None = None, is_code: bool = False
) -> Cell:
    return Cell(domain, unit, language, is_code, pa.array(texts, pa.large_string()))


def texts_of(*cells: Cell, weights: dict[tuple[str, str], float] | None = None) -> Texts:
    return Texts(cells, weights or {})


def parallel(**languages: str) -> ParallelText:
    """One text per language, all of the key `1`."""
    return ParallelText(
        ("by hand",), {name: {"1": text} for name, text in languages.items()}, dict.fromkeys(languages, "")
    )


ENGLISH = parallel(en="ab")
