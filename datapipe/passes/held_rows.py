"""Rows of a shard held in memory once, and taken in any order a few at a time.

`pyarrow.Table.take` first joins the chunks of every column and then makes a second copy of all of them: three times the
text at the peak. Here only the rows that are asked for are copied.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Rows = npt.NDArray[np.int64]


class HeldRows:
    """Batches of one schema, numbered through."""

    def __init__(self, schema: pa.Schema) -> None:
        """Hold nothing yet."""
        self.schema = schema
        self._batches: list[pa.RecordBatch] = []
        self._starts = [0]

    def __len__(self) -> int:
        """Number of rows."""
        return self._starts[-1]

    def add(self, batch: pa.RecordBatch) -> None:
        """Hold the rows of one more batch."""
        if batch.num_rows:
            self._batches.append(batch)
            self._starts.append(len(self) + batch.num_rows)

    def column(self, name: str) -> pa.Array:
        """A column of all rows: for narrow ones."""
        arrays = [batch[name] for batch in self._batches]
        return pa.concat_arrays(arrays) if arrays else pa.nulls(0, self.schema.field(name).type)

    def take(self, rows: Rows) -> pa.RecordBatch:
        """The rows with these numbers, in this order; one that is named twice comes twice."""
        order = np.argsort(rows, kind="stable")
        rising = rows[order]
        edges = np.searchsorted(rising, self._starts)
        parts = [
            batch.take(pa.array(rising[begin:end] - start))
            for batch, start, begin, end in zip(self._batches, self._starts, edges[:-1], edges[1:], strict=False)
            if begin < end
        ]
        if not parts:
            return pa.RecordBatch.from_pylist([], schema=self.schema)
        together = pa.concat_batches(parts) if len(parts) > 1 else parts[0]
        if (order[1:] > order[:-1]).all():
            return together
        places = np.empty(len(order), np.int64)
        places[order] = np.arange(len(order))
        return together.take(pa.array(places))
