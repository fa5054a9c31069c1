"""Why a document stays or goes: every measurement against its limit, and which rule decides."""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from datapipe import storage
from datapipe.duplicates.falls import find_fall
from datapipe.loading.columns import TEXT_BYTES
from datapipe.loading.load import load
from datapipe.loading.located_yaml import RecipeError, suggest
from datapipe.locating import Library, open_run, row_of
from datapipe.passes.deciding import NO_DOMAIN, checks_of, route_domains
from datapipe.passes.packing import GATHER
from datapipe.passes.planning import plan_passes, read_schema
from datapipe.passes.rounds import rounds_of
from datapipe.receipts import Stopwatch, read_receipt
from datapipe.recipe import Recipe
from datapipe.rules import Check
from datapipe.run import sweep
from datapipe.shard_files import QUARANTINED, opened, read_here, text_sizes
from datapipe.stage import write_columns
from datapipe.where import matching

OPENING_CHARACTERS = 400
MOST_VALUES = 4
"""That are shown of a list: a signature has a hundred and more."""
HTML = re.compile(r"\s*<(!doctype html|html)\b", re.IGNORECASE)
"""How a page on standard input begins: it has no name to tell it by."""


@dataclass(frozen=True)
class Verdict:
    """One comparison of a rule with one document."""

    step: str
    check: Check
    value: Any
    limit: Any
    fails: bool


def explain_document(folder: str, identifier: str) -> None:
    """Print why the document `identifier` of a run stayed or went. Raises RecipeError when the run does not know it."""
    library = open_run(folder)
    recipe = library.recipe
    console = Console()
    for shard in _shards_of(library, identifier):
        left = _left(folder, recipe, shard, identifier)
        found = _measured(folder, recipe, shard, identifier)
        if left or found:
            console.print(f"[bold]{identifier}[/bold] in shard {shard}", highlight=False)
        if found is not None:
            _print_verdicts(console, recipe, found)
            _print_duplicate(console, library, shard, identifier)
            if _is_held_out(folder, shard, identifier):
                console.print("held out: it went to validation", highlight=False)
        for kind, row in left:
            _print_row(console, kind, row)
        if left or found:
            return
    raise RecipeError(f"{folder}: no document {identifier!r} was read")


def _print_duplicate(console: Console, library: Library, shard: str, identifier: str) -> None:
    """The round that dropped the document, if one did, and what stayed."""
    for one in rounds_of(library.recipe):
        fall = find_fall(library, one, shard, identifier)
        if fall is not None:
            console.print(f"but dropped by {fall}", markup=False, highlight=False, soft_wrap=True)


def _is_held_out(folder: str, shard: str, identifier: str) -> bool:
    """Whether the document was set apart for validation."""
    receipt = read_receipt(folder, GATHER, shard)
    output = receipt.output("survivors") if receipt else None
    if output is None:
        return False
    with opened([storage.join(folder, output.path)]) as (file,):
        table = read_here(file, ["id", "split"])
    return bool(table.filter(pc.equal(table["id"], identifier))["split"].to_pylist() == ["validation"])


def _shards_of(library: Library, identifier: str) -> Iterator[str]:
    """The shards that may hold the document."""
    source, _, rest = identifier.partition("/")
    sources = library.plan["sources"]
    if source not in sources:
        raise RecipeError(f"{identifier!r}: no source {source!r}; {suggest(source, sources, 'there are')}")
    if not library.groups_of(identifier):
        raise RecipeError(f"{identifier!r}: no file of source {source!r} has the hash {rest.partition('/')[0]!r}")
    return library.shards_of(identifier)


def _left(folder: str, recipe: Recipe, shard: str, identifier: str) -> list[tuple[str, dict[str, Any]]]:
    """Where a pass set the document apart: its row in a quarantine or among early decisions, with the kind of file."""
    receipts = [read_receipt(folder, one.name, shard) for one in recipe.passes]
    found = [
        (kind, row_of(folder, receipt, kind, identifier))
        for receipt in receipts
        if receipt
        for kind in ("quarantine", "decisions")
    ]
    return [(kind, row) for kind, row in found if row is not None]


def _measured(folder: str, recipe: Recipe, shard: str, identifier: str) -> pa.RecordBatch | None:
    """All columns that the passes wrote for one document; None when it is not in this shard."""
    columns: dict[str, pa.Array] = {}
    position: int | None = None
    quarantined = False
    for plan in plan_passes(recipe):
        kind = "documents" if plan.writes_text else "annotations"
        receipt = read_receipt(folder, plan.name, shard)
        if receipt is None and position is not None:
            raise RecipeError(f"{folder}: pass {plan.name!r} has not reached shard {shard}; run the recipe to its end")
        output = receipt.output(kind) if receipt else None
        if output is None:
            continue
        with opened([storage.join(folder, output.path)]) as (file,):
            table = read_here(file)
        if plan.writes_text:
            place = pc.index(table["id"], identifier).as_py()
            if place < 0:
                return None
            position, columns = place, {}
        row = table.slice(position or 0, 1).combine_chunks()
        columns |= {name: row[name].combine_chunks() for name in row.schema.names}
        quarantined |= bool(columns.pop(QUARANTINED.name, pa.array([False]))[0].as_py())
    columns[QUARANTINED.name] = pa.array([quarantined])
    return pa.RecordBatch.from_pydict(columns) if position is not None else None


def explain_text(path: Path, text_file: str, given: Sequence[str], settings: Sequence[str]) -> None:
    """Print what a recipe measures on one text (`-`: standard input) and how it would decide."""
    recipe = load(path, settings)
    data = sys.stdin.buffer.read() if text_file == "-" else storage.read_bytes(text_file)
    text = data.decode("utf-8", "replace")
    is_html = text_file.endswith((".html", ".htm")) or (text_file == "-" and HTML.match(text) is not None)
    values = _given_columns(recipe, given)
    values.setdefault("source", recipe.sources[0].name)
    values.setdefault("media_type", "text/html" if is_html else "text/plain")
    row = {"id": f"{values['source']}/0000000000000000/0000000000", **values, "text": text}
    batch = pa.RecordBatch.from_pylist([row], read_schema(recipe))
    watch = Stopwatch()
    for one in recipe.passes:
        swept = sweep(batch, [step for step in one.steps if step.name != "select"], watch)
        if swept.quarantine:
            raise RecipeError(f"step {swept.quarantine[0]['step']}: {swept.quarantine[0]['error']}")
        batch = write_columns(swept.batch, pa.schema([TEXT_BYTES]), [text_sizes(swept.batch)])
    batch = write_columns(batch, pa.schema([QUARANTINED]), [pa.array([False])])
    console = Console()
    if any(one.repeated is not None for one in recipe.passes):
        console.print("repeated passages: none removed, there is no other text to compare with", highlight=False)
    _print_verdicts(console, recipe, batch)


def _given_columns(recipe: Recipe, given: Sequence[str]) -> dict[str, Any]:
    schema = read_schema(recipe)
    values: dict[str, Any] = {}
    for item in given:
        name, separator, value = item.partition("=")
        if not separator or name not in schema.names:
            raise RecipeError(f"--column {item}: expected NAME=VALUE; {suggest(name, schema.names)}")
        kind = schema.field(name).type
        try:
            values[name] = pa.scalar(value).cast(kind).as_py()
        except pa.ArrowInvalid:
            raise RecipeError(f"--column {item}: expected a value of type {kind}") from None
    return values


def verdicts(recipe: Recipe, row: pa.RecordBatch) -> tuple[list[Verdict], str | None]:
    """Every comparison that applies to a one-row batch, in the order in which they decide, and the row's domain."""
    found: list[Verdict] = []
    for one in recipe.passes:
        for step in one.steps:
            if step.name == "select" and matching(step.where, row)[0].as_py():
                found += _compare(f"{one.name}.select", checks_of(step.rules), row)
    number = int(route_domains(row, recipe.domains)[0])
    if number < 0:
        return found, None
    domain = recipe.domains[number]
    return found + _compare(f"domains.{domain.name}", checks_of(domain.rules), row), domain.name


def _compare(step: str, checks: Iterable[Check], row: pa.RecordBatch) -> list[Verdict]:
    language = row["language"][0].as_py() if "language" in row.schema.names else None
    found = []
    for check in checks:
        if matching(check.rule.conditions, row)[0].as_py():
            value = row[check.rule.column][0].as_py()
            found.append(Verdict(step, check, value, check.limit(language), bool(check.fails(row)[0])))
    return found


SIGNS = {
    "min": "at least",
    "above": "more than",
    "max": "at most",
    "below": "less than",
    "one_of": "one of",
    "none_of": "none of",
}


def _print_verdicts(console: Console, recipe: Recipe, row: pa.RecordBatch) -> None:
    found, domain = verdicts(recipe, row)
    opening = row["text"][0].as_py()[:OPENING_CHARACTERS]
    console.print(
        f"source {row['source'][0].as_py()}, {len(row['text'][0].as_py()):,} characters: {opening!r}", markup=False
    )
    table = Table()
    for title in ("rule", "measured", "limit", ""):
        table.add_column(title, overflow="fold")  # whole: `.min` and `.max` stand at the end of a reason
    for verdict in found:
        if verdict.check.kind == "missing" and not verdict.fails:
            continue
        mark = "[red]fails[/red]" if verdict.fails else "ok"
        cells = (f"{verdict.step}: {verdict.check.reason}", _show(verdict.value), _limit(verdict))
        table.add_row(*map(escape, cells), mark)
    console.print(table)
    ruled = {verdict.check.rule.column for verdict in found}
    for name in row.schema.names:
        if name not in ruled and name != "text":
            console.print(f"  {name} = {_show(row[name][0].as_py())}", markup=False, highlight=False)
    failing = [verdict for verdict in found if verdict.fails]
    if row[QUARANTINED.name][0].as_py():
        return  # its row of the quarantine has said so
    if failing:
        first = failing[0]
        console.print(f"decision: dropped at {first.step} by {first.check.reason}", highlight=False)
    elif domain is None:
        console.print(f"decision: dropped, {NO_DOMAIN}: no domain takes it")
    else:
        console.print(f"decision: kept in domain {domain}", highlight=False)


def _limit(verdict: Verdict) -> str:
    """The limit in words: `at least 3`."""
    if verdict.check.kind == "missing":
        return "must be there"
    return "off" if verdict.limit is None else f"{SIGNS[verdict.check.kind]} {_show(verdict.limit)}"


def _show(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, list) and len(value) > MOST_VALUES:
        return f"[{', '.join(map(_show, value[:MOST_VALUES]))}, …], {len(value):,} values"
    return str(value)


def _print_row(console: Console, kind: str, row: dict[str, Any]) -> None:
    for name, value in row.items():
        if name != "id":
            console.print(f"  {name}: {value}", markup=False, highlight=False)
    by = "could not be read" if row["step"] == "read" else f"the step {row['step']} broke on it"
    ending = f"in quarantine: {by}" if kind == "quarantine" else f"dropped early by {row['drop_reason']}"
    console.print(f"decision: {ending}", highlight=False)
