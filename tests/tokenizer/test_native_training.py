"""Training natively gives SentencePiece's model, byte for byte."""

import pytest

from tests.tokenizer.tables import columns, real_table
from tokenizer.native_training import train_natively
from tokenizer.recipe import Symbols, Train
from tokenizer.vocabulary import train_model
from tokenizer.weighted_rows import Rows

SETTINGS = Train(vocab_sizes=(4096,), reserved=2)


@pytest.mark.parametrize("name", ["english", "code", "mix"])
def test_it_writes_the_file_that_sentencepiece_writes(name: str) -> None:
    rows = Rows(*columns(real_table(name)))
    assert train_natively(rows, SETTINGS, Symbols(), 4096) == train_model(rows, SETTINGS, Symbols(), 4096)
