"""Counts of texts in memory, by the kernels that count a corpus."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from datapipe.stage import text_buffers
from tokenizer.counting.fragment_counts import FragmentCounts
from tokenizer.kernels.fragment_tags import LAST_LOST, tag_fragments
from tokenizer.kernels.fragments import AT_ONCE, WORDS, Place, cut_fragments
from tokenizer.recipe import Symbols
from tokenizer.symbols import cuts_of, user_symbols
from tokenizer.training.weighted_rows import Rows, bounded

MAX_FRAGMENT_BYTES = 65_536


def native_rows(batches: Iterable[pa.Array], symbols: Symbols = Symbols()) -> Rows:  # noqa: B008
    """The rows of texts (arrays of large_string), by the native cuts."""
    counts, cuts, found = FragmentCounts(), cuts_of(symbols), np.empty((AT_ONCE, WORDS), np.int64)
    lost = np.zeros(LAST_LOST + 1, np.int64)
    for texts in batches:
        offsets, data = text_buffers(texts)
        place, tags = Place(), np.zeros(len(texts), np.int64)
        while place.document < len(texts):
            number, place = cut_fragments(offsets, data, place, cuts, found)
            kept = tag_fragments(found[:number], 0, tags, MAX_FRAGMENT_BYTES, lost)
            assert counts.add(data, found[:kept]) == kept
    table = counts.sorted_batch()
    return bounded(Rows(table["fragment"], table["count"].to_numpy()), user_symbols(symbols))
