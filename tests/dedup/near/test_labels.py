"""Whoever is tied has the label of its part: the least row key in it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_parts import plain_labels

from datapipe.dedup.near.labels import Holders, LabelTask, label_documents, labels_path
from datapipe.dedup.near.row_keys import first_key
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange_files import Slice, read_slice, write_records
from datapipe.receipts import Receipt

HOLDERS = Holders(shards=(3, 0, 2, 4), earlier=(2, 3))
BOUNDS = (first_key(0), first_key(2), first_key(0, True))
"""Groups: the first two shards, the others, all files of earlier runs."""
ROWS = [first_key(holder) + row for holder, rows in enumerate(HOLDERS.shards) for row in range(rows)] + [
    first_key(holder, True) + row for holder, rows in enumerate(HOLDERS.earlier) for row in range(rows)
]
Ties = Sequence[tuple[int, int]]


def labelled(folder: Path, *files: Ties, holders: Holders = HOLDERS) -> tuple[Receipt, list[list[list[int]]]]:
    """The receipt, and the labels of every group."""
    slices = []
    for number, ties in enumerate(files):
        records = np.array(ties, np.uint64).reshape(-1, 2)
        path = str(folder / f"ties{number}.records")
        write_records(path, records, np.zeros(len(records), np.uint32), 1)
        slices.append(Slice(path, 0))
    key = TaskKey(str(folder), "near.labels", "000000", "f", "i")
    receipt = label_documents(LabelTask(key, tuple(slices), holders, BOUNDS))
    assert [one.path for one in receipt.outputs] == [labels_path("near.labels", group) for group in range(3)]
    return receipt, [read_slice(Slice(str(folder / one.path), 0), 3).tolist() for one in receipt.outputs]


def test_parts_reach_over_files_shards_and_runs(tmp_path: Path) -> None:
    first, third, earlier = first_key(0), first_key(2), first_key(1, True)
    receipt, groups = labelled(tmp_path, [(earlier + 2, third + 1)], [(third + 1, first + 2), (third, first + 1)])

    assert groups == [
        [[first + 1, first + 1, 2], [first + 2, first + 2, 3]],
        [[third, first + 1, 2], [third + 1, first + 2, 3]],
        [[earlier + 2, first + 2, 3]],
    ]
    assert receipt.figures == {
        "labelled": {"000000": 2, "000001": 2, "000002": 1},
        "parts": {"parts": 2, "largest": 3},
    }
    assert (receipt.rows_in, receipt.rows_out) == (3, 5)


def test_without_ties_there_are_no_labels(tmp_path: Path) -> None:
    receipt, groups = labelled(tmp_path)

    assert groups == [[], [], []]
    assert receipt.figures["parts"] == {"parts": 0, "largest": 0}


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(st.sampled_from(ROWS), st.sampled_from(ROWS)).filter(lambda t: t[0] > t[1]))))
def test_labels_are_those_of_plain_python(tmp_path_factory: pytest.TempPathFactory, files: list[Ties]) -> None:
    _, groups = labelled(tmp_path_factory.mktemp("labels"), *files)

    expected = plain_labels(tie for ties in files for tie in ties)
    assert [label for group in groups for label in group] == [[row, *expected[row]] for row in sorted(expected)]
