"""One pass over one batch, and over one shard: steps applied in order, what they drop, what they break on.

A step that raises, or in a process that is watched crashes, hangs or takes all memory, is tried again on parts of the
batch until the records it cannot bear are alone: those go to quarantine, the others go through. It is the one place of
the project that catches every exception.
"""

import dataclasses
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe import storage
from datapipe.isolation.supervision import current, row_of, supervised
from datapipe.isolation.verdicts import Verdicts
from datapipe.isolation.watching import Death
from datapipe.output import RunError
from datapipe.receipts import Receipt, Stopwatch, finished, leave_receipt
from datapipe.recipe import Step
from datapipe.shard_files import (
    EARLY_DECISION_SCHEMA,
    DocumentWriter,
    Swept,
    Upstream,
    count_table,
    id_digest,
    language_names,
    open_aligned,
    shard_path,
    write_quarantine,
)
from datapipe.stage import write_columns
from datapipe.storage import Output, writing_parquet
from datapipe.where import matching

Result = TypeVar("Result")

EXCERPT_CHARACTERS = 500
EXCERPTS_PER_REASON = 3
"""Documents dropped early are written nowhere else: the first few of each reason in a batch keep the opening of their
text for the report."""


def attempted(call: Callable[[], Result]) -> Result | Exception:
    """What a call gives, or the exception it raises."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001
        return error


def sweep(batch: pa.RecordBatch, steps: Sequence[Step], watch: Stopwatch, verdicts: Verdicts | None = None) -> Swept:
    """Apply `steps` in order. Rows that a step drops or breaks on do not reach the next one.

    Rows on which there are `verdicts` are not tried again, and new verdicts are added to them.
    """
    swept = Swept(batch, np.arange(batch.num_rows))
    for step in steps:
        if swept.batch.num_rows == 0 and step.early:
            continue
        with watch.step(step.name):
            if step.early:
                _drop(swept, step)
            else:
                _apply(swept, step, verdicts)
    return swept


@dataclass(frozen=True)
class WarmUp:
    """Steps to try on one small document, with the columns they read."""

    steps: tuple[Step, ...]
    schema: pa.Schema
    others: tuple[Callable[[], None], ...] = ()
    """What else to call: kernels that belong to no step."""


def warm_up(task: WarmUp) -> None:
    """Load models and compile kernels, once per machine, so that many tasks at once find them compiled."""
    values: dict[str, object] = {}
    for one in task.schema:
        is_number = pa.types.is_integer(one.type) or pa.types.is_floating(one.type)
        is_text = pa.types.is_string(one.type) or pa.types.is_large_string(one.type)
        values[one.name] = 1 if is_number else "text/html" if is_text else None
    batch = pa.RecordBatch.from_pylist([values], task.schema)
    with supervised(None):  # compiling may take longer than any record may
        sweep(batch, [dataclasses.replace(step, where=()) for step in task.steps if not step.early], Stopwatch())
        for one in task.others:
            one()


def _apply(swept: Swept, step: Step, verdicts: Verdicts | None) -> None:
    """Run a measuring or rewriting step on the rows it applies to."""
    batch = swept.batch
    mask = matching(step.where, batch)
    rows = np.arange(batch.num_rows)
    if step.where and not pc.all(mask).as_py():
        rows = np.flatnonzero(mask.to_numpy(zero_copy_only=False))
    known = _known(batch, step, verdicts)
    if known:
        rows = np.setdiff1d(rows, list(known))
    parts, broken = _isolate(batch if len(rows) == batch.num_rows else batch.take(pa.array(rows)), step, verdicts)
    parts = [(rows[places], result) for places, result in parts]
    broken = known | {int(rows[place]): error for place, error in broken.items()}
    result = _merge(batch, step, parts)
    if broken:
        keep = np.setdiff1d(np.arange(batch.num_rows), list(broken))
        swept.quarantine += [
            {"id": batch["id"][row].as_py(), "file": None, "offset": None, "step": step.name, "error": error}
            for row, error in sorted(broken.items())
        ]
        swept.rows = swept.rows[keep]
        result = result.take(pa.array(keep))
    swept.batch = result


def _known(batch: pa.RecordBatch, step: Step, verdicts: Verdicts | None) -> dict[int, str]:
    """The rows that a step is known not to survive, with the errors."""
    if verdicts is None:
        return {}
    supervision = current()
    for suspect in supervision.care.suspects if supervision else ():
        row = row_of(suspect.death.entry, batch)
        if row is not None and suspect.step == step.name and row not in verdicts.on(batch, step):
            _condemn(batch, row, step, suspect.death, verdicts)
    return verdicts.on(batch, step)


def _condemn(batch: pa.RecordBatch, row: int, step: Step, death: Death, verdicts: Verdicts | None) -> None:
    supervision = current()
    if supervision is not None:
        supervision.set_apart(step.name, batch["id"][row].as_py(), death)
    if verdicts is not None:
        verdicts.add(batch, row, step, death.error)


DISPOSABLE_PARTS = 16
"""Rows that a process did not survive are divided by so many. A part that is to blame may cost its whole CPU budget,
the others cost what they always do: few levels are better than few parts."""

Part = tuple[npt.NDArray[np.int64], pa.RecordBatch]


def _isolate(batch: pa.RecordBatch, step: Step, verdicts: Verdicts | None) -> tuple[list[Part], dict[int, str]]:
    """The step's results with the rows they belong to, and the rows it broke on with the error."""
    parts: list[Part] = []
    broken: dict[int, str] = {}
    pending = [(0, batch.num_rows)]
    while pending:
        begin, end = pending.pop()
        rows = batch.slice(begin, end - begin)
        outcome = _attempt(rows, step)
        if isinstance(outcome, pa.RecordBatch):
            parts.append((np.arange(begin, end), outcome))
            continue
        death = outcome if isinstance(outcome, Death) else None
        seen = row_of(death.entry, rows) if death else None
        if end - begin == 1 or (death and death.kind == "cpu" and seen is not None):
            place = begin + (seen or 0)
            broken[place] = death.error if death else str(outcome)
            if death:
                _condemn(batch, place, step, death, verdicts)
            pending += [(a, b) for a, b in ((place + 1, end), (begin, place)) if a < b]
        elif end > begin:
            pending += reversed(_parts(begin, end, 2 if death is None else DISPOSABLE_PARTS, seen))
    return parts, broken


def _parts(begin: int, end: int, count: int, seen: int | None) -> list[tuple[int, int]]:
    """What to try next of rows that did not get through together; one that was seen last is tried alone."""
    cuts = {begin + (end - begin) * number // count for number in range(count + 1)}
    if seen is not None:
        cuts = {begin, begin + seen, begin + seen + 1, end}
    return list(pairwise(sorted(cuts)))


def _attempt(batch: pa.RecordBatch, step: Step) -> pa.RecordBatch | str | Death:
    """One try: the result, the error, or how the process that tried died."""
    supervision = current()
    if supervision is None:
        return _tried(batch, step)

    def noted() -> pa.RecordBatch | str:
        with supervision.at_step(step.name, batch):
            return _tried(batch, step)

    if not supervision.care.covers(step.name):
        return noted()
    with supervision.at_step(step.name, batch):
        attempted(lambda: step.stage(batch.slice(0, 0)))  # loads models here, once, and not in every process
    return supervision.try_apart(noted)


def _tried(batch: pa.RecordBatch, step: Step) -> pa.RecordBatch | str:
    """The result or the error. Raises RunError when the node lacks what the step needs: no record is at fault then."""
    outcome = attempted(lambda: step.stage(batch))
    if not isinstance(outcome, Exception):
        return outcome
    place = f"node {os.uname().nodename}: step {step.name!r}"
    if isinstance(outcome, ImportError):
        raise RunError(f"{place}: {outcome}") from outcome
    for path in (getattr(step.stage, name) for name in getattr(step.stage, "files", ())):
        if path is not None and not storage.exists(path):
            raise RunError(f"{place}: no such file: {path}") from outcome
    return f"{type(outcome).__name__}: {outcome}"


def _merge(batch: pa.RecordBatch, step: Step, parts: list[Part]) -> pa.RecordBatch:
    """`batch` with the written columns of `parts` set; other rows keep what they had, or are null."""
    if len(parts) == 1 and len(parts[0][0]) == batch.num_rows:
        return parts[0][1]
    source = np.full(batch.num_rows, -1, np.int64)
    done = 0
    for rows, _ in parts:
        source[rows] = np.arange(done, done + len(rows))
        done += len(rows)
    indices = pa.array(source, mask=source < 0)
    arrays = []
    for one in step.stage.writes:
        written = pa.concat_arrays([part[one.name] for _, part in parts]) if parts else pa.nulls(0, one.type)
        column = written.take(indices)
        if one.name in batch.schema.names:
            column = pc.if_else(pa.array(source >= 0), column, batch[one.name])
        arrays.append(column)
    return write_columns(batch, step.stage.writes, arrays)


def _drop(swept: Swept, step: Step) -> None:
    """Let the rows that an early selection fails leave."""
    batch = swept.batch
    applies = matching(step.where, batch)
    judged = step.stage(batch)
    dropped = pc.and_(pc.is_valid(judged["drop_reason"]), applies)
    leaving = judged.filter(dropped)
    if leaving.num_rows == 0:
        return
    swept.decisions.append(_early_decisions(leaving, step))
    sizes = pc.binary_length(leaving["text"]).to_pylist()
    languages = language_names(leaving)
    for language, reason, size in zip(languages, leaving["drop_reason"].to_pylist(), sizes, strict=True):
        swept.counts[language, step.name, reason] += 1
        swept.bytes[language, step.name, reason] += size
    swept.failed.update(leaving["failed"].flatten().to_pylist())
    keep = pc.invert(dropped)
    swept.rows = swept.rows[keep.to_numpy(zero_copy_only=False)]
    swept.batch = batch.filter(keep)


def _early_decisions(leaving: pa.RecordBatch, step: Step) -> pa.RecordBatch:
    seen: Counter[str] = Counter()
    excerpts: list[str | None] = []
    for reason, text in zip(leaving["drop_reason"].to_pylist(), leaving["text"], strict=True):
        seen[reason] += 1
        excerpts.append(text.as_py()[:EXCERPT_CHARACTERS] if seen[reason] <= EXCERPTS_PER_REASON else None)
    columns = [
        leaving["id"],
        pa.repeat(pa.scalar(step.name), leaving.num_rows),
        leaving["drop_reason"],
        leaving["failed"],
        leaving["language"] if "language" in leaving.schema.names else pa.nulls(leaving.num_rows, pa.string()),
        _measured(leaving, step.stage.reads),
        pa.array(excerpts, pa.string()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=EARLY_DECISION_SCHEMA)


def _measured(leaving: pa.RecordBatch, names: Sequence[str]) -> pa.Array:
    """What the rules compared, as `name=value, name=value`."""
    values = [pc.cast(leaving[name], pa.string()).fill_null("null") for name in names]
    named = [pc.binary_join_element_wise(f"{name}=", value, "") for name, value in zip(names, values, strict=True)]
    return pc.binary_join_element_wise(*named, ", ")


@dataclass(frozen=True)
class ShardTask:
    """A later pass over one shard."""

    folder: str
    pass_name: str
    shard: str
    fingerprint: str
    input_fingerprint: str
    steps: tuple[Step, ...]
    upstream: tuple[Upstream, ...]
    """Documents first, then annotations, row for row."""
    schema: pa.Schema
    """Of what is written."""
    writes_text: bool
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""


def run_shard(task: ShardTask) -> Receipt:
    """Sweep one shard: annotations row for row, or a new generation of documents. Writes the receipt and returns it."""
    done = finished(task.folder, task.pass_name, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    return _rewrite(task) if task.writes_text else _annotate(task)


def _annotate(task: ShardTask) -> Receipt:
    watch = Stopwatch()
    quarantine: list[dict[str, object]] = []
    verdicts = Verdicts(task.folder, task.pass_name, task.shard, task.fingerprint)
    path = storage.join(task.folder, shard_path("annotations", task.pass_name, task.shard))
    rows = size = 0
    with writing_parquet(path, task.schema, align=True) as (file, outputs):
        for batch in open_aligned(task.folder, task.shard, task.upstream):
            swept = sweep(batch, task.steps, watch, verdicts)
            file.write(_row_for_row(swept, batch.num_rows, task.schema))
            quarantine += swept.quarantine
            rows, size = rows + batch.num_rows, size + _text_bytes(batch)
        file.add_metadata({"id_digest": id_digest(task.folder, task.shard, task.upstream[0])})
    outputs += write_quarantine(task.folder, task.pass_name, task.shard, quarantine)
    return _finish(task, watch, outputs, Tally(rows, rows, size, size, len(quarantine)))


def _row_for_row(swept: Swept, rows: int, schema: pa.Schema) -> pa.RecordBatch:
    """The measurements, null for the quarantined rows."""
    if len(swept.rows) == rows:
        arrays = [swept.batch[name] for name in schema.names[:-1]]
        return pa.RecordBatch.from_arrays([*arrays, pa.repeat(pa.scalar(False), rows)], schema=schema)
    source = np.full(rows, -1, np.int64)
    source[swept.rows] = np.arange(len(swept.rows))
    indices = pa.array(source, mask=source < 0)
    arrays = [swept.batch[name].take(indices) for name in schema.names[:-1]]
    return pa.RecordBatch.from_arrays([*arrays, pa.array(source < 0)], schema=schema)


def _rewrite(task: ShardTask) -> Receipt:
    watch = Stopwatch()
    verdicts = Verdicts(task.folder, task.pass_name, task.shard, task.fingerprint)
    writer_rows = 0
    with DocumentWriter(task.folder, task.pass_name, task.shard, task.schema, task.steps) as writer:
        for batch in open_aligned(task.folder, task.shard, task.upstream):
            writer.write(sweep(batch, task.steps, watch, verdicts))
            writer_rows += batch.num_rows
            writer.bytes_in += _text_bytes(batch)
    outputs = writer.outputs + write_quarantine(task.folder, task.pass_name, task.shard, writer.quarantine)
    tally = Tally(writer_rows, writer.rows_out, writer.bytes_in, writer.bytes_out, len(writer.quarantine))
    return _finish(task, watch, outputs, tally, writer)


def _text_bytes(batch: pa.RecordBatch) -> int:
    return pc.sum(batch["text_bytes"]).as_py() or 0 if "text_bytes" in batch.schema.names else 0


@dataclass(frozen=True)
class Tally:
    """The sums of a task."""

    rows_in: int
    rows_out: int
    bytes_in: int
    bytes_out: int
    quarantined: int


def _finish(
    task: ShardTask, watch: Stopwatch, outputs: list[Output], tally: Tally, writer: DocumentWriter | None = None
) -> Receipt:
    accounts: Mapping[str, object] = (
        {"counts": count_table(writer.counts, writer.sizes), "failed": dict(sorted(writer.failed.items()))}
        if writer
        else {}
    )
    receipt = Receipt(
        task.pass_name,
        task.shard,
        task.fingerprint,
        task.input_fingerprint,
        outputs=tuple(outputs),
        **dataclasses.asdict(tally),
        **accounts,  # type: ignore[arg-type]
    )
    return leave_receipt(task.folder, receipt, watch)
