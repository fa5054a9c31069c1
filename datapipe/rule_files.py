"""Rule sets as files: YAML with the rules, CSV with limits per language."""

import csv
import dataclasses
from pathlib import Path
from typing import Any

from datapipe.located_yaml import LocatedYaml, RecipeError, parse, suggest
from datapipe.rules import BOUNDS, Override, Rule, RuleSet
from datapipe.validation import build

SHIPPED = Path(__file__).resolve().parent.parent / "recipes" / "rules"
SET_KEYS = {"about", "overrides", "rules"}
CSV_HEADER = ["language", "column", "min", "max"]


def rule_set(name: str, folder: Path) -> RuleSet:
    """The shipped set called `name`, or the file of that path beside the recipe.

    Raises KeyError with the possible names when there is none, RecipeError when the file is wrong.
    """
    path = folder / name if name.endswith((".yaml", ".yml")) else SHIPPED / f"{name}.yaml"
    if not path.is_file():
        possible = sorted(file.stem for file in SHIPPED.glob("*.yaml"))
        raise KeyError(f"no rule set {name!r}; {suggest(name, possible, 'shipped')}; or a .yaml file beside the recipe")
    document = parse(path.read_text("utf-8"), str(path))
    if not isinstance(document.data, dict) or not isinstance(document.data.get("rules"), list):
        raise document.error((), "expected a mapping with a list of `rules`")
    for key in document.data.keys() - SET_KEYS:
        raise document.error((key,), f"unknown key; {suggest(key, SET_KEYS)}")
    rules = tuple(parse_rule(data, document, ("rules", index)) for index, data in enumerate(document.data["rules"]))
    overrides = document.data.get("overrides")
    limits = _overrides(path.parent / overrides, {rule.column for rule in rules}) if overrides else ()
    return check_labels(
        RuleSet(path.stem, rules, limits, str(document.data.get("about", "")).strip()), document, ("rules",)
    )


def parse_rule(data: Any, document: LocatedYaml, place: tuple[str | int, ...]) -> Rule:
    """One rule, checked. Raises RecipeError at its place."""
    if not isinstance(data, dict):
        raise document.error(place, f"expected a rule such as {{column: word_count, min: 50}}, found {data!r}")
    rule = build(Rule, data, document, place)
    if (rule.min is not None and rule.above is not None) or (rule.max is not None and rule.below is not None):
        raise document.error(place, "give min or above, max or below, not both")
    if rule.one_of is not None and rule.none_of is not None:
        raise document.error(place, "give one_of or none_of, not both")
    try:
        _ = rule.conditions
    except ValueError as error:
        raise document.error((*place, "where"), str(error)) from None
    return rule


def check_labels(rules: RuleSet, document: LocatedYaml, place: tuple[str | int, ...]) -> RuleSet:
    """The same set. Raises RecipeError when two of its reasons would read alike."""
    reasons = [check.reason for check in rules.checks()]
    for reason in reasons:
        if reasons.count(reason) > 1:
            raise document.error(place, f"two rules give the reason {reason!r}: tell them apart with `name:`")
    return rules


def _overrides(path: Path, columns: set[str]) -> tuple[Override, ...]:
    if not path.is_file():
        raise RecipeError(f"{path}: no such file of overrides")
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(line for line in file if not line.startswith("#"))
        header = next(reader, [])
        if header != CSV_HEADER:
            raise RecipeError(f"{path}:1: expected the header {','.join(CSV_HEADER)}, found {','.join(header)}")
        return tuple(_override(row, columns, f"{path}:{reader.line_num + 1}") for row in reader if row)


def _override(row: list[str], columns: set[str], place: str) -> Override:
    if len(row) != len(CSV_HEADER):
        raise RecipeError(f"{place}: expected {len(CSV_HEADER)} cells, found {len(row)}")
    language, column, low, high = (cell.strip() for cell in row)
    if column not in columns:
        raise RecipeError(f"{place}: no rule on column {column!r}; {suggest(column, columns)}")
    try:
        return Override(language, column, float(low) if low else None, float(high) if high else None)
    except ValueError:
        raise RecipeError(f"{place}: expected numbers or empty cells, found {low!r} and {high!r}") from None


def numeric_bounds(rule: Rule) -> dict[str, float]:
    """The bounds a rule gives."""
    return {bound: value for bound, value in dataclasses.asdict(rule).items() if bound in BOUNDS and value is not None}
