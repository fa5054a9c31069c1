"""Folders of counts and of data, made of texts by the plain cuts."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.tokenizer.plain_fragments import count_fragments
from tokenizer.counting.counts_file import Counts, CountsFile, UnitTotals, write_counts
from tokenizer.load import loads
from tokenizer.recipe import Symbols, TokenizerRecipe
from tokenizer.symbols import cuts_fingerprint

RECIPE = """
name: small
data: data
output: out
train:
  vocab_sizes: [1536, 1280]
  fim: []
  reserved: 0
"""


def recipe(*settings: str) -> TokenizerRecipe:
    return loads(RECIPE, "small.yaml", settings)


def write_counted(
    root: Path, units: Mapping[str, Sequence[str]], sampled: Mapping[str, float] | None = None, domain: str = "text"
) -> None:
    """Counts in `root/out`, and `root/data/mixture.json` with equal weights, of texts by unit of one domain."""
    totals, rows = [], []
    for unit, documents in units.items():
        counts = count_fragments(documents)
        size = sum(len(text.encode()) for text in documents)
        rows += [(fragment, domain, unit, 1.0, count) for fragment, count in counts.items()]
        totals.append(UnitTotals(domain, unit, len(documents), size, len(counts), counts.total(), 0, 0, 0))
    columns = zip(*sorted(rows), strict=True)
    names = ("fragment", "domain", "unit", "sample_rate", "count")
    path = root / "out" / "counts" / "000000.parquet"
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table(dict(zip(names, map(list, columns), strict=True))), path)
    file = CountsFile("counts/000000.parquet", len(rows), path.stat().st_size, "")
    where = {"cuts": cuts_fingerprint(Symbols()), "max_fragment_bytes": 65_536, "folder": str(root / "out")}
    write_counts(Counts("f" * 32, Symbols(), units=tuple(totals), sampled=dict(sampled or {}), files=(file,), **where))
    weights = {unit: {"weight": 1 / len(units)} for unit in units}
    (root / "data").mkdir()
    (root / "data" / "mixture.json").write_text(json.dumps({"domains": {domain: {"weight": 1, "units": weights}}}))
