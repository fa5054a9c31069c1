"""Labels by rounds over files are those of one task, however few documents a range has."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_parts import Tie, plain_labels
from rich.console import Console

from datapipe.dedup.near.labels import Holders
from datapipe.dedup.near.row_keys import first_key
from datapipe.exchange import Sizes
from datapipe.exchange_files import read_slices, write_records
from datapipe.executors import InlineExecutor, Resources
from datapipe.observing.event_log import EventLog
from datapipe.passes import near_labels
from datapipe.passes.near_exchange import NearExchange
from datapipe.passes.near_labels import Labelling
from datapipe.receipts import Receipt, Stopwatch
from datapipe.running import Work

HOLDERS = Holders(shards=(3, 0, 2, 4, 1), earlier=(2, 3))
BOUNDS = (first_key(0), first_key(2), first_key(3), first_key(4), first_key(0, True), first_key(1, True))
ROWS = [first_key(holder) + row for holder, rows in enumerate(HOLDERS.shards) for row in range(rows)] + [
    first_key(holder, True) + row for holder, rows in enumerate(HOLDERS.earlier) for row in range(rows)
]
TIES = st.lists(st.tuples(st.sampled_from(ROWS), st.sampled_from(ROWS)).filter(lambda tie: tie[0] > tie[1]))
SMALL = Sizes(map_bytes=600, partition_bytes=800, slice_bytes=200)
"""At most three ranges, and outputs of a few edges."""


@contextmanager
def exchange(folder: Path, sizes: Sizes) -> Iterator[NearExchange]:
    folder.mkdir(exist_ok=True)
    with EventLog(str(folder)) as log:
        work = Work(str(folder), InlineExecutor(), Console(quiet=True), log)
        yield NearExchange(work, "near", Resources(), sizes)


def labels(folder: Path, files: list[list[Tie]], sizes: Sizes, holders: Holders = HOLDERS) -> list[list[list[int]]]:
    """The labels of every group."""
    with exchange(folder, sizes) as exchanged:
        labelling = Labelling(exchanged, "f", holders, BOUNDS)
        buckets = [bucket(exchanged, number, ties, labelling) for number, ties in enumerate(files)]
        found = labelling.labels(buckets)
    groups = [read_slices(one.slices, 3).tolist() for one in found]
    assert [one.records for one in found] == [len(group) for group in groups]
    return groups


def bucket(exchanged: NearExchange, number: int, ties: list[Tie], labelling: Labelling) -> Receipt:
    """What the phase before leaves."""
    key = exchanged.key("buckets", number, "f", "i")
    records, split = np.array(sorted(set(ties)), np.uint64).reshape(-1, 2), labelling.ties.map_split
    return key.leave(Stopwatch(), [write_records(key.path(), records, split.partition(records[:, 0]), split.count)])


@settings(deadline=None, max_examples=12)
@given(st.lists(TIES, max_size=3), st.integers(1, 20), st.sampled_from([SMALL, Sizes()]))
def test_rounds_label_as_plain_python_does(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[Tie]], documents: int, sizes: Sizes
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(near_labels, "MOST_DOCUMENTS", 0)
        patch.setattr(near_labels, "RANGE_DOCUMENTS", documents)
        groups = labels(tmp_path_factory.mktemp("rounds"), files, sizes)

    expected = plain_labels(tie for ties in files for tie in ties)
    assert [label for group in groups for label in group] == [[row, *expected[row]] for row in sorted(expected)]
    assert len(groups) == len(BOUNDS)
