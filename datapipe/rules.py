"""Rules decide; stages only measure. A rule compares one column with limits, a rule set is a list of them as data.

`{column: word_count, min: 50, max: 100_000}` keeps a document whose word count is in [50, 100000]: `min` and `max`
include their value, `above` and `below` do not. A null (or NaN) fails with the reason `missing`, unless the rule says
`missing: keep`: nothing passes by being absent.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import ConfigDict, Field

from datapipe.where import Where, matching, parse_where

Mask = npt.NDArray[np.bool_]
Limits = npt.NDArray[np.float64]

STRICT = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

BOUNDS = ("min", "above", "max", "below")
Values = Annotated[tuple[str | int | bool, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Rule:
    """What a column must be for a document to stay."""

    column: str
    """The measured column."""
    min: float | None = None
    """Smallest value that stays."""
    above: float | None = None
    """Values must be greater than this."""
    max: float | None = None
    """Largest value that stays."""
    below: float | None = None
    """Values must be less than this."""
    one_of: Values | None = None
    """Values that stay; all others go."""
    none_of: Values | None = None
    """Values that go; all others stay."""
    missing: Literal["drop", "keep"] = "drop"
    """What a null means."""
    where: Mapping[str, Any] | None = None
    """Rows the rule applies to; others pass."""
    name: str | None = None
    """Word used for the column in the drop reason."""
    source: str | None = None
    """Where the limits come from: paper and table, or tool and version."""

    __pydantic_config__ = STRICT

    def __post_init__(self) -> None:
        """Refuse limits that contradict each other."""
        for one, other in (("min", "above"), ("max", "below"), ("one_of", "none_of")):
            if getattr(self, one) is not None and getattr(self, other) is not None:
                raise ValueError(f"give {one} or {other}, not both")
        low = self.min if self.above is None else self.above
        high = self.max if self.below is None else self.below
        is_open = self.above is not None or self.below is not None
        if low is not None and high is not None and (low > high or (low == high and is_open)):
            raise ValueError(f"no value passes limits from {low:g} to {high:g}")
        try:
            parse_where(self.where)
        except ValueError as error:
            raise ValueError(f"where: {error}") from None

    @property
    def conditions(self) -> Where:
        """The parsed `where`."""
        return parse_where(self.where)

    @property
    def label(self) -> str:
        """The rule's word in drop reasons."""
        return self.name or self.column


@dataclass(frozen=True)
class Override:
    """Limits of one column for one language instead of the rule's own; None switches the limit off."""

    language: str
    column: str
    min: float | None
    max: float | None


@dataclass(frozen=True)
class RuleSet:
    """A named list of rules, with limits per language where they differ."""

    name: str
    rules: tuple[Rule, ...]
    overrides: tuple[Override, ...] = ()
    about: str = ""

    __pydantic_config__ = STRICT

    def columns(self) -> Iterator[str]:
        """Every column the set reads, perhaps repeatedly."""
        for rule in self.rules:
            yield rule.column
            yield from (condition.column for condition in rule.conditions)
        if self.overrides:
            yield "language"

    def checks(self) -> Iterator["Check"]:
        """Each reason the set can give, in order."""
        for rule in self.rules:
            own = [override for override in self.overrides if override.column == rule.column]
            for kind in _kinds(rule, own):
                yield Check(f"{self.name}.{rule.label}.{kind}", kind, rule, tuple(own))


def _kinds(rule: Rule, overrides: list[Override]) -> list[str]:
    kinds = ["missing"] if rule.missing == "drop" else []
    for bound, strict in (("min", "above"), ("max", "below")):
        if getattr(rule, strict) is not None:
            kinds.append(strict)
        elif any(getattr(one, bound) is not None for one in (rule, *overrides)):
            kinds.append(bound)
    kinds += [kind for kind in ("one_of", "none_of") if getattr(rule, kind) is not None]
    return kinds


@dataclass(frozen=True)
class Check:
    """One comparison of a rule: what it is called when it fails, and how it is made."""

    reason: str
    kind: str
    rule: Rule
    overrides: tuple[Override, ...]

    @property
    def is_numeric(self) -> bool:
        """Whether it compares numbers."""
        return self.kind in BOUNDS

    def limit(self, language: str | None) -> Any:
        """The value compared with, for a document in `language`; None where switched off."""
        bound = {"above": "min", "below": "max"}.get(self.kind, self.kind)
        if bound in ("min", "max"):
            for override in self.overrides:
                if override.language == language:
                    return getattr(override, bound)
        return None if self.kind == "missing" else getattr(self.rule, self.kind)

    def fails(self, batch: pa.RecordBatch) -> Mask:
        """True for the rows that fail this comparison."""
        column = batch[self.rule.column]
        if self.is_numeric:
            failing = self._out_of_bounds(_numbers(column), batch)
        else:
            is_missing = _to_mask(pc.is_null(column, nan_is_null=pa.types.is_floating(column.type)))
            failing = is_missing if self.kind == "missing" else self._is_wrong_value(column) & ~is_missing
        where = self.rule.conditions
        return failing & _to_mask(matching(where, batch)) if where else failing

    def _is_wrong_value(self, column: pa.Array) -> Mask:
        values = pa.array(getattr(self.rule, self.kind), column.type)
        found = _to_mask(pc.is_in(column, value_set=values, skip_nulls=True))
        return ~found if self.kind == "one_of" else found

    def _out_of_bounds(self, numbers: Limits, batch: pa.RecordBatch) -> Mask:
        limits = self._limits(batch)
        # A comparison with NaN is False: nulls fail only as `missing`.
        match self.kind:
            case "min":
                return numbers < limits
            case "max":
                return numbers > limits
            case "above":
                return (numbers <= limits) & np.isfinite(limits)
            case _:
                return (numbers >= limits) & np.isfinite(limits)

    def _limits(self, batch: pa.RecordBatch) -> Limits:
        """The limit of every row; infinite where it is off."""
        off = -np.inf if self.kind in ("min", "above") else np.inf
        own = getattr(self.rule, self.kind)
        limits = np.full(batch.num_rows, off if own is None else float(own))
        if self.overrides:
            languages = batch["language"].dictionary_encode()
            codes = languages.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            for code, language in enumerate(languages.dictionary.to_pylist()):
                if any(override.language == language for override in self.overrides):
                    limit = self.limit(language)
                    limits[codes == code] = off if limit is None else limit
        return limits


def _numbers(column: pa.Array) -> Limits:
    """The values as floats, NaN for null; integers beyond 2**53 are rounded."""
    return np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False))


def _to_mask(array: pa.BooleanArray) -> Mask:
    return np.asarray(array.to_numpy(zero_copy_only=False), np.bool_)


def failing_matrix(checks: Sequence[Check], batch: pa.RecordBatch) -> Mask:
    """Rows x checks: True where the row fails the check."""
    failing = np.zeros((batch.num_rows, len(checks)), np.bool_)
    for index, check in enumerate(checks):
        failing[:, index] = check.fails(batch)
    return failing


def first_and_all(failing: Mask, names: Sequence[str]) -> tuple[pa.StringArray, pa.ListArray]:
    """Per row: the name of the first column that is True (null: none) and the list of all."""
    rows, columns = np.nonzero(failing)
    offsets = np.searchsorted(rows, np.arange(len(failing) + 1)).astype(np.int32)
    failed = pa.array(names, pa.string()).take(pa.array(columns, pa.int32()))
    is_kept = offsets[:-1] == offsets[1:]
    # A row without failures borrows an index, which the mask then hides.
    first = pa.array(np.where(is_kept, 0, offsets[:-1]), pa.int32(), mask=is_kept)
    return failed.take(first), pa.ListArray.from_arrays(pa.array(offsets), failed)
