"""Documents out of records that name their fields: JSON objects, rows of Parquet.

What a field holds must be what its column is: a record with anything else is unreadable and says why. Missing and null
are the same, and allowed for every column but `text`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from datapipe.reader import ReadOptions
from datapipe.readers.assembly import Document, RecordError
from datapipe.readers.charset import invalid_utf8
from datapipe.readers.dates import iso_utc

Check = Callable[[str, Any], Any]
"""Takes a field's name and its value, which is not null, and returns the value of the column."""


class NamedFields:
    """Makes documents of mappings from names to values, as a source's options say."""

    def __init__(self, options: ReadOptions) -> None:
        """Raises ValueError for an extra column of a type that records cannot have."""
        self._text = options.field_name("text")
        self._source_id = options.field_name("source_id")
        self._url = options.field_name("url")
        self._date = options.field_name("date")
        self._media_type = options.field_name("media_type")
        self._encoding = options.field_name("encoding")
        self._own = [(options.field_name(field.name), _check_of(field)) for field in options.extra_columns]

    def document(self, record: Mapping[str, Any]) -> Document:
        """Raises RecordError."""
        text = record.get(self._text)
        if text is None:
            raise RecordError(f"field {self._text!r} is null" if self._text in record else f"no field {self._text!r}")
        media_type = _value(record, self._media_type, _string)
        return Document(
            _utf8(self._text, text),
            _value(record, self._source_id, _identifier),
            _value(record, self._url, _string),
            _value(record, self._date, _date),
            media_type and media_type.partition(";")[0].strip().lower(),
            _value(record, self._encoding, _string) or "utf-8",
            tuple([_value(record, name, check) for name, check in self._own]),
        )


def _value(record: Mapping[str, Any], name: str, check: Check) -> Any:
    value = record.get(name)
    return None if value is None else check(name, value)


def _utf8(name: str, value: Any) -> bytes:
    """The bytes of a string, or of what must be one."""
    if isinstance(value, str):
        return value.encode()
    if not isinstance(value, bytes):
        raise _wrong(name, value, "a string")
    if (fault := invalid_utf8(value)) is not None:
        raise RecordError(f"field {name!r} is {fault}")
    return value


def _string(name: str, value: Any) -> Any:
    return value if isinstance(value, str) else _utf8(name, value).decode()


def _identifier(name: str, value: Any) -> Any:
    """Numbers are common as ids."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _string(name, value)


def _date(name: str, value: Any) -> Any:
    return iso_utc(_string(name, value))


def _integer(name: str, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(name, value, "a whole number")
    if not -(2**63) <= value < 2**63:
        raise RecordError(f"field {name!r} is outside 64 bits")
    return value


def _number(name: str, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(name, value, "a number")
    try:
        return float(value)
    except OverflowError:
        raise RecordError(f"field {name!r} is outside the range of a double") from None


def _boolean(name: str, value: Any) -> Any:
    if not isinstance(value, bool):
        raise _wrong(name, value, "true or false")
    return value


CHECKS: Mapping[pa.DataType, Check] = {
    pa.string(): _string,
    pa.large_string(): _string,
    pa.int64(): _integer,
    pa.float64(): _number,
    pa.bool_(): _boolean,
}
"""The types an extra column may have."""


def _check_of(field: pa.Field) -> Check:
    if field.type not in CHECKS:
        raise ValueError(f"extra column {field.name!r} is {field.type}; possible: {', '.join(map(str, CHECKS))}")
    return CHECKS[field.type]


def _wrong(name: str, value: Any, expected: str) -> RecordError:
    return RecordError(f"field {name!r} is {described(value)}, expected {expected}")


def described(value: Any) -> str:
    """What a JSON value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case dict():
            return "an object"
    return f"a {type(value).__name__}"
