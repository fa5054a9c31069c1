"""A few texts of what was dropped for every reason, with the measurements that failed."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapipe import storage
from datapipe.explain import SIGNS
from datapipe.loading.columns import columns_before
from datapipe.passes.deciding import PASS as DECIDE
from datapipe.passes.deciding import route_domains
from datapipe.passes.holdout import draws
from datapipe.passes.packing import route_upstream
from datapipe.passes.planning import decide_upstream, upstream_of
from datapipe.receipts import Receipt, read_receipt
from datapipe.recipe import Recipe
from datapipe.report.figures import Figures
from datapipe.report.outcomes import KEPT, NO_DOMAIN_STEP, QUARANTINE, early_step
from datapipe.report.rules import show_limit
from datapipe.report.sample import SHOWN, Key, Sample, sample_of
from datapipe.rules import Check, RuleSet
from datapipe.run import EXCERPT_CHARACTERS
from datapipe.shard_files import Upstream, open_aligned, opened
from datapipe.where import matching

PER_REASON = 3
MAX_REASONS = 60
MAX_GROUPS = 48
"""Row groups of documents that are read, of about 8 MiB of text each (`storage.ROW_GROUP_BYTES`)."""


def read_dropped(figures: Figures, shards: Sequence[Receipt]) -> dict[Key, list[Sample]]:
    """Samples by step and reason, from the shards whose first receipts these are. Raises OSError."""
    found: dict[Key, list[Sample]] = {}
    needs, groups = _needs(figures), itertools.count()
    for receipt in shards:
        for key, sample in itertools.chain(
            _early(figures, receipt, needs), _late(figures, receipt.shard, needs, groups)
        ):
            found.setdefault(key, []).append(sample)
            needs[key] -= 1
    return found


def _needs(figures: Figures) -> Counter[Key]:
    """How many samples of every reason are looked for."""
    documents: Counter[Key] = Counter()
    for one in figures.outcomes:
        if one.step not in (KEPT, QUARANTINE):
            documents[one.step, one.reason] += one.amount.documents
    return Counter({key: min(count, PER_REASON) for key, count in documents.most_common(MAX_REASONS)})


def _early(figures: Figures, first: Receipt, needs: Counter[Key]) -> Iterator[tuple[Key, Sample]]:
    """What early selections of a shard dropped, where the opening of its text was kept."""
    for one in figures.recipe.passes:
        step = early_step(one.name)
        if not any(count and name == step for (name, _), count in needs.items()):
            continue
        receipt = first if one is figures.recipe.passes[0] else read_receipt(figures.folder, one.name, first.shard)
        output = receipt.output("decisions") if receipt else None
        if output is None:
            continue
        with opened([storage.join(figures.folder, output.path)]) as (file,):
            for group in range(file.num_row_groups):
                table = file.read_row_group(group)
                for row in table.filter(pc.is_valid(table["excerpt"])).to_pylist():
                    key = (step, row["drop_reason"])
                    if needs[key]:
                        is_cut = len(row["excerpt"]) >= EXCERPT_CHARACTERS
                        failed = tuple(row["failed"])
                        yield key, Sample(row["id"], row["excerpt"], is_cut, row["language"] or "", "", failed)


def _late(figures: Figures, shard: str, needs: Counter[Key], groups: Iterator[int]) -> Iterator[tuple[Key, Sample]]:
    """What the deciding pass dropped of a shard, with the measurements that failed."""
    recipe = figures.recipe
    receipt = read_receipt(figures.folder, DECIDE, shard)
    if receipt is None or not any(needs[count.step, count.reason] for count in receipt.counts):
        return
    selections = [f"{one.name}.select" for one in recipe.passes if one.late_selections]
    for batch in open_aligned(figures.folder, shard, _upstream(recipe)):
        if next(groups) >= MAX_GROUPS:
            return
        reasons, domains = batch["drop_reason"].to_pylist(), route_domains(batch, recipe.domains)
        for row in _dropped_rows(batch, recipe.seed):
            own = f"domains.{recipe.domains[domains[row]].name}" if domains[row] >= 0 else NO_DOMAIN_STEP
            if any(needs[step, reasons[row]] for step in (*selections, own)):
                key, sample = _dropped(recipe, batch.slice(row, 1), reasons[row])
                if needs[key]:
                    yield key, sample


def _dropped_rows(batch: pa.RecordBatch, seed: int) -> list[int]:
    """Positions of the dropped documents in the order of a hash: neighbours are often pages of one site."""
    rows = np.flatnonzero(batch["drop_reason"].is_valid().to_numpy(zero_copy_only=False))
    order = np.argsort(draws(batch["id"].take(pa.array(rows)).to_pylist(), seed), kind="stable")
    return [int(row) for row in rows[order]]


def _upstream(recipe: Recipe) -> tuple[Upstream, ...]:
    """What samples show, what the deciding pass compared, and what it decided."""
    names = {name for one in decide_upstream(recipe) for name in one.columns or ()}
    columns = columns_before(recipe, len(recipe.passes))
    return (*upstream_of(columns, {*names, *SHOWN} & columns.keys()), route_upstream())


def _dropped(recipe: Recipe, row: pa.RecordBatch, reason: str) -> tuple[Key, Sample]:
    """The step that dropped a document, and the sample with every comparison that it failed."""
    failing = list(_failing(recipe, row))
    step = next((step for step, check in failing if check.reason == reason), NO_DOMAIN_STEP)
    language = row["language"][0].as_py() if "language" in row.schema.names else None
    measured = [_measured(check, row[check.rule.column][0].as_py(), language) for _, check in failing]
    return (step, reason), sample_of(row, tuple(measured))


def _failing(recipe: Recipe, row: pa.RecordBatch) -> Iterator[tuple[str, Check]]:
    """The comparisons of the deciding pass that a one-row batch fails, with their steps."""
    applied: list[tuple[str, Iterable[RuleSet]]] = [
        (f"{one.name}.select", step.rules)
        for one in recipe.passes
        for step in one.late_selections
        if matching(step.where, row)[0].as_py()
    ]
    number = int(route_domains(row, recipe.domains)[0])
    if number >= 0:
        applied.append((f"domains.{recipe.domains[number].name}", recipe.domains[number].rules))
    for name, rule_sets in applied:
        yield from ((name, check) for rules in rule_sets for check in rules.checks() if check.fails(row)[0])


def _measured(check: Check, value: Any, language: str | None) -> str:
    if check.kind == "missing":
        return f"{check.reason}: no {check.rule.column}"
    limit = show_limit(check.limit(language))
    return f"{check.reason}: {show_limit(value)}, expected {SIGNS[check.kind]} {limit}"
