"""Models that SentencePiece itself trains, with the settings of the project, on the declaration of human rights."""

import functools
import io
import json
from pathlib import Path

import zstandard
from sentencepiece import SentencePieceTrainer

from tokenizer.recipe import Symbols, Train
from tokenizer.symbols import control_symbols, user_symbols

DECLARATION = Path(__file__).parents[2] / "tokenizer" / "data" / "declaration.jsonl.zst"
LANGUAGES = ("en", "de", "ru", "hi", "th", "ja", "ar")
SETTINGS = {
    "model_type": "bpe",
    "vocab_size": 4096,
    "hard_vocab_limit": False,
    "normalization_rule_name": "identity",
    "remove_extra_whitespaces": False,
    "add_dummy_prefix": False,
    "allow_whitespace_only_pieces": True,
    "split_digits": True,
    "byte_fallback": True,
    "control_symbols": list(control_symbols(Train(reserved=2))),
    "user_defined_symbols": list(user_symbols(Symbols())),
    "unk_id": 0,
    "pad_id": 1,
    "bos_id": 2,
    "eos_id": 3,
    "minloglevel": 2,
}


@functools.cache
def sample() -> tuple[str, ...]:
    """Articles in several scripts, and code with indentation."""
    with zstandard.open(DECLARATION, "rt", encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    code = "def total(numbers):\n\tsum = 0\n    for one in numbers:\n        sum += one  # 1234\n        return sum\n"
    return (*(one["text"] for one in articles if one["language"] in LANGUAGES), *[code] * 20)


def trained(texts: tuple[str, ...] | None = None, **changes: object) -> bytes:
    """A model of SETTINGS with `changes`, of `texts` or the sample."""
    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(sample() if texts is None else texts), model_writer=model, **{**SETTINGS, **changes}
    )
    return model.getvalue()
