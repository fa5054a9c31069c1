"""Speed of one stage on one core, over batches of real documents."""

import json
import resource
import statistics
import time
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from datapipe.stage import Stage

ROUNDS = 7
BATCH_ROWS = 2048
MAX_BYTES = 200_000_000


def text_batches(documents: pa.Table) -> list[pa.RecordBatch]:
    """The first 200 MB or so of the documents, in batches as a pass has them, in memory."""
    batches: list[pa.RecordBatch] = []
    for batch in documents.select(["text"]).combine_chunks().to_batches(BATCH_ROWS):
        batches.append(batch)
        if text_bytes(batches) >= MAX_BYTES:
            break
    return batches


def text_bytes(batches: Sequence[pa.RecordBatch]) -> int:
    """UTF-8 bytes of the texts."""
    return sum(pc.sum(pc.binary_length(batch["text"])).as_py() or 0 for batch in batches)


def megabytes_per_second(stage: Stage, batches: Sequence[pa.RecordBatch]) -> float:
    """Text per second of processor time: the median of rounds after a warm-up, kernels compiled."""
    seconds = []
    for _ in range(ROUNDS + 1):
        start = time.process_time()
        for batch in batches:
            stage(batch)
        seconds.append(time.process_time() - start)
    return text_bytes(batches) / 1e6 / statistics.median(seconds[1:])


def report(name: str, speed: float, bar: float, **more: float) -> None:
    """Print the figures as one JSON line."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    figures = {"name": name, "mb_per_s": round(speed, 1), **more, "peak_mb": round(peak)}
    print(json.dumps({**figures, "bar": {"mb_per_s": bar}, "passed": speed >= bar}))
