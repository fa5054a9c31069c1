"""The deciding pass: which documents stay, in which domain and unit. It reads annotations only, never text."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe import storage
from datapipe.holdout import below, draws, ladder
from datapipe.receipts import Receipt, Stopwatch, UnitCount, finished, relative, write_receipt
from datapipe.recipe import Domain, Holdout, Step
from datapipe.rules import Check, Mask, failing_matrix, first_and_all
from datapipe.shard_files import (
    DECISION_SCHEMA,
    QUARANTINED,
    Upstream,
    count_table,
    id_digest,
    language_names,
    open_aligned,
    shard_path,
)
from datapipe.storage import writing_parquet
from datapipe.where import matching

PASS = "decide"  # noqa: S105
NO_DOMAIN = "no_domain"
UNKNOWN_UNIT = "unknown"
"""Unit of the documents whose `by` column is null."""

ROUTE_SCHEMA = pa.schema(
    [pa.field("drop_reason", pa.string()), pa.field("domain", pa.string()), pa.field("unit", pa.string())]
)
"""What the pass writes row for row: for a document that stays, where it goes."""


@dataclass(frozen=True)
class DecideTask:
    """Decide one shard."""

    folder: str
    shard: str
    fingerprint: str
    input_fingerprint: str
    upstream: tuple[Upstream, ...]
    selections: tuple[tuple[str, Step], ...]
    """The selections that wait for this pass, with the names of the passes they stand in."""
    domains: tuple[Domain, ...]
    holdout: Holdout
    seed: int
    verify: bool = False
    """Trust finished outputs only after their sums are computed anew."""


@dataclass(frozen=True)
class Reason:
    """Something a document can fail on, and the step of the recipe it belongs to."""

    name: str
    step: str


def reasons(task: DecideTask) -> list[Reason]:
    """Everything a document can fail on, in the order in which the first one decides."""
    found = [Reason(QUARANTINED.name, "quarantine")]
    for pass_name, step in task.selections:
        found += [Reason(check.reason, f"{pass_name}.select") for check in _checks(step)]
    found.append(Reason(NO_DOMAIN, "domains"))
    for domain in task.domains:
        found += [Reason(c.reason, f"domains.{domain.name}") for one in domain.rules for c in one.checks()]
    return found


def _checks(step: Step) -> list[Check]:
    return [check for rule_set in step.stage.rules for check in rule_set.checks()]  # type: ignore[attr-defined]


def decide_shard(task: DecideTask) -> Receipt:
    """Write decisions and routes of one shard, then the receipt."""
    done = finished(task.folder, PASS, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    account = _Account(ladder(task.holdout))
    names = reasons(task)
    route_path = storage.join(task.folder, shard_path("annotations", PASS, task.shard))
    decision_path = storage.join(task.folder, shard_path("decisions", PASS, task.shard))
    with (
        writing_parquet(route_path, ROUTE_SCHEMA, align=True) as (routes, outputs),
        writing_parquet(decision_path, DECISION_SCHEMA) as (decisions, decision_outputs),
    ):
        for batch in open_aligned(task.folder, task.shard, task.upstream):
            decided = _decide(batch, task, names)
            routes.write(decided.route)
            decisions.write(decided.decisions)
            account.add(batch, decided, task.seed)
        routes.add_metadata({"id_digest": id_digest(task.folder, task.shard, task.upstream[0])})
    receipt = Receipt(
        PASS,
        task.shard,
        task.fingerprint,
        task.input_fingerprint,
        rows_in=account.rows_in,
        rows_out=account.rows_out,
        bytes_in=account.bytes_in,
        bytes_out=account.bytes_out,
        counts=count_table(account.counts, account.sizes),
        failed=dict(sorted(account.failed.items())),
        units=account.units(),
        outputs=tuple(relative(output, task.folder) for output in outputs + decision_outputs),
        **watch.costs(),
    )
    write_receipt(task.folder, receipt)
    return receipt


@dataclass(frozen=True)
class _Decided:
    """A batch decided: where rows go, and the rows that leave."""

    route: pa.RecordBatch
    decisions: pa.RecordBatch
    steps: list[str]
    """Step of every row that leaves."""


def _decide(batch: pa.RecordBatch, task: DecideTask, names: list[Reason]) -> _Decided:
    failing, domains = _fail(batch, task, len(names))
    drop_reason, failed = first_and_all(failing, [reason.name for reason in names])
    dropped = pc.is_valid(drop_reason)
    labels = pa.array([domain.name for domain in task.domains], pa.string())
    kept_domain = labels.take(pa.array(domains, mask=(domains < 0) | dropped.to_numpy(zero_copy_only=False)))
    route = pa.RecordBatch.from_arrays(
        [drop_reason, kept_domain, _units(batch, task.domains, domains, dropped)], schema=ROUTE_SCHEMA
    )
    steps = pa.array([reason.step for reason in names], pa.string())
    leaving = np.flatnonzero(dropped.to_numpy(zero_copy_only=False))
    step = steps.take(pa.array(failing[leaving].argmax(axis=1), pa.int64()))
    rows = pa.array(leaving)
    decisions = pa.RecordBatch.from_arrays(
        [batch["id"].take(rows), step, drop_reason.take(rows), failed.take(rows)], schema=DECISION_SCHEMA
    )
    return _Decided(route, decisions, step.to_pylist())


def _fail(batch: pa.RecordBatch, task: DecideTask, width: int) -> tuple[Mask, npt.NDArray[np.int64]]:
    """Rows x reasons, and the position of every row's domain (-1: none)."""
    failing = np.zeros((batch.num_rows, width), np.bool_)
    if QUARANTINED.name in batch.schema.names:
        failing[:, 0] = batch[QUARANTINED.name].to_numpy(zero_copy_only=False)
    column = 1
    for _, step in task.selections:
        checks = _checks(step)
        applies = matching(step.where, batch).to_numpy(zero_copy_only=False)
        failing[:, column : column + len(checks)] = _failing_where(batch, checks, applies)
        column += len(checks)
    domains = route_domains(batch, task.domains)
    failing[:, column] = domains < 0
    column += 1
    for number, domain in enumerate(task.domains):
        checks = [check for rule_set in domain.rules for check in rule_set.checks()]
        failing[:, column : column + len(checks)] = _failing_where(batch, checks, domains == number)
        column += len(checks)
    return failing, domains


def _failing_where(batch: pa.RecordBatch, checks: list[Check], rows: Mask) -> Mask:
    """The matrix of the checks over the chosen rows; the others fail nothing."""
    failing = np.zeros((batch.num_rows, len(checks)), np.bool_)
    if rows.any():
        failing[rows] = failing_matrix(checks, batch.filter(pa.array(rows)))
    return failing


def route_domains(batch: pa.RecordBatch, domains: tuple[Domain, ...]) -> npt.NDArray[np.int64]:
    """Position of the first domain that takes each row, -1 where none does."""
    route = np.full(batch.num_rows, -1, np.int64)
    for number in reversed(range(len(domains))):
        route[matching(domains[number].where, batch).to_numpy(zero_copy_only=False)] = number
    return route


def _units(
    batch: pa.RecordBatch, domains: tuple[Domain, ...], route: npt.NDArray[np.int64], dropped: pa.BooleanArray
) -> pa.Array:
    units = pa.nulls(batch.num_rows, pa.string())
    for number, domain in enumerate(domains):
        named = pc.fill_null(batch[domain.by], UNKNOWN_UNIT)
        units = pc.if_else(pa.array(route == number), named, units)
    return pc.if_else(dropped, pa.scalar(None, pa.string()), units)


class _Account:
    """The sums of a shard."""

    def __init__(self, steps: tuple[float, ...]) -> None:
        self._steps = steps
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.sizes: Counter[tuple[str, str, str]] = Counter()
        self.failed: Counter[str] = Counter()
        self.rows_in = self.rows_out = self.bytes_in = self.bytes_out = 0
        self._units: dict[tuple[str, str], list[int]] = {}

    def add(self, batch: pa.RecordBatch, decided: _Decided, seed: int) -> None:
        sizes = batch["text_bytes"].to_numpy()
        dropped = decided.route["drop_reason"].is_valid().to_numpy(zero_copy_only=False)
        self.rows_in += batch.num_rows
        self.bytes_in += int(sizes.sum())
        self.rows_out += int(np.count_nonzero(~dropped))
        self.bytes_out += int(sizes[~dropped].sum())
        self.failed.update(decided.decisions["failed"].flatten().to_pylist())
        self._count(batch, decided, sizes, dropped)
        self._count_units(batch, decided.route, sizes, ~dropped, seed)

    def _count(self, batch: pa.RecordBatch, decided: _Decided, sizes: npt.NDArray[np.int64], dropped: Mask) -> None:
        steps = iter(decided.steps)
        reasons = decided.route["drop_reason"].to_pylist()
        for language, reason, size, leaves in zip(
            language_names(batch), reasons, sizes.tolist(), dropped.tolist(), strict=True
        ):
            key = (language, next(steps) if leaves else "", reason or "")
            self.counts[key] += 1
            self.sizes[key] += size

    def _count_units(
        self, batch: pa.RecordBatch, route: pa.RecordBatch, sizes: npt.NDArray[np.int64], kept: Mask, seed: int
    ) -> None:
        numbers = draws(batch["id"].filter(pa.array(kept)).to_pylist(), seed)
        rows = route.filter(pa.array(kept))
        for key, chosen in _groups(rows):
            entry = self._units.setdefault(key, [0, 0, *(0 for _ in self._steps)])
            added = [int(chosen.sum()), int(sizes[kept][chosen].sum()), *below(numbers[chosen], self._steps)]
            self._units[key] = [a + b for a, b in zip(entry, added, strict=True)]

    def units(self) -> tuple[UnitCount, ...]:
        return tuple(UnitCount(*key, v[0], v[1], tuple(v[2:])) for key, v in sorted(self._units.items()))


def _groups(rows: pa.RecordBatch) -> Iterator[tuple[tuple[str, str], Mask]]:
    """The (domain, unit) pairs of a batch, each with its rows."""
    domains, units = rows["domain"].dictionary_encode(), rows["unit"].dictionary_encode()
    codes = domains.indices.to_numpy() * max(len(units.dictionary), 1) + units.indices.to_numpy()
    for code in np.unique(codes):
        domain, unit = divmod(int(code), max(len(units.dictionary), 1))
        yield (domains.dictionary[domain].as_py(), units.dictionary[unit].as_py()), codes == code
