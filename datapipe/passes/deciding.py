"""The deciding pass: which documents stay, in which domain and unit. It reads annotations only, never text."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe import storage
from datapipe.passes.holdout import ladder
from datapipe.passes.unit_counts import UnitCounts
from datapipe.receipts import Count, Receipt, Stopwatch, UnitCount, finished, leave_receipt
from datapipe.recipe import Domain, Holdout, Step
from datapipe.rules import Check, Mask, RuleSet, failing_matrix, first_and_all
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
from datapipe.where import Where, matching

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


@dataclass(frozen=True)
class _Gate:
    """What a document must pass: the rules of one selection where it applies, or those of the domain that takes it."""

    step: str
    checks: tuple[Check, ...]
    where: Where = ()


def _selections(task: DecideTask) -> list[_Gate]:
    return [
        _Gate(f"{pass_name}.select", tuple(checks_of(step.rules)), step.where) for pass_name, step in task.selections
    ]


def _domains(task: DecideTask) -> list[_Gate]:
    return [_Gate(f"domains.{domain.name}", tuple(checks_of(domain.rules))) for domain in task.domains]


def checks_of(rule_sets: Iterable[RuleSet]) -> Iterator[Check]:
    """The comparisons of several rule sets, in order."""
    return (check for rule_set in rule_sets for check in rule_set.checks())


def reasons(task: DecideTask) -> list[Reason]:
    """Everything a document can fail on, in the order in which the first one decides."""
    return [
        Reason(QUARANTINED.name, "quarantine"),
        *(Reason(check.reason, gate.step) for gate in _selections(task) for check in gate.checks),
        Reason(NO_DOMAIN, "domains"),
        *(Reason(check.reason, gate.step) for gate in _domains(task) for check in gate.checks),
    ]


def decide_shard(task: DecideTask) -> Receipt:
    """Write decisions and routes of one shard, then the receipt."""
    done = finished(task.folder, PASS, task.shard, task.fingerprint, task.input_fingerprint, task.verify)
    if done is not None:
        return done
    watch = Stopwatch()
    decider = _Decider(task)
    account = _Account(ladder(task.holdout), decider.reasons)
    route_path = storage.join(task.folder, shard_path("annotations", PASS, task.shard))
    decision_path = storage.join(task.folder, shard_path("decisions", PASS, task.shard))
    with (
        writing_parquet(route_path, ROUTE_SCHEMA, align=True) as (routes, outputs),
        writing_parquet(decision_path, DECISION_SCHEMA) as (decisions, decision_outputs),
    ):
        for batch in open_aligned(task.folder, task.shard, task.upstream):
            decided = decider.decide(batch)
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
        counts=account.counts(),
        failed=account.failed(),
        units=account.units(),
        outputs=tuple(outputs + decision_outputs),
    )
    return leave_receipt(task.folder, receipt, watch)


@dataclass(frozen=True)
class _Decided:
    """A batch decided: where rows go, the rows that leave, and why."""

    route: pa.RecordBatch
    decisions: pa.RecordBatch
    failing: Mask
    """Rows x reasons."""
    first: npt.NDArray[np.int64]
    """Position of the first reason that each row fails, -1 for a row that stays."""


class _Decider:
    """The rules of a task, made ready once for all batches of its shard."""

    def __init__(self, task: DecideTask) -> None:
        self._selections, self._gates, self._domains = _selections(task), _domains(task), task.domains
        self.reasons = reasons(task)
        self._names = pa.array([reason.name for reason in self.reasons], pa.string())
        self._steps = pa.array([reason.step for reason in self.reasons], pa.string())
        self._labels = pa.array([domain.name for domain in task.domains], pa.string())

    def decide(self, batch: pa.RecordBatch) -> _Decided:
        domains = route_domains(batch, self._domains)
        failing = self._failing(batch, domains)
        is_dropped = failing.any(axis=1)
        first = np.where(is_dropped, failing.argmax(axis=1), -1)
        domain = self._labels.take(pa.array(domains, mask=is_dropped))
        unit = pc.if_else(pa.array(is_dropped), None, _units(batch, self._domains, domains))
        route = pa.RecordBatch.from_arrays(
            [self._names.take(pa.array(first, mask=~is_dropped)), domain, unit], schema=ROUTE_SCHEMA
        )
        rows = np.flatnonzero(is_dropped)
        drop_reason, failed = first_and_all(failing[rows], self._names)
        columns = [batch["id"].take(pa.array(rows)), self._steps.take(pa.array(first[rows])), drop_reason, failed]
        return _Decided(route, pa.RecordBatch.from_arrays(columns, schema=DECISION_SCHEMA), failing, first)

    def _failing(self, batch: pa.RecordBatch, domains: npt.NDArray[np.int64]) -> Mask:
        """Rows x reasons, in the order of `reasons`."""
        is_quarantined = np.zeros(batch.num_rows, np.bool_)
        if QUARANTINED.name in batch.schema.names:
            is_quarantined = batch[QUARANTINED.name].to_numpy(zero_copy_only=False)
        applies = (matching(gate.where, batch).to_numpy(zero_copy_only=False) for gate in self._selections)
        parts = [
            is_quarantined[:, np.newaxis],
            *(_failing_where(batch, gate, rows) for gate, rows in zip(self._selections, applies, strict=True)),
            (domains < 0)[:, np.newaxis],
            *(_failing_where(batch, gate, domains == number) for number, gate in enumerate(self._gates)),
        ]
        return np.concatenate(parts, axis=1)


def _failing_where(batch: pa.RecordBatch, gate: _Gate, rows: Mask) -> Mask:
    """The matrix of the gate's checks over the chosen rows; the others fail nothing."""
    if rows.all():
        return failing_matrix(gate.checks, batch)
    failing = np.zeros((batch.num_rows, len(gate.checks)), np.bool_)
    if rows.any():
        failing[rows] = failing_matrix(gate.checks, batch.filter(pa.array(rows)))
    return failing


def route_domains(batch: pa.RecordBatch, domains: tuple[Domain, ...]) -> npt.NDArray[np.int64]:
    """Position of the first domain that takes each row, -1 where none does."""
    route = np.full(batch.num_rows, -1, np.int64)
    for number in reversed(range(len(domains))):
        route[matching(domains[number].where, batch).to_numpy(zero_copy_only=False)] = number
    return route


def _units(batch: pa.RecordBatch, domains: tuple[Domain, ...], route: npt.NDArray[np.int64]) -> pa.Array:
    units = pa.nulls(batch.num_rows, pa.string())
    for number, domain in enumerate(domains):
        column = batch[domain.by]
        named = pc.coalesce(pc.if_else(pc.not_equal(column, ""), column, None), UNKNOWN_UNIT)
        units = pc.if_else(pa.array(route == number), named, units)
    return units


class _Account:
    """The sums of a shard."""

    def __init__(self, steps: tuple[float, ...], reasons: list[Reason]) -> None:
        self._reasons = reasons
        self._failed = np.zeros(len(reasons), np.int64)
        self._rows: Counter[tuple[str, str, str]] = Counter()
        self._sizes: Counter[tuple[str, str, str]] = Counter()
        self.rows_in = self.rows_out = self.bytes_in = self.bytes_out = 0
        self._units = UnitCounts(steps)

    def add(self, batch: pa.RecordBatch, decided: _Decided, seed: int) -> None:
        sizes = batch["text_bytes"].to_numpy()
        kept = decided.first < 0
        self.rows_in += batch.num_rows
        self.bytes_in += int(sizes.sum())
        self.rows_out += int(np.count_nonzero(kept))
        self.bytes_out += int(sizes[kept].sum())
        self._failed += decided.failing.sum(axis=0)
        self._count(batch, decided.first, sizes)
        stays = pa.array(kept)
        self._units.add(batch.filter(stays), decided.route.filter(stays), seed)

    def _count(self, batch: pa.RecordBatch, first: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> None:
        """Rows and bytes by language, step and reason."""
        languages = pa.array(language_names(batch), pa.string()).dictionary_encode()
        outcomes = len(self._reasons) + 1
        codes = languages.indices.to_numpy() * outcomes + first + 1
        rows, weights = np.bincount(codes), np.bincount(codes, weights=sizes)
        for code in np.flatnonzero(rows):
            language, outcome = divmod(int(code), outcomes)
            reason = self._reasons[outcome - 1] if outcome else Reason("", "")
            key = (languages.dictionary[language].as_py(), reason.step, reason.name)
            self._rows[key] += int(rows[code])
            self._sizes[key] += int(weights[code])

    def counts(self) -> tuple[Count, ...]:
        return count_table(self._rows, self._sizes)

    def failed(self) -> dict[str, int]:
        """Documents that fail each reason that any does."""
        found: Counter[str] = Counter()
        for reason, rows in zip(self._reasons, self._failed.tolist(), strict=True):
            found[reason.name] += rows
        return {name: rows for name, rows in sorted(found.items()) if rows}

    def units(self) -> tuple[UnitCount, ...]:
        return self._units.counts()
