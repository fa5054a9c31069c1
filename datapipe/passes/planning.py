"""What each pass reads and writes: worked out from the recipe alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from datapipe.dedup.passages import MARKS
from datapipe.executors import Resources
from datapipe.fingerprints import pass_fingerprints
from datapipe.loading.columns import Columns, columns_before, document_fields
from datapipe.passes.copies import repeat_of
from datapipe.passes.packing import NOT_PACKED, route_upstream
from datapipe.passes.rounds import final_columns, round_columns, rounds_of
from datapipe.recipe import Pass, Recipe, Step
from datapipe.shard_files import QUARANTINED, Upstream

ACCOUNTED = ("id", "text_bytes", "language")
"""Columns that the accounts of documents need whatever the rules read; those of annotations go without languages."""


@dataclass(frozen=True)
class PassPlan:
    """A pass as it will run."""

    name: str
    fingerprint: str
    steps: tuple[Step, ...]
    upstream: tuple[Upstream, ...]
    """Documents first; empty for the pass that reads the sources."""
    schema: pa.Schema
    """Of its documents or annotations."""
    writes_text: bool
    resources: Resources
    passages: tuple[Upstream, ...] = ()
    """What is read to find repeated passages, where the pass removes them."""


def plan_passes(
    recipe: Recipe, sample: float | None = None, fingerprints: Mapping[str, str] | None = None
) -> list[PassPlan]:
    """The recipe's own passes, in order. `fingerprints` of the passes where they are known: they take reading files."""
    known = pass_fingerprints(recipe, sample) if fingerprints is None else fingerprints
    return [_plan_pass(recipe, index, one, known[one.name]) for index, one in enumerate(recipe.passes)]


def _plan_pass(recipe: Recipe, index: int, one: Pass, fingerprint: str) -> PassPlan:
    before, after = columns_before(recipe, index), columns_before(recipe, index + 1)
    is_document = index == 0 or one.writes_text
    fields = [
        column.field for column in after.values() if column.home == one.name and column.is_document == is_document
    ]
    schema = pa.schema(fields if is_document else [*fields, QUARANTINED])
    resources = Resources(one.num_cpus, one.num_gpus, one.memory_bytes, one.record_cpu_seconds)
    if index == 0:
        return PassPlan(one.name, fingerprint, one.sweep, (), schema, True, resources)
    reads = _reads(one.sweep)
    if one.writes_text:
        reads |= {"language"} | {name for name, column in before.items() if column.is_document}
    upstream = upstream_of(before, {"text", "id", "text_bytes", *reads})
    passages: tuple[Upstream, ...] = ()
    if one.repeated is not None:
        passages = upstream_of(before, {"text", "text_bytes", *_reads(one.steps[:1])})
        upstream += (Upstream("annotations", mark_pass(one.name), tuple(MARKS.names)),)
    return PassPlan(one.name, fingerprint, one.sweep, upstream, schema, one.writes_text, resources, passages)


def find_pass(name: str) -> str:
    """The phase of a pass with `repeated` that finds passages."""
    return f"{name}.find"


def mark_pass(name: str) -> str:
    """The phase of a pass with `repeated` that marks what goes."""
    return f"{name}.mark"


def read_schema(recipe: Recipe) -> pa.Schema:
    """Of documents as they come from the sources, before any step."""
    return pa.schema(document_fields(recipe))


def _reads(steps: Iterable[Step]) -> set[str]:
    return {name for step in steps for name in (*step.stage.reads, *(one.column for one in step.where))}


def upstream_of(columns: Columns, names: Iterable[str]) -> tuple[Upstream, ...]:
    """The files that hold the named columns (those that exist), documents first."""
    homes: dict[tuple[bool, str], list[str]] = {}
    wanted = set(names)
    for name, column in columns.items():
        if name in wanted:
            homes.setdefault((column.is_document, column.home), []).append(name)
    documents = [Upstream("documents", home, tuple(found)) for (is_doc, home), found in homes.items() if is_doc]
    annotations = [Upstream("annotations", home, tuple(found)) for (is_doc, home), found in homes.items() if not is_doc]
    return (*documents, *annotations)


def decide_upstream(recipe: Recipe) -> tuple[Upstream, ...]:
    """What the deciding pass reads: the columns of rules and routes, and what each pass could not measure."""
    columns = columns_before(recipe, len(recipe.passes))
    names = set(ACCOUNTED)
    for one in recipe.passes:
        names |= _reads(one.late_selections)
    for domain in recipe.domains:
        names |= {domain.by, *(condition.column for condition in domain.where)}
        names |= {name for rule_set in domain.rules for name in rule_set.columns()}
    found = {(one.kind, one.pass_name): one for one in upstream_of(columns, names - {"text"})}
    for home in dict.fromkeys(column.home for column in columns.values() if not column.is_document):
        measured = found.get(("annotations", home), Upstream("annotations", home, ()))
        found["annotations", home] = Upstream("annotations", home, (*(measured.columns or ()), QUARANTINED.name))
    return tuple(found.values())


def packed_schema(recipe: Recipe) -> pa.Schema:
    """Of the output shards: the documents' columns, then the measured ones the recipe asks for."""
    columns = final_columns(recipe)
    names = [name for name, column in columns.items() if column.is_document and name not in NOT_PACKED]
    names += [name for name in recipe.columns if name not in names]
    return pa.schema([columns[name].field for name in names])


def gather_upstream(recipe: Recipe) -> tuple[Upstream, ...]:
    """What the packing reads: the columns of the shards, and the routes."""
    columns = columns_before(recipe, len(recipe.passes))
    read = upstream_of(columns, {*packed_schema(recipe).names, "text_bytes"})
    rounds = rounds_of(recipe)
    if not rounds:
        return (*read, route_upstream())
    repeat = repeat_of(recipe)
    wanted = {*recipe.columns, *([repeat.column] if repeat else [])}
    sizes = tuple(name for name in round_columns(rounds) if name in wanted)
    return (*read, route_upstream(rounds[-1].name, sizes))
