"""The trainer's loader: tokens per second of one core from page cache, and what a plan of 8 T tokens takes to start.

Throughput: rows of 4,097 int32 tokens in the order of a course over 30 units, with all that training does on the way
(order, place in the shards, system calls, the look for ids beyond the vocabulary, reading ahead), over the processor
time of all threads. Peers read as many rows: `memmap` copies slices of the same files into a batch that is used again,
`memmap_int64` is nanoGPT's way (slices as int64, stacked), both at places drawn beforehand and in mappings that are new
in every round, as pages are that training meets for the first time; `megatron` is megatron-core's GPTDataset, which
also makes labels, a loss mask and positions of every row. Tokens are random numbers: nothing here depends on what they
mean.

Start: a new process reads plan, manifest and mixture of 1,000 units in shards of 10 GB (sparse files, 32 TB in all),
looks at every file's size, settles the course, and reads the first batch. Seconds and peak memory are those beyond
imports, and imports end when kernels are loaded: the first call of one brings half of numba with it. The same with
shards of 256 MiB of text, the default of data recipes, is told without a bar.
"""

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.benchmarks.corpus import cache_folder
from tokenizer.store import writing_indexed
from trainer.corpus import corpus_of
from trainer.course import PARTS, Course, Parts, Stretch
from trainer.data import Batches
from trainer.load import load
from trainer.order import Order
from trainer.settle import settle
from trainer.tokens.open_files import check_files
from trainer.tokens.reading import Reader

BARS = {"million_tokens_per_s": 250.0, "startup_seconds": 1.0, "startup_mb": 50.0}
SEQ_LEN = 4096
ROUNDS = 7
BATCH, STEPS = 1152, 8
WEIGHTS = {"english": 0.70, "multilingual": 0.15, "code": 0.15}
SMALL = (10, 10, 10)
"""Units by domain where throughput is measured,"""
LARGE = (300, 400, 300)
"""and for the start."""
SMALL_SHARDS, SMALL_TOKENS = 2, 2_000_000
"""Of each unit, and of each shard: 480 MB in all."""
TOKENS = 8_000_000_000_000
SHARD_TOKENS = {"large_shards": 2_500_000_000, "default_shards": 62_500_000}
"""Of a shard: 10 GB of tokens; 256 MiB of text at 4.3 bytes per token."""
PLAN = """
name: {name}
output: run
data: {name}
tokenizer: random-256000
model: {{preset: nemotron4_15b}}
phases:
  - name: one
    tokens: 200_000_000_000
    batch: {batches[0]}
    learning_rate: [{{shape: linear, tokens: 16_000_000_000, start: 0, end: 4.5e-4}}, {{shape: constant}}]
  - {{name: two, tokens: 200_000_000_000, batch: {batches[1]}}}
  - {{name: three, tokens: 7_600_000_000_000, batch: {batches[2]}}}
"""


def make(root: Path, name: str, units: tuple[int, ...], shards: int, tokens: int, is_sparse: bool) -> Path:
    """A plan, and the data it names: units of equal size, weights that are not. Returns the plan's path."""
    generator = np.random.default_rng(17)
    folder = root / name / "tokens" / "random-256000"
    mixture: dict[str, Any] = {"budget_tokens": TOKENS, "domains": {}}
    found: dict[str, Any] = {}
    for (domain, weight), count in zip(WEIGHTS.items(), units, strict=True):
        shares = generator.dirichlet(np.full(count, 5.0)) * weight
        names = [f"unit {number:03}" for number in range(count)]
        of_units = {one: {"weight": float(share)} for one, share in zip(names, shares, strict=True)}
        mixture["domains"][domain] = {"weight": weight, "units": of_units}
        for one in names:
            (folder / domain / one).mkdir(parents=True, exist_ok=True)
            found.setdefault(domain, {})[one] = unit(folder, f"{domain}/{one}", shards, tokens, is_sparse)
    manifest = {
        "tokenizer": "random-256000", "fingerprint": "0" * 32, "model_sha256": "0" * 64, "vocabulary": "0" * 32,
        "vocab_size": 256_000, "dtype": "int32", "bos": None, "eos": 3, "encoder": "native", "seq_len": SEQ_LEN,
        "units": found, "validation": {},
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1))
    (root / name / "mixture.json").write_text(json.dumps(mixture, indent=1))
    path = root / f"{name}.yaml"
    path.write_text(PLAN.format(name=name, batches=(BATCH,) * 3 if not is_sparse else (384, 768, 1152)))
    return path


def unit(folder: Path, place: str, shards: int, tokens: int, is_sparse: bool) -> dict[str, Any]:
    """The files of a unit, and its entry in the manifest. Sparse files have a size and take no room."""
    entries = []
    for number in range(shards):
        path = f"{place}/{number:06}"
        with (folder / f"{path}.bin").open("wb") as file:
            if is_sparse:
                file.truncate(tokens * 4)
            else:
                np.random.default_rng(number).integers(0, 256_000, tokens, np.int32).tofile(file)
        sums = dict.fromkeys((".bin", ".documents.parquet", ".idx"), "0" * 64)
        windows = (tokens - 1) // SEQ_LEN
        entries.append({"path": path, "documents": 1, "bytes": 1, "tokens": tokens, "windows": windows, "sha256": sums})
    sums = {key: sum(entry[key] for entry in entries) for key in ("documents", "bytes", "tokens", "windows")}
    return {**sums, "dropped": 0, "shards": entries}


def ours(plan: Path) -> Callable[[int], None]:
    """Steps of a run, read ahead as training does."""
    loaded = load(plan)
    corpus = corpus_of(loaded, str(plan.parent))
    course = settle(loaded, corpus.sizes)
    reader = Reader(corpus, Order(course))

    def read(at: int) -> None:
        with Batches(reader, course, at * STEPS * BATCH) as batches:
            for _, batch in zip(range(STEPS), batches, strict=False):
                assert len(batch.rows) == BATCH

    return read


def memmap(plan: Path, as_int64: bool) -> Callable[[int], None]:
    """Slices of mapped files."""
    paths = sorted((plan.parent / plan.stem).glob("tokens/*/*/*/*.bin"))
    rounds = [[np.memmap(path, np.int32, "r") for path in paths] for _ in range(ROUNDS + 1)]
    generator = np.random.default_rng(5)
    shape = (ROUNDS + 1, STEPS, BATCH)
    shards = generator.integers(0, len(paths), shape).tolist()
    starts = (generator.integers(0, (SMALL_TOKENS - 1) // SEQ_LEN, shape) * SEQ_LEN).tolist()
    rows = np.empty((BATCH, SEQ_LEN + 1), np.int32)

    def read(at: int) -> None:
        files = rounds[at]
        for step in range(STEPS):
            places = zip(shards[at][step], starts[at][step], strict=True)
            if as_int64:
                np.stack([files[one][start : start + SEQ_LEN + 1].astype(np.int64) for one, start in places])
            else:
                for row, (one, start) in enumerate(places):
                    rows[row] = files[one][start : start + SEQ_LEN + 1]

    return read


def megatron(folder: Path) -> Callable[[int], None]:
    """Samples of Megatron's dataset, one after the other, over a file with documents of 1,000 tokens."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that Transformer Engine and Apex are not there
        from megatron.core.datasets.gpt_dataset import GPTDataset, GPTDatasetConfig
        from megatron.core.datasets.indexed_dataset import IndexedDataset
        from megatron.core.datasets.utils import Split

    prefix, documents = str(folder / "megatron"), 20_000
    with writing_indexed(prefix, np.dtype("<i4")) as (file, _):
        ids = np.random.default_rng(3).integers(0, 256_000, documents * 1000, np.int32)
        file.write(ids, np.full(documents, 1000, np.int64))
    torch.set_num_threads(1)
    if not torch.distributed.is_initialized():
        torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=0, world_size=1)
    tokenizer = SimpleNamespace(eod=3, pad=0, vocab_size=256_000, unique_identifiers={"class": "none"})
    config = GPTDatasetConfig(
        random_seed=1, sequence_length=SEQ_LEN, split="1,0,0", blend=([prefix], None), tokenizer=tokenizer,
        reset_position_ids=False, reset_attention_mask=False, eod_mask_loss=False, create_attention_mask=False,
        path_to_cache=str(folder / "cache"),
    )  # fmt: skip
    with contextlib.redirect_stdout(sys.stderr):
        rows = GPTDataset(IndexedDataset(prefix), prefix, np.arange(documents), 4_000, Split.train, config)

    def read(at: int) -> None:
        for number in range(STEPS * BATCH):
            rows[number % len(rows)]

    return read


def speeds(plan: Path) -> dict[str, float]:
    """Millions of tokens per second of processor time: medians of rounds in which all take turns."""
    loaders = {
        "ours": ours(plan),
        "memmap": memmap(plan, False),
        "memmap_int64": memmap(plan, True),
        "megatron": megatron(plan.parent),
    }
    for read in loaders.values():
        read(0)
    seconds: dict[str, list[float]] = {name: [] for name in loaders}
    for number in range(1, ROUNDS + 1):
        for name, read in loaders.items():
            start = time.process_time()
            read(number)
            seconds[name].append(time.process_time() - start)
    tokens = STEPS * BATCH * (SEQ_LEN + 1)
    return {name: tokens / 1e6 / statistics.median(found) for name, found in seconds.items()}


def memory_mb(key: str) -> float:
    """Of this process: `VmRSS` now, `VmHWM` at its highest."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[key].split()[0]) / 1000


def start(plan: Path) -> None:
    """Begin a run, up to its first batch, and print what that took."""
    parts = Parts({"a": PARTS}, {"a": {"b": PARTS}})
    Order(Course(0, 1, {"a": {"b": 1}}, "", (Stretch("", 0, 1, 1, parts, {"a": {"b": 0}}),), ())).places(0, 1)
    before, began = memory_mb("VmRSS"), time.perf_counter()
    loaded = load(plan)
    corpus = corpus_of(loaded, str(plan.parent))
    check_files(corpus)
    course = settle(loaded, corpus.sizes)
    with Batches(Reader(corpus, Order(course)), course) as batches:
        assert len(next(batches).rows) == 384
    print(json.dumps({"seconds": time.perf_counter() - began, "mb": memory_mb("VmHWM") - before}))


def startup(plan: Path) -> dict[str, float]:
    """Medians of processes that begin a run; the first one finds the disk's cache cold."""
    command = [sys.executable, "-m", "tests.benchmarks.loader", "start", str(plan)]
    rounds = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(ROUNDS + 1)]
    found = [json.loads(answer) for answer in rounds[1:]]
    return {key: statistics.median(one[key] for one in found) for key in ("seconds", "mb")}


def main() -> None:
    """Print one JSON line."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder()) as folder:
        small = make(Path(folder), "small", SMALL, SMALL_SHARDS, SMALL_TOKENS, is_sparse=False)
        found = speeds(small)
        starts = {}
        for name, shard_tokens in SHARD_TOKENS.items():
            shards = TOKENS // sum(LARGE) // shard_tokens
            starts[name] = startup(make(Path(folder), name, LARGE, shards, shard_tokens, is_sparse=True))
    told = starts["large_shards"]
    result = {
        "name": "loader",
        "million_tokens_per_s": round(found["ours"], 1),
        "startup_seconds": round(told["seconds"], 3),
        "startup_mb": round(told["mb"], 1),
        "startup_of_default_shards": {key: round(value, 3) for key, value in starts["default_shards"].items()},
        "ratio": {name: round(found["ours"] / speed, 2) for name, speed in found.items() if name != "ours"},
        "bar": BARS,
        "passed": found["ours"] >= BARS["million_tokens_per_s"]
        and told["seconds"] < BARS["startup_seconds"]
        and told["mb"] < BARS["startup_mb"],
    }
    print(json.dumps(result))


if __name__ == "__main__":
    start(Path(sys.argv[2])) if sys.argv[1:2] == ["start"] else main()
