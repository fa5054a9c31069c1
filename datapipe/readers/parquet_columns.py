"""Columns of Parquet files as values of document fields: which types are taken, and for what."""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
from pyarrow import types

from datapipe.reader import ReadOptions
from datapipe.readers.assembly import RecordError

IsOfKind = Callable[[pa.DataType], bool]


def _is_text(kind: pa.DataType) -> bool:
    return kind in (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view())


def _is_date(kind: pa.DataType) -> bool:
    return bool(types.is_timestamp(kind) or types.is_date(kind))


TAKEN: Mapping[str, tuple[IsOfKind, ...]] = {
    "text": (_is_text,),
    "source_id": (_is_text, types.is_integer),
    "url": (_is_text,),
    "date": (_is_text, _is_date),
    "media_type": (_is_text,),
    "encoding": (_is_text,),
}
"""Types that a column of ours is made from."""
TAKEN_AS: Mapping[pa.DataType, tuple[IsOfKind, ...]] = {
    pa.string(): (_is_text,),
    pa.large_string(): (_is_text,),
    pa.int64(): (types.is_integer,),
    pa.float64(): (types.is_integer, types.is_floating),
    pa.bool_(): (types.is_boolean,),
}
"""Types that an extra column of a type is made from."""


def checked_columns(schema: pa.Schema, options: ReadOptions) -> list[str]:
    """Names of the columns to read. Raises RecordError where one is missing, there twice, or of a type not taken."""
    text = options.field_name("text")
    if text not in schema.names:
        raise RecordError(f"no column {text!r} for text; the file has {', '.join(schema.names)}")
    wanted = [(options.field_name(column), kinds) for column, kinds in TAKEN.items()]
    wanted += [(options.field_name(field.name), TAKEN_AS[field.type]) for field in options.extra_columns]
    found = [(name, kinds) for name, kinds in wanted if name in schema.names]
    for name, kinds in found:
        if schema.names.count(name) > 1:
            raise RecordError(f"there are several columns {name!r}")
        kind = schema.field(name).type
        plain = kind.value_type if types.is_dictionary(kind) else kind
        if not types.is_null(plain) and not any(is_of_kind(plain) for is_of_kind in kinds):
            raise RecordError(f"column {name!r} is {kind}: another type than records need")
    return list(dict.fromkeys(name for name, _ in found))


def values(column: pa.Array) -> list[Any]:
    """Python's values: bytes of text, ISO 8601 of dates, numbers as they are."""
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if _is_text(column.type):
        column = column.cast(pa.large_binary())
    elif types.is_timestamp(column.type):
        # In UTC, to the second; as a string, since Python's calendar is shorter than Arrow's.
        column = column.cast(pa.timestamp("s"), safe=False).cast(pa.string())
    elif types.is_date(column.type):
        column = column.cast(pa.string())
    found: list[Any] = column.to_pylist()
    return found
