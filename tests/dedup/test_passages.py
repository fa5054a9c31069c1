"""The stage that removes passages keeps the laws of stages; what it removes is told by the marks beside the text."""

import pickle
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from datapipe.dedup.passages import HASHES, MARKS, RepeatedPassages, list_buffers
from datapipe.dedup.repeats import compile_kernels
from datapipe.where import parse_where
from tests.plain_passages import units_of, without_units

TEXTS = ["", "a", "\0", "One. Two.\nThree.", "他走了。我来了。", " \n\t\u3000", "\u0301", "x" * 5000 + ". Y."]


def stage(**options: Any) -> RepeatedPassages:
    given = {"unit": "sentence", "span": 1, "keep": "first", "min_characters": 1, "scope": "global", **options}
    return RepeatedPassages(**given)


def batch_of(texts: list[str], marks: list[list[int]]) -> pa.RecordBatch:
    columns = [pa.array(range(len(texts))), pa.array(texts, pa.large_string()), pa.array(marks, MARKS.field(0).type)]
    return pa.RecordBatch.from_arrays(columns, names=["number", "text", *MARKS.names])


MARKED = batch_of(TEXTS, [[k for k in range(len(units_of(text, "sentence"))) if k % 2] for text in TEXTS])


def test_it_removes_the_marked_units_and_leaves_the_rest_alone() -> None:
    done = stage()(MARKED)
    marks = MARKED[MARKS.names[0]].to_pylist()

    assert done["text"].to_pylist() == [
        without_units(*pair) for pair in zip(TEXTS, ["sentence"] * 8, marks, strict=True)
    ]
    assert done["removed_passage_count"].to_pylist() == [len(one) for one in marks]
    assert done["number"].to_pylist() == list(range(8))
    assert [done.schema.field(name).type for name in stage().writes.names] == list(stage().writes.types)


def test_the_result_does_not_depend_on_batches_or_on_pickling() -> None:
    whole = stage()(MARKED)
    again = pickle.loads(pickle.dumps(stage()))
    parts = [again(MARKED.slice(row, 1)) for row in range(MARKED.num_rows)]

    assert pa.Table.from_batches(parts).equals(pa.Table.from_batches([whole]))
    assert stage()(MARKED.slice(0, 0)).num_rows == 0


def test_a_text_without_marks_stays() -> None:
    done = stage()(MARKED.select(["number", "text"]))

    assert done["text"].to_pylist() == TEXTS
    assert done["removed_passage_fraction"].to_pylist() == [0.0] * 8


def hashes(texts: list[str], languages: list[str | None], **options: Any) -> list[list[int]]:
    batch = pa.RecordBatch.from_pydict({"text": pa.array(texts, pa.large_string()), "language": languages})
    where = options.pop("where", None)
    found = stage(**options).hashes(batch, parse_where(where))
    assert found.schema == HASHES
    return list(found.column(0).to_pylist())


def test_a_scope_keeps_equal_passages_apart() -> None:
    one, other, third, none, empty = hashes(["Same."] * 5, ["en", "de", "en", None, ""], scope="language")

    assert one == third
    assert len({*one, *other, *none, *empty}) == 4
    assert len({one[0] for one in hashes(["Same."] * 3, ["en", "de", None])}) == 1


def test_rows_outside_of_where_have_no_passages() -> None:
    assert [len(one) for one in hashes(["A. B.", "A. B."], ["en", "de"], where={"language": "de"})] == [0, 2]


@pytest.mark.parametrize("start", [0, 1, 2])
def test_lists_of_a_slice_begin_at_zero(start: int) -> None:
    lists = pa.array([[1, 2], [], [3]], pa.list_(pa.int32())).slice(start)
    offsets, values = list_buffers(lists)

    assert offsets[0] == 0
    assert [values[a:b].tolist() for a, b in pairwise(offsets)] == lists.to_pylist()
    assert values.dtype == np.int32


def test_kernels_compile_on_one_small_text() -> None:
    for scope in ("global", "language", "source"):
        compile_kernels(stage(scope=scope, span=2))
