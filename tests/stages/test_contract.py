"""The laws that every stage keeps. A stage is covered from the moment it is registered.

A stage that cannot be built without options names some in `example: ClassVar`, as plain data like that of a recipe.
"""

import dataclasses
import json
import pickle
import re
import sys
import unicodedata
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, ClassVar, get_origin, get_type_hints

import numpy as np
import pyarrow as pa
import pytest
from pydantic import TypeAdapter

import datapipe.readers
import datapipe.stages  # noqa: F401
from datapipe.reader import READER_SCHEMA, READERS
from datapipe.stage import STAGES, Stage, written_by

OUR_STAGES = sorted(name for name, cls in STAGES.items() if cls.__module__.startswith("datapipe."))

LETTERS = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code))[0] == "L"]
EVERY_SCRIPT = " ".join("".join(LETTERS[i : i + 9]) for i in range(0, len(LETTERS), 9))

TEXTS = [
    "The quick brown fox jumps over the lazy dog. It was the best of times; it was the worst of times.\n\nThe end.\n",
    "",
    "a",
    "\0",
    "NUL \0 inside\0",
    "\u0301\u0323\u20dd",
    " \t\r\n\u00a0\u2028\u3000",
    "\ufeff\u200b\u200d\u202e\ufffe\U000e0001",
    "<html lang=de><title>Eins</title><body><p>Zwei &amp; drei</p><script>var x = {}</script>",
    "</s> __label__en {{{ }}} lorem ipsum javascript \\ud800 %00 &#0;",
    "no newline\r\nat the end\rof this text",
    "!!! ??? ... \u2026 ### --- \u2022\n\u2022 one\n\u2022 two\n1234567890 \u0661\u0662\u0663",
    "\u4e16\u754c\u4eba\u6743\u5ba3\u8a00\u3002\u3059\u3079\u3066\u306e\u4eba\u9593\u306f\u3001\u0e21\u0e19\u0e38\u0e29\u0e22\u0e4c",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1eb\U0001f1f7 \U0001d538\U0001d539",
    "def f(x):\n    return x  # one\n" * 40,
    EVERY_SCRIPT,
]
VALUES: dict[str, list[Any]] = {
    "url": [
        "https://www.example.org/a/b?c=d",
        None,
        "",
        "http://[::1",
        "//\u4f8b\u5b50.\u6d4b\u8bd5:80/%zz\0",
        "mailto:x@y",
    ],
    "media_type": ["text/html", "text/plain", None, "application/xhtml+xml", "", "image/png"],
    "language": ["en", "de", "zh", "und", "th"],
    "script": ["Latn", "Hani", "Zyyy"],
}
"""Values worth trying in columns that readers and other stages write."""


def built(name: str) -> Any:
    """The stage, as the recipe builds it."""
    cls = STAGES[name]
    return TypeAdapter(cls).validate_json(json.dumps(getattr(cls, "example", {})))


def known_fields() -> dict[str, pa.Field]:
    """Every column there can be, by name: of the readers, then of the stages."""
    schemas = [*(cls.columns for cls in READERS.values()), *(written_by(cls) for cls in STAGES.values()), READER_SCHEMA]
    return {field.name: field for schema in schemas for field in schema}


def example_column(field: pa.Field, rows: int) -> pa.Array:
    """Values of the field's type, with nulls where it may have them."""
    makers: dict[Callable[[pa.DataType], bool], Callable[[int], Any]] = {
        pa.types.is_boolean: lambda row: row % 2 == 0,
        pa.types.is_integer: lambda row: row,
        pa.types.is_floating: lambda row: row / rows,
        pa.types.is_string: lambda row: f"value {row}",
        pa.types.is_large_string: lambda row: f"value {row}",
        pa.types.is_fixed_size_binary: lambda row: bytes([row % 256]) * field.type.byte_width,
        pa.types.is_binary: lambda row: bytes([row % 256]),
        pa.types.is_list: lambda row: [],
    }
    make = next(maker for test, maker in makers.items() if test(field.type))
    choices = VALUES.get(field.name)
    values = [choices[row % len(choices)] if choices else make(row) for row in range(rows)]
    if field.nullable and not choices:
        values[1::5] = [None] * len(values[1::5])
    return pa.array(values, field.type)


def batch_for(stage: Stage, texts: list[str]) -> pa.RecordBatch:
    """A batch with exactly the columns the stage reads, and a bystander."""
    fields = known_fields()
    columns = {"bystander": pa.array([f"row {row}" for row in range(len(texts))])}
    for name in stage.reads:
        columns[name] = (
            pa.array(texts, pa.large_string()) if name == "text" else example_column(fields[name], len(texts))
        )
    return pa.record_batch(columns)


@pytest.fixture(params=OUR_STAGES)
def stage(request: pytest.FixtureRequest) -> Any:
    return built(request.param)


@pytest.fixture
def batch(stage: Stage) -> pa.RecordBatch:
    return batch_for(stage, TEXTS)


def test_it_keeps_the_rows_and_leaves_the_columns_it_does_not_write(stage: Stage, batch: pa.RecordBatch) -> None:
    written = stage(batch)
    assert written.num_rows == batch.num_rows
    for name in set(batch.schema.names) - set(stage.writes.names):
        assert written[name].equals(batch[name])


def test_it_writes_exactly_what_it_declares(stage: Stage, batch: pa.RecordBatch) -> None:
    written = stage(batch)
    written.validate(full=True)
    new = [name for name in stage.writes.names if name not in batch.schema.names]
    assert written.schema.names == [*batch.schema.names, *new]
    assert [written.schema.field(name) for name in stage.writes.names] == list(stage.writes)


def test_an_empty_batch_stays_empty_and_has_the_columns(stage: Stage, batch: pa.RecordBatch) -> None:
    written = stage(batch.slice(0, 0))
    assert written.num_rows == 0
    assert written.schema == stage(batch).schema


@pytest.mark.parametrize("rows", [1, 3])
def test_the_result_does_not_depend_on_the_batch_size(stage: Stage, batch: pa.RecordBatch, rows: int) -> None:
    parts = [stage(batch.slice(start, rows)) for start in range(0, batch.num_rows, rows)]
    assert pa.Table.from_batches(parts).combine_chunks().equals(pa.Table.from_batches([stage(batch)]))


def test_the_same_batch_gives_the_same_result_again_and_after_pickling(stage: Stage, batch: pa.RecordBatch) -> None:
    copy = pickle.loads(pickle.dumps(stage))
    assert copy == stage
    assert stage(batch).equals(stage(batch))
    assert copy(batch).equals(stage(batch))


def test_what_it_writes_has_the_same_types_in_another_process(stage: Stage) -> None:
    assert pickle.loads(pickle.dumps(stage.writes)).equals(stage.writes, check_metadata=True)


def test_it_survives_ten_megabytes_in_one_line(stage: Stage) -> None:
    prose, unbroken = "word and another word, " * 450_000, "\u00e4x" * 3_400_000
    assert min(len(prose.encode()), len(unbroken.encode())) > 10_000_000
    assert stage(batch_for(stage, [prose, unbroken])).num_rows == 2


def test_its_measurements_are_finite_and_keep_the_bounds_of_their_names(stage: Stage, batch: pa.RecordBatch) -> None:
    written = stage(batch)
    for field in stage.writes:
        values = written[field.name].drop_null()
        if pa.types.is_floating(field.type):
            assert np.isfinite(values.to_numpy(zero_copy_only=False)).all(), field.name
        if field.name.endswith("_fraction"):
            assert field.type == pa.float64(), field.name
            assert all(0 <= value <= 1 for value in values.to_pylist()), field.name
        if field.name.endswith("_count"):
            assert pa.types.is_integer(field.type), field.name
            assert all(value >= 0 for value in values.to_pylist()), field.name


def test_what_is_measured_on_text_alone_is_never_null(stage: Stage, batch: pa.RecordBatch) -> None:
    if set(stage.reads) == {"text"}:
        written = stage(batch)
        single = [field.name for field in stage.writes if not pa.types.is_nested(field.type)]  # a rule can be about
        assert [name for name in single if written[name].null_count] == []


@pytest.mark.parametrize("name", OUR_STAGES)
def test_its_name_is_the_word_of_its_file_and_of_its_class(name: str) -> None:
    cls = STAGES[name]
    assert cls.__module__ == f"datapipe.stages.{name}"
    assert re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower() == name


@pytest.mark.parametrize("name", OUR_STAGES)
def test_it_is_a_frozen_dataclass_whose_every_option_is_typed_and_explained(name: str) -> None:
    cls = STAGES[name]
    assert cls.__dataclass_params__.frozen
    assert cls.__doc__ and not cls.__doc__.startswith(f"{cls.__name__}(")
    options = {field.name for field in dataclasses.fields(cls)}
    described = TypeAdapter(cls).json_schema().get("properties", {})
    assert {option for option in options if not described[option].get("description")} == set()
    hints = get_type_hints(cls, include_extras=True)
    assert {option for option in options if get_origin(hints[option]) is ClassVar} == set()


@pytest.mark.parametrize("name", OUR_STAGES)
def test_it_declares_a_version_what_it_reads_and_the_files_and_libraries_it_depends_on(name: str) -> None:
    stage = built(name)
    assert stage.version >= 1
    assert isinstance(stage.reads, tuple) and isinstance(stage.writes, pa.Schema)
    assert len(set(stage.writes.names)) == len(stage.writes)
    assert set(getattr(stage, "files", ())) <= {field.name for field in dataclasses.fields(stage)}
    for library in getattr(stage, "libraries", ()):
        assert version(library)
