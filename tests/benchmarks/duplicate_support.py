"""What benchmarks of duplicates share: shards of real documents as a first pass writes them, and rounds over them."""

import io
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from rich.console import Console

from datapipe.executors import InlineExecutor
from datapipe.fingerprints import pass_fingerprints
from datapipe.observing.event_log import EventLog
from datapipe.output import Trial
from datapipe.passes.duplicate_phases import decide_duplicates
from datapipe.passes.phases import decide_shards, sweep_shards
from datapipe.passes.planning import PassPlan, plan_passes
from datapipe.passes.shards import PassInputs, Shards
from datapipe.receipts import Receipt, relative, write_receipt
from datapipe.recipe import Recipe
from datapipe.running import Run
from datapipe.shard_files import shard_path
from datapipe.storage import writing_parquet


def write_shards(folder: str, recipe: Recipe, texts: pa.Array, rows: Iterable[int], shard_bytes: int) -> Shards:
    """Write the texts of these rows, in shards of about so many bytes, as the first pass would, with receipts."""
    plan = plan_passes(recipe)[0]
    sizes = pc.binary_length(texts).to_numpy()
    found: list[Receipt] = []
    waiting: list[int] = []
    for row in rows:
        waiting.append(row)
        if sizes[waiting].sum() >= shard_bytes:
            found.append(_write(folder, plan, f"web-{len(found):06}-0000", texts.take(pa.array(waiting))))
            waiting.clear()
    if waiting:
        found.append(_write(folder, plan, f"web-{len(found):06}-0000", texts.take(pa.array(waiting))))
    inputs = PassInputs(plan.name, plan.fingerprint, [""] * len(found))
    return Shards([one.shard for one in found], sum(one.bytes_out for one in found), (inputs,))


def _write(folder: str, plan: PassPlan, shard: str, texts: pa.Array) -> Receipt:
    rows, digest = len(texts), xxhash.xxh3_64_hexdigest(shard.encode())
    columns = {
        "id": pa.array([f"web/{digest}/{row:010}" for row in range(rows)]),
        "source": pa.array(["web"] * rows),
        "date": pa.array([f"2024-01-{row % 28 + 1:02}" for row in range(rows)]),
        "text": texts,
        "text_bytes": pc.cast(pc.binary_length(texts), pa.int64()),
    }
    arrays = [columns.get(field.name, pa.nulls(rows, field.type)) for field in plan.schema]
    batch = pa.RecordBatch.from_arrays(arrays, schema=plan.schema)
    with writing_parquet(f"{folder}/{shard_path('documents', plan.name, shard)}", plan.schema) as (file, outputs):
        for at in range(0, rows, 512):
            file.write(batch.slice(at, 512))
        file.add_metadata({"id_digest": digest})
    size = pc.sum(columns["text_bytes"]).as_py()
    named = tuple(relative(output, folder) for output in outputs)
    receipt = Receipt(plan.name, shard, plan.fingerprint, "", rows_out=rows, bytes_out=size, outputs=named)
    write_receipt(folder, receipt)
    return receipt


def rounds_over(folder: str, recipe: Recipe, found: Shards, count: int) -> Iterator[tuple[Run, tuple[float, float]]]:
    """Each time: the run, and the CPU seconds of hashing and of the rounds, without the deciding pass between them.

    Without receipts everything behind the documents is done again. To salt fingerprints would not do: the tasks of an
    exchange know what they read by its sums.
    """
    fingerprints = pass_fingerprints(recipe)
    first, second = plan_passes(recipe, None, fingerprints)
    quiet = Console(file=io.StringIO())
    with EventLog(folder) as log:
        for _ in range(count):
            for receipts in (Path(folder) / "receipts").iterdir():
                if receipts.name != first.name:
                    shutil.rmtree(receipts)
            run = Run(
                folder, InlineExecutor(), quiet, log,
                disk_reserve_bytes=0, recipe=recipe, trial=Trial(), fingerprints=fingerprints,
            )  # fmt: skip
            yield run, _seconds(run, second, found)


def _seconds(run: Run, plan: PassPlan, found: Shards) -> tuple[float, float]:
    begin = time.process_time()
    hashed = sweep_shards(run, plan, found)
    swept = time.process_time()
    decided = decide_shards(run, hashed)
    start = time.process_time()
    decide_duplicates(run, hashed, decided)
    return swept - begin, time.process_time() - start
