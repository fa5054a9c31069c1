"""The merges of a vocabulary made natively, against SentencePiece's trainer on the same rows.

Each runs in a process of its own. Seconds are of processor time, without reading the rows; memory is what training adds
to the process at its peak (`bytes_per_character`). Bar: the pieces are the same, in order.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datapipe.observing.peak_memory import peak_bytes
from tests.benchmarks.corpus import documents
from tests.benchmarks.train import LARGEST_BYTES, LEAST_BYTES, TEXTS, cpu_seconds, sample
from tests.tokenizer.native_counts import native_rows
from tokenizer.model_file import read_model
from tokenizer.recipe import Symbols, Train
from tokenizer.replaying.replay import learn, replay
from tokenizer.training.trainer_rules import rules_of
from tokenizer.training.vocabulary import train_model
from tokenizer.training.weighted_rows import Rows

VOCAB_SIZE = 64_000
RULES = rules_of(Train(), Symbols())
Figures = dict[str, float]


def read_rows(folder: Path) -> Rows:
    """The rows that `measure` has written."""
    table = pq.read_table(folder / "rows.parquet")
    return Rows(table["fragment"].combine_chunks(), table["count"].to_numpy())


def by_sentencepiece(folder: Path) -> Figures:
    """Train, in a process that is not this one, and write the model."""
    rows, start = read_rows(folder), cpu_seconds()
    (folder / "model").write_bytes(train_model(rows, Train(), Symbols(), VOCAB_SIZE))
    return {"sentencepiece_s": cpu_seconds() - start}


def natively(folder: Path) -> Figures:
    """Learn the same merges with nothing to follow, then make those of the model; compare both."""
    rows, model = read_rows(folder), read_model((folder / "model").read_bytes(), "model")
    few = Rows(rows.fragments[:1000], rows.counts[:1000])
    replay(few.fragments, few.counts, model, RULES)
    learn(few.fragments, few.counts, 10, RULES, 0.9995)  # compiled
    base, start = peak_bytes(), cpu_seconds()
    led = replay(rows.fragments, rows.counts, model, RULES)
    replayed = cpu_seconds() - start
    possible = int(np.count_nonzero(led.counts))  # SentencePiece goes on where no pair is left
    free = learn(rows.fragments, rows.counts, possible, RULES, 0.9995)
    characters = sum(map(len, rows.fragments.to_pylist()))
    return {
        "replay_s": replayed, "learn_s": cpu_seconds() - start - replayed, "merges": possible,
        "same": bool(led.is_next[:possible].all()) and free.pieces == led.pieces[:possible], "characters": characters,
        "bytes_per_character": (peak_bytes() - base) / characters, "peak_mb": peak_bytes() / 1e6,
        "ties": float(np.mean(free.leads == 0)),
    }  # fmt: skip


TOOLS = {"by_sentencepiece": by_sentencepiece, "natively": natively}


def measure(table: pa.Table) -> Figures:
    """All figures of one text."""
    with tempfile.TemporaryDirectory() as folder:
        rows = native_rows(batch["text"] for batch in table.to_batches(256))
        pq.write_table(pa.table({"fragment": rows.fragments, "count": rows.counts}), Path(folder) / "rows.parquet")
        found: Figures = {"mb": table["text"].nbytes / 1e6, "rows": len(rows.counts)}
        for tool in TOOLS:
            command = [sys.executable, "-m", "tests.benchmarks.replay", tool, folder]
            answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found |= json.loads(answer.stdout.splitlines()[-1])
    return {key: round(value, 2) for key, value in found.items()}


def main() -> None:
    """Print the figures as one JSON line."""
    samples = {
        name: sample(documents(*patterns, suffixes=kinds), LARGEST_BYTES) for name, (patterns, kinds) in TEXTS.items()
    }
    figures = {name: measure(table) for name, table in samples.items() if table["text"].nbytes >= LEAST_BYTES}
    result = {
        "name": "replay",
        "vocab_size": VOCAB_SIZE,
        "mb_per_s": {name: round(one["mb"] / one["learn_s"], 1) for name, one in figures.items()},
        "peak_mb": max((round(one["peak_mb"]) for one in figures.values()), default=0),
        "ratio": {
            name: {"sentencepiece": round(one["sentencepiece_s"] / one["learn_s"], 2)} for name, one in figures.items()
        },
        "texts": figures,
        "bar": {"same": True},
        "passed": bool(figures) and all(one["same"] for one in figures.values()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(TOOLS[sys.argv[1]](Path(sys.argv[2]))))
    else:
        main()
