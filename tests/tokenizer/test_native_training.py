"""Training natively gives SentencePiece's model, byte for byte."""

from dataclasses import replace

import pytest

from tests.tokenizer.tables import columns, real_table
from tokenizer.recipe import Symbols, Train
from tokenizer.training.estimate import NATIVE, SENTENCEPIECE
from tokenizer.training.learned import learn_models
from tokenizer.training.native_training import train_natively
from tokenizer.training.vocabulary import train_model
from tokenizer.training.weighted_rows import Rows

SETTINGS = Train(vocab_sizes=(4096,), reserved=2)


@pytest.mark.parametrize("name", ["english", "code", "mix"])
def test_it_writes_the_file_that_sentencepiece_writes(name: str) -> None:
    rows = Rows(*columns(real_table(name)))
    assert train_natively(rows, SETTINGS, Symbols(), 4096) == train_model(rows, SETTINGS, Symbols(), 4096)


def test_where_sentencepiece_needs_too_much_memory_the_model_is_the_same() -> None:
    rows = Rows(*columns(real_table("mix")))
    limit = NATIVE.needed(rows.fragments, 4096)
    assert limit < SENTENCEPIECE.needed(rows.fragments, 4096)
    said: list[str] = []
    little = replace(SETTINGS, max_memory_bytes=limit)
    found = learn_models(rows, little, Symbols(), [4096], warn=said.append)[4096]
    assert found.model.data == train_model(rows, SETTINGS, Symbols(), 4096)
    assert found.certificate.sentence == "exact: all fragments of the corpus were counted"
    assert any("training natively" in line for line in said)
