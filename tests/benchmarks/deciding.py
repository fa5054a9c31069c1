"""The deciding pass over a million documents: 57 rules in English, 21 with limits per language elsewhere, 42 columns.

Bar: 100,000 documents/s per core, files read and written included, so that a moved threshold costs minutes, not the
crawl. No text is read, so the columns are drawn: of every limit about 2 % of the documents fall on the wrong side.
Shards and row groups have the sizes that 256 MiB and 8 MiB of web text at 4.2 KB per page give.
"""

import json
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapipe.loading.rule_files import rule_set
from datapipe.passes.deciding import DecideTask, decide_shard
from datapipe.recipe import Domain, Holdout
from datapipe.rules import Rule
from datapipe.shard_files import QUARANTINED, Upstream, shard_path
from datapipe.storage import writing_parquet
from datapipe.where import parse_where

BAR = 100_000
ROUNDS = 5
DOCUMENTS = 1_000_000
SHARDS = 16
GROUP_ROWS = 2_000
PAGE_BYTES = 4_200
LANGUAGES = ["en", "de", "ru", "zh", "es", "ja", "fr", "pt", "it", "th"]
SETS = ("gopher", "gopher_repetition", "c4", "fineweb", "nemo_curator_en")
DOMAINS = (
    Domain("english", 0.7, parse_where({"language": "en"}), tuple(rule_set(name, Path()) for name in SETS)),
    Domain("multilingual", 0.3, (), (rule_set("gopher_multilingual", Path()),), by="language"),
)
OF_DOCUMENTS = ("id", "source", "language", "text_bytes")


def measured_columns() -> dict[str, list[Rule]]:
    """Every column that a rule reads, with the rules on it."""
    found: dict[str, list[Rule]] = {}
    for rule in (rule for domain in DOMAINS for rules in domain.rules for rule in rules.rules):
        found.setdefault(rule.column, []).append(rule)
    return found


def schema() -> pa.Schema:
    """Of the annotations: counts and lengths are whole numbers."""
    kinds = [
        (name, pa.int64() if name.endswith(("_count", "_length")) else pa.float64()) for name in measured_columns()
    ]
    kinds = [(name, pa.float64() if name.startswith("mean_") else kind) for name, kind in kinds]
    return pa.schema([*(pa.field(name, kind) for name, kind in kinds), QUARANTINED])


def drawn(rules: list[Rule], rows: int, chance: np.random.Generator) -> npt.NDArray[np.float64]:
    """Values of a column: about 2 % beyond the tightest limit on either side."""
    lows = [bound for rule in rules for bound in (rule.min, rule.above) if bound is not None]
    highs = [bound for rule in rules for bound in (rule.max, rule.below) if bound is not None]
    if lows and highs:
        return chance.normal((max(lows) + min(highs)) / 2, abs(min(highs) - max(lows)) / 4.1, rows)
    if lows:
        return chance.normal(max(lows) * 1.5, max(lows) * 0.5 / 2.05, rows)
    return chance.exponential(max(min(highs, default=1.0), 1e-3) / 4, rows)


def write_shards(folder: str) -> list[str]:
    """Documents (without text) and annotations of every shard; their names."""
    chance = np.random.default_rng(17)
    columns, kinds = measured_columns(), schema()
    names = [f"web-{number:06}-0000" for number in range(SHARDS)]
    for name in names:
        rows = DOCUMENTS // SHARDS
        values = {column: drawn(rules, rows, chance) for column, rules in columns.items()}
        arrays = [pa.array(values[field.name]).cast(field.type, safe=False) for field in list(kinds)[:-1]]
        measured = pa.RecordBatch.from_arrays([*arrays, pa.array(chance.random(rows) < 1e-4)], schema=kinds)
        documents = pa.RecordBatch.from_pydict(
            {
                "id": [f"web/{chance.integers(1 << 63):016x}/{record:010}" for record in range(rows)],
                "source": ["web"] * rows,
                "language": chance.choice(LANGUAGES, rows, p=[0.5] + [0.5 / 9] * 9).tolist(),
                "text_bytes": chance.exponential(PAGE_BYTES, rows).astype(np.int64),
            }
        )
        for kind, pass_name, batch in (("documents", "extract", documents), ("annotations", "measure", measured)):
            path = f"{folder}/{shard_path(kind, pass_name, name)}"
            with writing_parquet(path, batch.schema, align=True) as (file, _):
                for start in range(0, rows, GROUP_ROWS):
                    file.write(batch.slice(start, GROUP_ROWS))
                file.add_metadata({"id_digest": name})
    return names


def tasks(folder: str, names: list[str], round_number: int) -> Iterator[DecideTask]:
    """The pass, as if a threshold had moved."""
    upstream = (
        Upstream("documents", "extract", OF_DOCUMENTS),
        Upstream("annotations", "measure", tuple(schema().names)),
    )
    for name in names:
        yield DecideTask(folder, name, f"moved {round_number} times", "", upstream, (), DOMAINS, Holdout(), 17)


def main() -> None:
    """Print documents per second of the median round."""
    pa.set_cpu_count(1)
    with tempfile.TemporaryDirectory() as folder:
        names = write_shards(folder)
        seconds = []
        for round_number in range(ROUNDS + 1):
            start = time.perf_counter()
            receipts = [decide_shard(task) for task in tasks(folder, names, round_number)]
            seconds.append(time.perf_counter() - start)
    speed = sum(receipt.rows_in for receipt in receipts) / statistics.median(seconds[1:])
    result = {
        "name": "deciding",
        "documents_per_s": round(speed),
        "kept_fraction": round(sum(r.rows_out for r in receipts) / sum(r.rows_in for r in receipts), 3),
        "rules": sum(len(rules.rules) for domain in DOMAINS for rules in domain.rules),
        "columns": len(measured_columns()),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
        "bar": {"documents_per_s": BAR},
        "passed": speed >= BAR,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
