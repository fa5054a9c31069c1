"""What was found of every pair that was compared: records that cross an exchange, then `evidence/PASS/SHARD.parquet`.

A record: row key of the worse document (in the recipe's order), its id (2), the id of the better one (2), bands hit
and reason, and as bits of 64-bit floats estimated Jaccard similarity, Jaccard similarity, containment (NaN: unknown).
"""

import numpy as np
import pyarrow as pa

EVIDENCE_WORDS = 9
REASONS = (
    "alike",
    "contained in the other",
    "contains the other",
    "too different",
    "alike by signature",
    "too different by signature",
)
"""By number: why a pair was accepted or not. The last two: of pairs that were not compared on shingles."""
ACCEPTED = (True, True, True, False, True, False)
REASON_SHIFT = np.uint64(32)
"""Of the reason in its word; the bands hit stand below it."""

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
