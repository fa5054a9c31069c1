"""What was found of every pair that was compared: records that cross an exchange, then `evidence/PASS/SHARD.parquet`.

A record: row key of the worse document (in the recipe's order), its id (2), the id of the better one (2), bands hit
and reason, and as bits of 64-bit floats estimated Jaccard similarity, Jaccard similarity, containment (NaN: unknown).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapipe.dedup.identities import Words, id_array
from datapipe.exchange_files import Records

EVIDENCE_WORDS = 9
REASONS = (
    "alike",
    "contained in the other",
    "contains the other",
    "too different",
    "alike by signature",
    "too different by signature",
    "contains one of an earlier run, which stays",
)
"""By number: why a pair was accepted or not. By signature: of pairs that were not compared on shingles."""
ALIKE, CONTAINED, CONTAINS, DIFFERENT, SIGNED_ALIKE, SIGNED_DIFFERENT, CONTAINS_EARLIER = range(len(REASONS))
ACCEPTED = (True, True, True, False, True, False, False)
"""By number of the reason: whether one of the two may fall in favour of the other."""
REASON_SHIFT = np.uint64(32)
"""Of the reason in its word; the bands hit stand below it."""
_LOW = np.uint64((1 << 32) - 1)
_ID, _OTHER, _MARK, _MEASURES = 1, 3, 5, 6
"""Columns."""

EVIDENCE_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("other_id", pa.string(), nullable=False),
        pa.field("bands", pa.int32(), nullable=False),
        pa.field("estimated_jaccard", pa.float64(), nullable=False),
        pa.field("jaccard", pa.float64()),
        pa.field("containment", pa.float64()),
        pa.field("is_accepted", pa.bool_(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
    ]
)
"""`id` is the worse document, in its shard's file; sorted by its row, then by the other's id. `containment`: the share
of the smaller set of shingles that is in the other."""


def evidence_records(
    row_keys: npt.NDArray[np.uint64],
    ids: Words,
    others: Words,
    bands: npt.NDArray[np.int64],
    reasons: npt.NDArray[np.int64],
    measures: npt.NDArray[np.float64],
) -> Records:
    """The records of pairs, a row each; `measures`: estimated Jaccard similarity, Jaccard similarity, containment."""
    records = np.empty((len(row_keys), EVIDENCE_WORDS), np.uint64)
    records[:, 0] = row_keys
    records[:, _ID:_OTHER], records[:, _OTHER:_MARK] = ids, others
    records[:, _MARK] = reasons.astype(np.uint64) << REASON_SHIFT | bands.astype(np.uint64)
    records[:, _MEASURES:] = measures.view(np.uint64)
    return records


def sorted_evidence(records: Records) -> Records:
    """By row of the worse document, then by id of the other; of documents with an equal id by what was found."""
    from datapipe.kernels.record_sort import sort_records

    return sort_records(records, EVIDENCE_WORDS)


def evidence_batch(records: Records, table: Sequence[str]) -> pa.RecordBatch:
    """The records in the form of the file; `table`: the sources that the ranks of ids stand for."""
    reasons = (records[:, _MARK] >> REASON_SHIFT).astype(np.int64)
    measures = np.ascontiguousarray(records[:, _MEASURES:]).view(np.float64)
    columns = [
        id_array(records[:, _ID:_OTHER], table),
        id_array(records[:, _OTHER:_MARK], table),
        pa.array((records[:, _MARK] & _LOW).astype(np.int32)),
        pa.array(measures[:, 0].copy()),
        *(pa.array(one.copy(), mask=np.isnan(one)) for one in measures[:, 1:].T),
        pa.array(np.array(ACCEPTED)[reasons]),
        pa.array(REASONS, pa.string()).take(pa.array(reasons)),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=EVIDENCE_SCHEMA)
