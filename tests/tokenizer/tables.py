"""Tables of fragments and counts made of real text in plain Python, and what SentencePiece learns of them."""

import io
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import sentencepiece

from tests.benchmarks.corpus import texts_of
from tests.tokenizer.plain_fragments import count_fragments
from tests.tokenizer.trained_models import DATA, PAPER
from tokenizer.model_file import read_model
from tokenizer.recipe import Symbols, Train
from tokenizer.training.trainer_rules import rules_of

RULES = rules_of(Train(fim=("<fim_prefix>",), reserved=1), Symbols())
"""Those of the models that are trained here."""
Table = Mapping[str, int]


@cache
def real_table(name: str) -> Table:
    """Fragments of texts of the tiny recipe: `english`, `code`, `han`, `indic` (Hindi, Thai ...), `arabic`, `mix`."""
    pages = list(texts_of(DATA / "web" / "declarations.warc.zst"))
    english = list(texts_of(DATA / "web" / "guide-amd64.warc.gz"))[::4]
    code = [path.read_text(errors="replace") for path in sorted((DATA / "code").rglob("*.*")) if path.suffix == ".go"]
    texts = {
        "english": english,
        "code": code,
        "han": [page for page in pages if any("一" <= one <= "鿿" for one in page[:200])],
        "indic": [page for page in pages if any("\u0900" <= one <= "\u0e7f" for one in page[:200])],
        "arabic": [page for page in pages if any("\u0600" <= one <= "\u06ff" for one in page[:200])],
        "mix": pages[::3] + english[::4] + code[::4],
    }
    return rows_only(count_fragments(texts[name]))


def rows_only(table: Table) -> Table:
    """Without fragments that no row of text can hold: they are symbols."""
    return {fragment: count for fragment, count in table.items() if fragment not in ("\n", "\t")}


def columns(table: Table) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """Fragments and counts as a replay takes them."""
    return pa.array(list(table), pa.large_string()), np.array(list(table.values()), np.int64)


def library_model(table: Table, vocab_size: int, **changes: Any) -> bytes:
    """What SentencePiece learns of these rows; smaller where there is nothing more to learn."""
    written = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.tsv"
        rows.write_text("".join(f"{text}\t{count}\n" for text, count in table.items()), encoding="utf-8", newline="")
        sentencepiece.SentencePieceTrainer.train(
            input=str(rows),
            input_format="tsv",
            model_writer=written,
            vocab_size=vocab_size,
            hard_vocab_limit=False,
            max_sentence_length=1 << 30,
            num_threads=1,
            minloglevel=3,
            **(PAPER | changes),
        )
    return written.getvalue()


def normal_pieces(model: bytes) -> list[str]:
    """What was learned: merged pieces in order, then single characters."""
    return [piece.text for piece in read_model(model, "model").pieces if piece.kind == "normal"]
