"""Rows held as batches are taken in any order, as from one table."""

from random import Random

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from datapipe.passes.held_rows import HeldRows

SCHEMA = pa.schema([pa.field("text", pa.large_string()), pa.field("size", pa.int64())])


def batch(values: list[str | None]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"text": values, "size": [None if v is None else len(v) for v in values]}, SCHEMA)


@given(
    st.lists(st.lists(st.none() | st.text(max_size=5), max_size=6), max_size=5),
    st.randoms(use_true_random=False),
)
def test_any_rows_come_in_the_order_they_are_asked_for(batches: list[list[str | None]], chance: Random) -> None:
    held = HeldRows(SCHEMA)
    for values in batches:
        held.add(batch(values))
    whole = [value for values in batches for value in values]
    rows = chance.sample(range(len(whole)), chance.randint(0, len(whole)))

    assert len(held) == len(whole)
    assert held.take(np.array(rows, np.int64)) == batch([whole[row] for row in rows])
    assert held.column("text").to_pylist() == whole
