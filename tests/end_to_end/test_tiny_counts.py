"""The tiny corpus counted: every fragment of every text, as the plain cuts find them."""

from collections import Counter
from pathlib import Path

import pytest

from tests.tokenizer.counted_texts import rows_of
from tests.tokenizer.plain_fragments import fragments
from tokenizer.counts import count, open_counts
from tokenizer.load import loads
from tokenizer.shards import text_shards
from tokenizer.texts import read_texts


@pytest.mark.slow
def test_the_tiny_corpus_has_the_counts_of_the_plain_cuts(tiny_output: Path, tmp_path: Path) -> None:
    recipe = loads(f"{{name: tiny, data: {tiny_output}, output: {tmp_path / 'counted'}}}")
    counts = open_counts(count(recipe))
    plain: Counter[tuple[str, str, str, float]] = Counter()
    for shard in text_shards(recipe.data):
        for batch in read_texts(shard.path):
            for text in batch["text"].to_pylist():
                plain.update((one, shard.domain, shard.unit, 1.0) for one in fragments(text, recipe.symbols))
    assert rows_of(counts) == plain
    assert sum(len(row[0].encode()) * n for row, n in plain.items()) == sum(unit.bytes for unit in counts.units)
