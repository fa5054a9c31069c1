"""Which columns exist where: a rule or step that reads what no earlier step wrote is an error at load."""

from dataclasses import dataclass

import pyarrow as pa

from datapipe.located_yaml import LocatedYaml, RecipeError, suggest
from datapipe.reader import READER_SCHEMA, delivered_schema
from datapipe.recipe import Pass, Recipe, Step
from datapipe.rules import RuleSet
from datapipe.stage import STAGES
from datapipe.validation import Place
from datapipe.where import Condition

DECISION_COLUMNS = ("drop_reason", "failed")
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
            known = fields.setdefault(field.name, field)
            if known.type != field.type:
                kinds = f"{known.type} and {field.type}"
                raise RecipeError(f"{recipe.file}: sources disagree on the type of column {field.name!r}: {kinds}")
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
        found = {name: _move(column, one.name) for name, column in found.items() if column.is_document}
    for step in one.sweep:
        found = after_step(found, step, one.name, is_document)
    if is_document:
        found["text_bytes"] = Column(TEXT_BYTES, one.name, True, True)
    return found


def _move(column: Column, home: str) -> Column:
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


def check_columns(recipe: Recipe, document: LocatedYaml) -> None:
    """Raise RecipeError at the first step, rule or domain that reads a column it cannot have."""
    try:
        found = columns_before(recipe, 0)
    except RecipeError as error:
        raise document.error(("sources",), str(error).partition(": ")[2]) from None
    for index, one in enumerate(recipe.passes):
        is_document = index == 0 or one.writes_text
        if is_document:
            found = {name: _move(column, one.name) for name, column in found.items() if column.is_document}
        for number, step in enumerate(one.steps):
            place: Place = ("passes", index, "steps", number, step.name)
            _check_where(step.where, found, document, (*place, "where"))
            if step.name == "select":
                _check_rules(step.stage.rules, found, document, (*place, "rules"))  # type: ignore[attr-defined]
            else:
                for name in step.stage.reads:
                    _check_present(name, found, document, place)
                found = after_step(found, step, one.name, is_document)
        found = _after_pass(columns_before(recipe, index), one, index == 0)
    for number, domain in enumerate(recipe.domains):
        place = ("domains", number)
        _check_where(domain.where, found, document, (*place, "where"))
        _check_rules(domain.rules, found, document, (*place, "rules"))
        _check_present(domain.by, found, document, (*place, "by"))
        if not pa.types.is_string(found[domain.by].field.type):
            raise document.error((*place, "by"), f"units are named by a string column, {domain.by!r} holds numbers")
    for number, name in enumerate(recipe.columns):
        _check_present(name, found, document, ("columns", number))


def _check_present(name: str, found: Columns, document: LocatedYaml, place: Place) -> None:
    if name not in found:
        writers = [stage for stage, cls in STAGES.items() if name in _written_names(cls)]
        hint = f"; {' or '.join(writers)} writes it" if writers else ""
        raise document.error(
            place, f"no earlier step writes the column {name!r}{hint}; {suggest(name, found, 'there are')}"
        )


def _written_names(cls: type) -> list[str]:
    writes = getattr(cls, "writes", None)
    return writes.names if isinstance(writes, pa.Schema) else []


def _check_where(where: tuple[Condition, ...], found: Columns, document: LocatedYaml, place: Place) -> None:
    for condition in where:
        _check_present(condition.column, found, document, place)
        kind = found[condition.column].field.type
        if not all(_fits(value, kind) for value in condition.values):
            message = f"column {condition.column!r} holds {kind}, found {list(condition.values)!r}"
            raise document.error(place, message)


def _check_rules(rule_sets: tuple[RuleSet, ...], found: Columns, document: LocatedYaml, place: Place) -> None:
    for number, rule_set in enumerate(rule_sets):
        here = (*place, number)
        for name in rule_set.columns():
            _check_present(name, found, document, here)
        for rule in rule_set.rules:
            column = found[rule.column]
            label = f"rule on {rule.column!r} of {rule_set.name!r}"
            if column.stale:
                raise document.error(
                    here, f"{label}: it was measured before the text was rewritten; measure it afterwards"
                )
            kind = column.field.type
            if rule.is_numeric and not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
                raise document.error(here, f"{label}: limits need numbers, the column holds {kind}")
            if not all(_fits(value, kind) for value in (*(rule.one_of or ()), *(rule.none_of or ()))):
                raise document.error(here, f"{label}: the column holds {kind}, found other values")


def _fits(value: object, kind: pa.DataType) -> bool:
    if pa.types.is_boolean(kind):
        return isinstance(value, bool)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def base_names() -> list[str]:
    """Columns that every document has."""
    return [*(field.name for field in FIRST_COLUMNS), *(name for name in READER_SCHEMA.names if name != "record")]
