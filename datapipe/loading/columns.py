"""Which columns exist where, and in whose files they lie."""

from dataclasses import dataclass

import pyarrow as pa

from datapipe.reader import delivered_schema
from datapipe.recipe import Pass, Recipe, Step

DECISION_COLUMNS = ("drop_reason", "failed")
OWN_COLUMNS = (
    "id", "source", "record", "text_bytes", "domain", "unit", "split", "quarantined", "repeated_units",
    *DECISION_COLUMNS,
)  # fmt: skip
"""Columns of the run itself, beside which no document and no measurement can have one of the same name."""
FIRST_COLUMNS = (pa.field("id", pa.string(), nullable=False), pa.field("source", pa.string(), nullable=False))
TEXT_BYTES = pa.field("text_bytes", pa.int64(), nullable=False)


@dataclass(frozen=True)
class Column:
    """A column, and the pass in whose files it lies."""

    field: pa.Field
    home: str
    """Name of the pass that wrote it."""
    is_document: bool
    """Whether it lies in documents rather than annotations."""
    of_text: bool
    """Whether it was measured on the text."""
    stale: bool = False
    """Whether the text was rewritten after it was measured."""


Columns = dict[str, Column]


def document_fields(recipe: Recipe) -> list[pa.Field]:
    """What all sources deliver, united: a column only some have is null for the others."""
    fields: dict[str, pa.Field] = {field.name: field for field in FIRST_COLUMNS}
    for source in recipe.sources:
        for field in delivered_schema(source.reader, source.read_options):
            fields.setdefault(field.name, field)
    del fields["record"]
    return [*fields.values()]


def columns_before(recipe: Recipe, index: int) -> Columns:
    """The columns that pass number `index` (from 0; the number of passes: the deciding pass) may read."""
    first = recipe.passes[0].name
    found = {field.name: Column(field, first, True, field.name == "text") for field in document_fields(recipe)}
    for number, one in enumerate(recipe.passes[:index]):
        found = _after_pass(found, one, is_first=number == 0)
    return found


def _after_pass(found: Columns, one: Pass, is_first: bool) -> Columns:
    is_document = is_first or one.writes_text
    if is_document:
        # Annotations of the older text stay behind with it; columns of the documents move on.
        found = {name: move(column, one.name) for name, column in found.items() if column.is_document}
    for step in one.sweep:
        found = after_step(found, step, one.name, is_document)
    if is_document:
        found["text_bytes"] = Column(TEXT_BYTES, one.name, True, True)
    return found


def move(column: Column, home: str) -> Column:
    """The column in the next generation of documents."""
    return Column(column.field, home, True, column.of_text, column.stale)


def after_step(found: Columns, step: Step, home: str, is_document: bool) -> Columns:
    """The columns once `step` has run; measurements on the text it rewrote are stale."""
    result = dict(found)
    if step.writes_text:
        for name, column in found.items():
            if column.of_text and name != "text":
                result[name] = Column(column.field, column.home, column.is_document, True, stale=True)
    of_text = any(found[name].of_text for name in step.stage.reads if name in found)
    for field in step.stage.writes:
        if field.name not in DECISION_COLUMNS:
            result[field.name] = Column(field, home, is_document, of_text or field.name == "text")
    return result
