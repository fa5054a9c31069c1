"""How fast a tokenizer is, on one core."""

import itertools
import statistics
import time
from collections.abc import Callable, Sequence

import pyarrow as pa

from tokenizer.evaluation.metrics import Figure
from tokenizer.evaluation.texts import Cell
from tokenizer.evaluation.tokenizers import Tokenizer

SAMPLE_BYTES = 1_000_000
RUNS = 3


def speed_sample(cells: Sequence[Cell], max_bytes: int = SAMPLE_BYTES) -> pa.LargeStringArray:
    """Documents of all cells in turn, until there are `max_bytes`."""
    taken: list[str] = []
    size = 0
    for row in itertools.count():
        rows = [cell.texts[row].as_py() for cell in cells if row < len(cell.texts)]
        for text in rows:
            if size < max_bytes:
                taken.append(text)
                size += len(text.encode())
        if not rows or size >= max_bytes:
            return pa.array(taken, pa.large_string())


def speeds(tokenizer: Tokenizer, texts: pa.LargeStringArray) -> dict[str, Figure]:
    """MB/s of encoding and decoding `texts`."""
    size = sum(len(text.as_py().encode()) for text in texts)
    if size == 0:
        return {name: Figure(None, 0) for name in ("encode_mb_per_s", "decode_mb_per_s")}
    rows = tokenizer.encode(texts).rows()
    as_list = texts.to_pylist()
    encoding, decoding = _median(lambda: tokenizer.encode_by_library(as_list)), _median(lambda: tokenizer.decode(rows))
    return {
        "encode_mb_per_s": Figure(size / 1e6 / encoding, size),
        "decode_mb_per_s": Figure(size / 1e6 / decoding, size),
    }


def _median(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return max(statistics.median(taken), 1e-9)
