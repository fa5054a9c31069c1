"""Rule sets as files: YAML with the rules, CSV with limits per language."""

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datapipe.loading.located_yaml import LocatedYaml, RecipeError, is_file, parse, read_text, shown, suggest
from datapipe.loading.validation import build
from datapipe.rules import STRICT, Override, Rule, RuleSet

SHIPPED = Path(__file__).resolve().parents[2] / "recipes" / "rules"
CSV_HEADER = ["language", "column", "min", "max"]


@dataclass(frozen=True)
class RuleFile:
    """A rule set in a file of its own: `NAME.yaml` of `recipes/rules/`, or a file beside the recipe."""

    rules: tuple[Rule, ...]
    """The rules, in the order in which they give drop reasons."""
    about: str = ""
    """What the set is for, what it needs, where it comes from."""
    overrides: str | None = None
    """A CSV file beside it with the header `language,column,min,max`: limits for one language instead of the rule's
    own. An empty cell switches the limit off."""

    __pydantic_config__ = STRICT


def rule_set(name: str, folder: Path) -> RuleSet:
    """The shipped set called `name`, or the file of that path beside the recipe.

    Raises KeyError with the possible names when there is none, RecipeError when the file is wrong.
    """
    shipped = {file.stem: file for file in SHIPPED.glob("*.yaml")}
    path = folder / name if name.endswith((".yaml", ".yml")) else shipped.get(name)
    if path is None or not is_file(path):
        possible = suggest(name, shipped, "shipped")
        raise KeyError(f"no rule set {shown(name)}; {possible}; or a .yaml file beside the recipe")
    document = parse(read_text(path), str(path))
    file = build(RuleFile, document.data, document)
    rules = RuleSet(path.stem, file.rules, _overrides(file, path, document), file.about.strip())
    check_reasons([rules], document, ("rules",))
    return rules


def parse_rule(data: Any, document: LocatedYaml, place: tuple[str | int, ...]) -> Rule:
    """One rule, checked. Raises RecipeError at its place."""
    if not isinstance(data, dict):
        message = f"expected a rule such as {{column: word_count, min: 50}}, found {shown(data)}"
        raise document.error(place, message)
    return build(Rule, data, document, place)


def check_reasons(sets: list[RuleSet], document: LocatedYaml, place: tuple[str | int, ...]) -> None:
    """Raise RecipeError for a rule that can drop nothing, and for two that would give the same reason."""
    seen: set[str] = set()
    for one in sets:
        checks = list(one.checks())
        for rule in one.rules:
            if not any(check.rule is rule for check in checks):
                raise document.error(place, f"the rule on {rule.column!r} has no limit and drops nothing")
        for check in checks:
            if check.reason in seen:
                message = f"two rules give the reason {check.reason!r}: tell them apart with `name:`"
                raise document.error(place, message)
            seen.add(check.reason)


def _overrides(file: RuleFile, path: Path, document: LocatedYaml) -> tuple[Override, ...]:
    """The limits per language that a file of rules names."""
    if file.overrides is None:
        return ()
    table = path.parent / file.overrides
    if not is_file(table):
        raise document.error(("overrides",), f"no such file: {table}")
    (place, header), *rows = _rows(table) or [(f"{table}:1", [])]
    if header != CSV_HEADER:
        raise RecipeError(f"{place}: expected the header {','.join(CSV_HEADER)}, found {','.join(header) or 'nothing'}")
    columns = {rule.column for rule in file.rules}
    found: dict[tuple[str, str], Override] = {}
    for place, row in rows:
        one = _override(row, columns, place)
        if (one.language, one.column) in found:
            raise RecipeError(f"{place}: {one.language},{one.column} is given twice")
        found[one.language, one.column] = one
    return tuple(found.values())


def _rows(path: Path) -> list[tuple[str, list[str]]]:
    """The rows of a CSV file, each with its place."""
    # Comments become blank lines, which are no rows but keep the count of lines right.
    lines = ("\n" if line.startswith("#") else line for line in io.StringIO(read_text(path)))
    reader = csv.reader(lines, strict=True)
    try:
        return [(f"{path}:{reader.line_num}", row) for row in reader if row]
    except csv.Error as error:
        raise RecipeError(f"{path}:{reader.line_num}: not valid CSV: {error}") from None


def _override(row: list[str], columns: set[str], place: str) -> Override:
    if len(row) != len(CSV_HEADER):
        raise RecipeError(f"{place}: expected {len(CSV_HEADER)} cells, found {len(row)}")
    language, column, low, high = (cell.strip() for cell in row)
    if column not in columns:
        raise RecipeError(f"{place}: no rule on column {column!r}; {suggest(column, columns)}")
    return Override(language, column, _limit(low, place), _limit(high, place))


def _limit(cell: str, place: str) -> float | None:
    try:
        limit = float(cell) if cell else None
    except ValueError:
        limit = math.nan
    if limit is not None and not math.isfinite(limit):
        raise RecipeError(f"{place}: expected a number or an empty cell, found {cell!r}")
    return limit
