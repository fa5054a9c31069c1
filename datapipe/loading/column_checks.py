"""Columns checked at load: what reads a column that no earlier step wrote, or of another type, is an error."""

import dataclasses
from dataclasses import dataclass

import pyarrow as pa

from datapipe.dedup.order import order_words
from datapipe.loading.columns import (
    OWN_COLUMNS,
    Column,
    Columns,
    after_step,
    columns_before,
    move,
)
from datapipe.loading.located_yaml import LocatedYaml, shown, suggest
from datapipe.loading.validation import Place
from datapipe.passes.rounds import NO_ORDER, final_columns
from datapipe.reader import READER_SCHEMA, delivered_schema
from datapipe.recipe import Domain, Pass, Recipe, Step
from datapipe.rules import Check, RuleSet
from datapipe.stage import STAGES, written_by
from datapipe.where import Condition


def check_columns(recipe: Recipe, document: LocatedYaml) -> None:
    """Raise RecipeError at the first source, step, rule or domain whose columns cannot be had."""
    _check_sources(recipe, document)
    check = _Checker(document)
    all_steps = [pair for index, one in enumerate(recipe.passes) for pair in _steps(one, index)]
    found = columns_before(recipe, 0)
    for index, one in enumerate(recipe.passes):
        is_document = index == 0 or one.writes_text
        if is_document:
            check.left_behind |= {name for name, column in found.items() if not column.is_document}
            found = {name: move(column, one.name) for name, column in found.items() if column.is_document}
        for place, step in _steps(one, index):
            check.step(step, found, place)
            found = after_step(found, step, one.name, is_document)
        found = columns_before(recipe, index + 1)
    for position, (place, step) in enumerate(all_steps):
        if step.name == "select" and not step.early:
            check.late_selection(step, [later for _, later in all_steps[position + 1 :]], found, place)
    for number, domain in enumerate(recipe.domains):
        check.domain(domain, found, ("domains", number))
    for index, one in enumerate(recipe.passes):
        if one.drops_duplicates:
            check.duplicates(one, found, ("passes", index))
    for number, name in enumerate(recipe.columns):
        check.present(name, final_columns(recipe), ("columns", number))
        if name in recipe.columns[:number]:
            raise document.error(("columns", number), f"{name!r} is given twice")


def _steps(one: Pass, index: int) -> list[tuple[Place, Step]]:
    made = 0 if one.repeated is None else 1  # the loader puts a step of its own before those of the recipe
    places: list[Place] = [("passes", index, "repeated")] * made
    places += [("passes", index, "steps", number, step.name) for number, step in enumerate(one.steps[made:])]
    return list(zip(places, one.steps, strict=True))


def _check_sources(recipe: Recipe, document: LocatedYaml) -> None:
    """Extra columns must not hide those of every document, and mean the same in every source."""
    known: dict[str, tuple[str, pa.DataType]] = {}
    for index, source in enumerate(recipe.sources):
        place: Place = ("sources", index)
        for name in source.extra_columns:
            if name in {*OWN_COLUMNS, *READER_SCHEMA.names, *source.reader.columns.names}:
                message = "documents have this column already, or the run itself; another name is needed"
                raise document.error((*place, "extra_columns", name), message)
        possible = {*READER_SCHEMA.names, *source.extra_columns} - {"record"}
        for name in source.fields:
            if name not in possible:
                raise document.error((*place, "fields", name), f"unknown column; {suggest(name, possible)}")
        for field in delivered_schema(source.reader, source.read_options):
            first, kind = known.setdefault(field.name, (source.name, field.type))
            if kind != field.type:
                message = f"it is {field.type} here and {kind} in source {first!r}"
                raise document.error((*place, "extra_columns", field.name), message)


@dataclass
class _Checker:
    """The checks of one recipe."""

    document: LocatedYaml
    left_behind: set[str] = dataclasses.field(default_factory=set)
    """Columns that belong to older text, and stayed with it."""

    def step(self, step: Step, found: Columns, place: Place) -> None:
        """A step reads what there is, and keeps the types of columns."""
        self.where(step.where, found, (*place, "where"))
        if step.name == "select":
            self.rules(step.rules, found, (*place, "rules"))
            return
        for name in step.stage.reads:
            self.present(name, found, place)
        for field in step.stage.writes:
            if field.name in OWN_COLUMNS:
                raise self.document.error(place, f"it writes {field.name!r}, a column of the run itself")
            if field.name in found and found[field.name].field.type != field.type:
                kind = found[field.name].field.type
                raise self.document.error(place, f"it writes {field.name!r} as {field.type}, which is {kind} already")

    def late_selection(self, step: Step, later: list[Step], found: Columns, place: Place) -> None:
        """A selection that is not early acts at the end: its columns are there still, and still the same."""
        for name in dict.fromkeys([*(condition.column for condition in step.where), *step.stage.reads]):
            self.present(name, found, place)
            writer = next((one.name for one in later if name in one.stage.writes.names), None)
            if writer is not None:
                message = f"it acts when all passes are done, and {writer!r} writes {name!r} once more before"
                raise self.document.error(place, f"{message}; put it behind, or make it early")

    def domain(self, domain: Domain, found: Columns, place: Place) -> None:
        """A domain routes, decides and names its units by columns there are at the end."""
        self.where(domain.where, found, (*place, "where"))
        self.rules(domain.rules, found, (*place, "rules"))
        self.present(domain.by, found, (*place, "by"))
        kind = found[domain.by].field.type
        if not pa.types.is_string(kind):
            raise self.document.error(
                (*place, "by"), f"units are named by a column of strings, {domain.by!r} holds {kind}"
            )

    def duplicates(self, one: Pass, found: Columns, place: Place) -> None:
        """Duplicates are compared and chosen by columns there are at the end, of values that have an order."""
        for key, options in (("url", one.url), ("exact", one.exact)):
            if options is not None and options.scope == "language":
                self.present("language", found, (*place, key, "scope"))
        if one.near is not None:
            self.near_scope(one.near.scope_columns, found, (*place, "near", "scope"))
        for number, preference in enumerate(one.keep):
            here, name = (*place, "keep", number), preference.column
            self.present(name, found, here)
            if name in [earlier.column for earlier in one.keep[:number]]:
                raise self.document.error(here, f"{name!r} is given twice: where it is equal, others must decide")
            kind = found[name].field.type
            self.chosen(name, found, here)
            if not order_words(kind):
                raise self.document.error(here, f"{name!r} holds {kind}: numbers, text and truth values have an order")

    def near_scope(self, names: tuple[str, ...], found: Columns, place: Place) -> None:
        """Near-duplicates are compared where columns are equal that a few documents or many may have in common."""
        for number, name in enumerate(names):
            self.present(name, found, place)
            self.beside_text(name, place)  # measured on older text is no harm, as in `where`
            kind = found[name].field.type
            if name in names[:number]:
                raise self.document.error(place, f"{name!r} is given twice")
            if not (pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
                message = f"{name!r} holds {kind}: documents are compared within names, whole numbers, truth values"
                raise self.document.error(place, message)

    def beside_text(self, name: str, place: Place) -> None:
        """The column says something of a document beside its text."""
        if name in NO_ORDER:
            what = "the text of the document" if name == "text" else "a hash"
            raise self.document.error(place, f"{name!r} is {what}: expected a measured column, or one of the source")

    def chosen(self, name: str, found: Columns, place: Place) -> None:
        """The same, of the text as it is now."""
        self.beside_text(name, place)
        if found[name].stale:
            message = f"{name!r} was measured before the text was rewritten; measure it afterwards"
            raise self.document.error(place, message)

    def present(self, name: str, found: Columns, place: Place) -> None:
        """The column exists."""
        if name in found:
            return
        if name in self.left_behind:
            message = f"{name!r} stayed behind when the text was rewritten; measure it afterwards"
            raise self.document.error(place, message)
        writers = [stage for stage, cls in STAGES.items() if name in written_by(cls).names]
        hint = f"; {' or '.join(sorted(writers))} writes it" if writers else ""
        possible = suggest(name, found, "there are")
        raise self.document.error(place, f"no earlier step writes the column {name!r}{hint}; {possible}")

    def where(self, where: tuple[Condition, ...], found: Columns, place: Place) -> None:
        """Conditions compare columns with values they can have."""
        for condition in where:
            here = (*place, condition.column)
            self.present(condition.column, found, here)
            kind = found[condition.column].field.type
            if not all(_fits(value, kind) for value in condition.values):
                raise self.document.error(here, f"the column holds {kind}, found {shown(condition.values)}")

    def rules(self, rule_sets: tuple[RuleSet, ...], found: Columns, place: Place) -> None:
        """Rules compare columns that are there, of the text as it is, with limits of their type."""
        for number, rule_set in enumerate(rule_sets):
            here = (*place, number)
            for name in rule_set.columns():
                self.present(name, found, here)
            for check in rule_set.checks():
                self.where(check.rule.conditions, found, (*here, "where"))
                problem = _problem(check, found[check.rule.column])
                if problem is not None:
                    raise self.document.error(here, f"{rule_set.name}.{check.rule.label}: {problem}")


def _problem(check: Check, column: Column) -> str | None:
    """Why a rule cannot compare this column, None if it can."""
    kind = column.field.type
    if column.stale:
        return "the column was measured before the text was rewritten; measure it afterwards"
    if check.is_numeric and not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return f"limits need numbers, the column holds {kind}"
    values = check.rule.one_of or check.rule.none_of or ()
    if not all(_fits(value, kind) for value in values):
        return f"the column holds {kind}, found {shown(values)}"
    return None


def _fits(value: object, kind: pa.DataType) -> bool:
    """Whether a column of this type can be compared with the value."""
    if isinstance(value, bool) or pa.types.is_boolean(kind):
        return isinstance(value, bool) and bool(pa.types.is_boolean(kind))
    if pa.types.is_integer(kind):
        return isinstance(value, int) and -(2**63) <= value < 2**63
    if pa.types.is_floating(kind):
        return isinstance(value, float) or (isinstance(value, int) and abs(value) <= 2**53)
    return isinstance(value, str) and bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
