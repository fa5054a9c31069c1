"""Shards of texts that tests write, and what counting makes of them."""

import hashlib
import io
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from tests.tokenizer.plain_fragments import fragments
from tokenizer.counting.passes import Counting, pass_fingerprints
from tokenizer.counts import Counts, open_counts, write_counts
from tokenizer.load import loads
from tokenizer.recipe import TokenizerRecipe
from tokenizer.shards import TextShard
from tokenizer.working import working

Rows = Counter[tuple[str, str, str, float]]
"""How often a fragment was counted in a domain and unit, at a rate."""


@dataclass
class CountedTexts:
    """A folder of shards and of their counts."""

    folder: Path
    shards: list[TextShard] = field(default_factory=list)
    printed: str = ""

    def write(self, unit: str, texts: list[str], language: str | None = "en", domain: str = "prose") -> TextShard:
        """One more shard of a unit."""
        number = sum((one.domain, one.unit) == (domain, unit) for one in self.shards)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{domain}-{quote(unit, safe='')}-{number}.parquet"
        columns = {
            "id": pa.array([f"{unit}/{number}/{row}" for row in range(len(texts))], pa.string()),
            "language": pa.array([language] * len(texts), pa.string()),
            "text": pa.array(texts, pa.large_string()),
        }
        pq.write_table(pa.table(columns), path, row_group_size=7)
        size = sum(len(text.encode()) for text in texts)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        shard = TextShard(str(path), "shards", domain, unit, number, len(texts), size, digest)
        self.shards = sorted([*self.shards, shard], key=lambda one: (one.domain, one.unit, one.number))
        return shard

    def recipe(self, *settings: str) -> TokenizerRecipe:
        """The recipe with `path.to.key=value` changed."""
        return loads("{name: letters, data: none, output: counted}", str(self.folder / "tokenizer.yaml"), settings)

    def count(self, *settings: str, **options: Any) -> Counts:
        """Count them."""
        recipe, printed = self.recipe(*settings), io.StringIO()
        fingerprints = pass_fingerprints(recipe)
        console = Console(file=printed, width=200)
        with working(str(self.output), "letters", fingerprints, console=console, **options) as work:
            write_counts(Counting(work, recipe, self.shards).count())
        self.printed = printed.getvalue()
        return open_counts(str(self.output), recipe.symbols)

    @property
    def output(self) -> Path:
        """Folder of the counts."""
        return self.folder / "counted"

    def plain(self) -> Rows:
        """What must come out where nothing is sampled: the plain cuts of all texts."""
        rows: Rows = Counter()
        for shard in self.shards:
            for text in pq.read_table(shard.path)["text"].to_pylist():
                rows.update((one, shard.domain, shard.unit, 1.0) for one in fragments(text, self.recipe().symbols))
        return rows


def rows_of(counts: Counts) -> Rows:
    """All rows, no two of which are of the same fragment, unit and rate."""
    rows: Rows = Counter()
    for batch in counts.batches():
        for row in batch.to_pylist():
            key = (row["fragment"], row["domain"], row["unit"], row["sample_rate"])
            assert key not in rows
            rows[key] = row["count"]
    return rows
