"""Conditions on columns: which rows a step, a rule or a domain applies to.

`where: {source: code}` is one value, `{language: [en, de]}` any of several, `{language: {not: en}}` none of them; all
columns named must match. A null matches no value, and so it does match `not`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datapipe.loading.located_yaml import shown

Scalar = str | int | float | bool


@dataclass(frozen=True)
class Condition:
    """One column and the values it must (or, negated, must not) have."""

    column: str
    values: tuple[Scalar, ...]
    negated: bool = False

    def mask(self, batch: pa.RecordBatch) -> pa.BooleanArray:
        """True for the rows that meet the condition; never null."""
        column = batch[self.column]
        found = pc.is_in(column, value_set=pa.array(self.values, column.type), skip_nulls=True)
        return pc.invert(found) if self.negated else found


Where = tuple[Condition, ...]
"""All conditions must hold; the empty one always does."""


def matching(where: Where, batch: pa.RecordBatch) -> pa.BooleanArray:
    """True for the rows where every condition holds."""
    mask = pa.repeat(pa.scalar(True), batch.num_rows)
    for condition in where:
        mask = pc.and_(mask, condition.mask(batch))
    return mask


def parse_where(data: object) -> Where:
    """The `where:` of a recipe as conditions. Raises ValueError that says what was found and what is possible."""
    if data is None:
        return ()
    if not isinstance(data, Mapping):
        raise ValueError(f"expected a mapping of columns to values, found {shown(data)}")
    return tuple(_parse_condition(str(column), value) for column, value in data.items())


def _parse_condition(column: str, value: Any) -> Condition:
    negated = isinstance(value, Mapping)
    if isinstance(value, Mapping):
        if list(value) != ["not"]:
            raise ValueError(f"{column}: expected a value, a list or {{not: ...}}, found {shown(value)}")
        value = value["not"]
    values = value if isinstance(value, list | tuple) else [value]
    kinds = {type(item) for item in values}
    if not values or not all(isinstance(item, str | int | float | bool) for item in values) or len(kinds) > 1:
        raise ValueError(f"{column}: expected one value or a list of values of one type, found {shown(value)}")
    return Condition(column, tuple(values), negated)


def where_data(where: Where) -> dict[str, Any]:
    """The conditions in the form they are written in."""
    return {c.column: {"not": list(c.values)} if c.negated else list(c.values) for c in where}
