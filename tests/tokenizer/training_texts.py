"""Real text to learn vocabularies from: the Universal Declaration that ships, and the tiny recipe's data."""

import io
import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import sentencepiece
import zstandard

from tests.benchmarks.corpus import texts_of
from tests.tokenizer.plain_fragments import count_fragments
from tokenizer.model_file import read_model
from tokenizer.recipe import Symbols, Train
from tokenizer.symbols import user_symbols
from tokenizer.training.flags import sentencepiece_flags
from tokenizer.training.weighted_rows import Rows, bounded

ROOT = Path(__file__).parents[2]
DATA = ROOT / "recipes" / "tiny" / "data"


@cache
def _articles() -> dict[str, list[str]]:
    """Language -> the articles of the declaration."""
    packed = (ROOT / "tokenizer" / "data" / "declaration.jsonl.zst").read_bytes()
    lines = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)).read().splitlines()
    found: dict[str, list[str]] = {}
    for line in map(json.loads, lines):
        found.setdefault(line["language"].partition("-")[0], []).append(line["text"])
    return found


def _languages(*names: str) -> list[str]:
    return [text for name in names for text in _articles()[name]]


def _english() -> list[str]:
    return list(texts_of(DATA / "prose" / "speeches.jsonl.gz"))[:20] + _languages("en")


def _code() -> list[str]:
    files = [path for path in sorted((DATA / "code").rglob("*")) if path.is_file()][::3]
    return [path.read_bytes().decode(errors="replace") for path in files]


TEXTS: dict[str, Callable[[], list[str]]] = {
    "english": _english,
    "code": _code,
    "chinese_japanese": lambda: _languages("zh", "ja"),
    "thai": lambda: _languages("th"),
    "arabic": lambda: _languages("ar"),
    "hindi": lambda: _languages("hi"),
    "mix": lambda: _english()[::2] + _code()[::4] + [one for ones in _articles().values() for one in ones[:5]],
}


@cache
def texts(name: str) -> tuple[str, ...]:
    """Documents without a line end at their end: SentencePiece takes it away where text comes by an iterator."""
    return tuple(text.rstrip("\r\n") for text in TEXTS[name]())


@cache
def rows(name: str) -> Rows:
    """What the plain cuts count in them."""
    return rows_of(texts(name))


def rows_of(documents: Iterable[str], symbols: Symbols = Symbols()) -> Rows:  # noqa: B008
    """The rows of documents, by the plain cuts."""
    counts = count_fragments(documents, symbols)
    fragments = pa.array(list(counts), pa.large_string())
    return bounded(Rows(fragments, np.array(list(counts.values()), np.int64)), user_symbols(symbols))


def learned_from_text(
    documents: Iterable[str],
    vocab_size: int,
    train: Train = Train(),  # noqa: B008
    symbols: Symbols = Symbols(),  # noqa: B008
) -> list[str]:
    """The pieces that SentencePiece itself learns from the text."""
    model = io.BytesIO()
    flags = sentencepiece_flags(train, symbols, vocab_size)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(documents), model_writer=model, minloglevel=3, **flags
    )
    return pieces(model.getvalue())


def pieces(model: bytes) -> list[str]:
    """The pieces of a model, by id."""
    return [piece.text for piece in read_model(model, "model").pieces]
