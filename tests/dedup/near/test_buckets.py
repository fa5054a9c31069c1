"""Documents with an equal band are tied to the first of them, once."""

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_parts import plain_ties

from datapipe.dedup.near import buckets, parts
from datapipe.dedup.near.buckets import BucketTask, find_buckets
from datapipe.dedup.near.records import NearForm
from datapipe.dedup.near.row_keys import EARLIER
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Slice, read_slices, write_records
from datapipe.kernels.shingling import Shingling
from datapipe.receipts import Receipt

FORM = NearForm(Shingling(), 2, 1, (), 16, 0.8, None, "shingles", (), ())
Pairs = list[tuple[int, int]]


def found_in(folder: Path, *files: Pairs) -> tuple[Receipt, Pairs]:
    """The receipt of a partition of these records, and its ties."""
    slices = []
    for number, pairs in enumerate(files):
        records = np.array(pairs, np.uint64).reshape(-1, 2)
        path = str(folder / f"bands{number}.records")
        write_records(path, records, np.zeros(len(records), np.uint32), 1)
        slices.append(Slice(path, 0))
    task = BucketTask(TaskKey(str(folder), "near.buckets", "000000", "f", "i"), tuple(slices), FORM, Split(1))
    receipt = find_buckets(task)
    ties = read_slices([Slice(str(folder / output.path), 0) for output in receipt.outputs], 2)
    return receipt, [(row, least) for row, least in ties.tolist()]


def test_each_but_the_least_is_tied_to_the_least_and_equal_ties_are_one(tmp_path: Path) -> None:
    receipt, ties = found_in(tmp_path, [(5, 30), (5, 10), (6, 10), (7, 40)], [(6, 30), (5, 20)])

    assert ties == [(20, 10), (30, 10)]
    assert (receipt.rows_in, receipt.rows_out) == (6, 2)
    assert receipt.figures["buckets"] == {"2": 1, "3": 1}
    assert receipt.figures["bucket_documents"] == {"2": 2, "3": 3}


def test_documents_of_earlier_runs_are_tied_to_those_of_this_one_but_not_among_themselves(tmp_path: Path) -> None:
    first, second = EARLIER, EARLIER | 1
    receipt, ties = found_in(tmp_path, [(5, first), (5, second), (6, first), (6, second), (6, 3)])

    assert ties == [(first, 3), (second, 3)]
    assert receipt.figures["buckets"] == {"3": 1}


def test_nothing_in_common_leaves_no_ties(tmp_path: Path) -> None:
    assert found_in(tmp_path, [(1, 1), (2, 2)])[1] == []
    receipt, ties = found_in(tmp_path / "empty")
    assert (ties, receipt.figures) == ([], {"buckets": {}, "bucket_documents": {}, "crowded": {}})


def test_crowded_buckets_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_OF_A_PART", 2)
    receipt, _ = found_in(tmp_path, [(255, row) for row in range(3)] + [(256, 0), (256, 1)])

    assert receipt.figures["crowded"] == {"00000000000000ff": 3}


def test_a_bucket_of_a_million_is_a_star(tmp_path: Path) -> None:
    receipt, ties = found_in(tmp_path, [(2**63, row) for row in range(1_000_000)])

    assert receipt.figures["bucket_documents"] == {"1000000": 1_000_000}
    assert ties == [(row, 0) for row in range(1, 1_000_000)]


KEYS, ROWS = st.integers(0, 6), st.sampled_from([0, 1, 2, 3, 1 << 32, EARLIER, EARLIER + 1])


@settings(deadline=None)
@given(st.sets(st.tuples(KEYS, ROWS)), st.sampled_from([1, 5, 100]))
def test_ties_and_counts_are_those_of_plain_python_however_few_records_are_sorted_together(
    tmp_path_factory: pytest.TempPathFactory, bands: set[tuple[int, int]], together: int
) -> None:
    """Files follow one another by row key, as those of groups of shards do."""
    everything = sorted(bands, key=lambda one: one[1])
    edges = [len(everything) * number // 4 for number in range(5)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buckets, "TOGETHER", together)
        apart = [everything[start:end] for start, end in itertools.pairwise(edges)]
        receipt, ties = found_in(tmp_path_factory.mktemp("ties"), *apart)

    sizes = Counter(key for key, _ in everything)
    tied = {key for key, row in everything if row < EARLIER and sizes[key] > 1}
    assert sorted(set(ties)) == sorted(plain_ties(everything, EARLIER))
    assert sum(receipt.figures["buckets"].values()) == len(tied)
    assert sum(receipt.figures["bucket_documents"].values()) == sum(sizes[key] for key in tied)
