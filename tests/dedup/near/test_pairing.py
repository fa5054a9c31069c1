"""Which documents are compared: what plain Python says of their buckets, however it is cut into blocks."""

import dataclasses
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.dedup.near.blocks import SET_BYTES, bytes_compared
from datapipe.dedup.near.pairing import PairingTask, pair_documents
from datapipe.dedup.near.records import MEMBER_WORDS, PAIR_WORDS, REQUEST_WORDS, NearForm, block_key
from datapipe.dedup.near.row_keys import EARLIER
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.dedup.warm_up import near_kernels
from datapipe.exchange import Split
from datapipe.exchange_files import Slice, read_slice, write_records
from datapipe.kernels.bucket_links import find_buckets, visiting_order
from datapipe.kernels.bucket_pairs import next_block
from datapipe.kernels.part_keys import divided_part_keys
from datapipe.kernels.shingling import Shingling
from datapipe.receipts import Receipt

OWN = 1
"""The run word of this run's documents, behind those of the one earlier run."""
LIMIT = 3
BANDS = 3
FORM = NearForm(Shingling(), BANDS, 2, (), LIMIT, 0.8, None, "shingles", (), (), earlier_runs=1)
PARTITION = 7
FILE_RECORDS = 5


class Document(NamedTuple):
    part: int
    is_earlier: bool
    bytes: int
    keys: tuple[int, ...]


DOCUMENTS = st.lists(
    st.builds(
        Document, st.integers(1, 3), st.booleans(), st.sampled_from([0, 10, 100]),
        st.tuples(*[st.sampled_from([0, 1, 2**64 - 1, 1 << 40])] * BANDS),
    ),
    max_size=24,
)  # fmt: skip


def in_order(documents: Sequence[Document]) -> list[tuple[int, Document]]:
    """By position, each with its number, of which its id and its row key are made."""
    return sorted(enumerate(documents), key=lambda one: (one[1].part, not one[1].is_earlier, one[0]))


def row_key(number: int, document: Document) -> int:
    return number | (EARLIER if document.is_earlier else 0)


def profile(number: int, one: Document) -> list[int]:
    return [one.part, 0 if one.is_earlier else OWN, 9, number, row_key(number, one), 1, one.bytes, *one.keys]


def task(folder: Path, documents: Sequence[Document], block_bytes: int = 1 << 20, block_pairs: int = 99) -> PairingTask:
    rows = np.array([profile(*one) for one in enumerate(documents)], np.uint64).reshape(-1, FORM.profile_words)
    slices = []
    for start in (0, 1):  # they come in any order
        path = str(folder / f"profiles{start}")
        write_records(path, rows[start::2], np.zeros(len(rows[start::2]), np.uint32), 1)
        slices.append(Slice(path, 0))
    key = TaskKey(str(folder), "near.pairing", "000007", "print", "input")
    return PairingTask(
        key, PARTITION, tuple(slices), FORM, Split(2, 0, 2, (0, EARLIER)), block_bytes, block_pairs, FILE_RECORDS
    )


def plain(documents: Sequence[Document]) -> set[tuple[int, int]]:
    """The pairs, by position."""
    buckets = defaultdict(list)
    ordered = [document for _, document in in_order(documents)]
    for position, document in enumerate(ordered):
        for band, key in enumerate(document.keys):
            buckets[document.part, band, key].append(position)
    pairs: set[tuple[int, int]] = set()
    for members in buckets.values():
        if len(members) <= LIMIT:
            pairs.update(itertools.combinations(members, 2))
        else:
            pairs.update((members[0], other) for other in members[1:])
    return {(one, other) for one, other in pairs if not (ordered[one].is_earlier and ordered[other].is_earlier)}


def written(folder: Path, kind: str, partition: int, words: int) -> list[list[int]]:
    rows: list[list[int]] = read_slice(
        Slice(str(folder / f"exchange/near.pairing.{kind}/000007.records"), partition), words
    ).tolist()
    return rows


def blocks_of(folder: Path, receipt: Receipt) -> Iterator[tuple[list[list[int]], list[list[int]]]]:
    """Pairs and members of each block."""
    for block in range(receipt.figures["blocks"]["blocks"]):
        yield written(folder, "pairs", block, PAIR_WORDS), written(folder, "members", block, MEMBER_WORDS)


@settings(deadline=None, max_examples=150)
@given(DOCUMENTS, st.sampled_from([1, 500, 1500, 1 << 20]), st.sampled_from([1, 4, 99]))
def test_pairs_are_what_plain_python_says(
    tmp_path_factory: pytest.TempPathFactory, documents: list[Document], block_bytes: int, block_pairs: int
) -> None:
    folder = tmp_path_factory.mktemp("pairing")
    receipt = pair_documents(task(folder, documents, block_bytes, block_pairs))

    ordered = in_order(documents)
    pairs: list[tuple[int, int]] = []
    requests: list[list[int]] = []
    for block, (of_block, members) in enumerate(blocks_of(folder, receipt)):
        assert [one for one, _, _ in of_block] == [block] * len(of_block)
        assert 0 < len(of_block) <= block_pairs
        assert of_block == sorted(of_block)
        pairs += [(better, other) for _, better, other in of_block]
        needed = sorted({position for _, *pair in of_block for position in pair})
        keys = [row_key(*ordered[position]) for position in needed]
        assert members == [[block, k, key, 9, ordered[k][0]] for k, key in zip(needed, keys, strict=True)]
        requests += [[key, block_key(PARTITION, block)] for key in keys]
        assert len(of_block) == 1 or sum(bytes_of(ordered[k][1]) for k in needed) <= block_bytes
    assert sorted(pairs) == sorted(plain(documents))
    files = [one.path for one in receipt.outputs if ".requests/" in one.path]
    asked = [
        [row for path in files for row in read_slice(Slice(str(folder / path), group), REQUEST_WORDS).tolist()]
        for group in (0, 1)
    ]
    assert len(files) <= 1 + len(requests) // FILE_RECORDS
    assert asked[0] == [one for one in requests if one[0] < EARLIER]
    assert asked[1] == [one for one in requests if one[0] >= EARLIER]


def bytes_of(document: Document) -> int:
    """A shingle of four bytes for two bytes of text, a signature of six values."""
    return 4 * (document.bytes // 2 + 1) + 4 * FORM.permutations + SET_BYTES


def document(part: int, *keys: int, size: int = 100) -> Document:
    return Document(part, False, size, (keys * BANDS)[:BANDS])


def test_a_part_that_fits_into_a_block_is_not_divided(tmp_path: Path) -> None:
    three = [document(part, part) for part in (1, 2, 3) for _ in range(3)]
    receipt = pair_documents(task(tmp_path, three, block_bytes=5 * bytes_of(three[0])))

    assert [len(members) for _, members in blocks_of(tmp_path, receipt)] == [3, 3, 3]


def test_a_document_of_a_large_part_is_a_member_of_each_block_that_needs_it(tmp_path: Path) -> None:
    five = [document(1, 1) for _ in range(5)]
    receipt = pair_documents(task(tmp_path, five, block_bytes=3 * bytes_of(five[0])))

    blocks = [[pair[1:] for pair in pairs] for pairs, _ in blocks_of(tmp_path, receipt)]
    assert blocks == [[[0, 1], [0, 2]], [[0, 3], [0, 4]]]
    assert receipt.figures["pairs"] == {
        "pairs": 4, "members": 6, "text_bytes": 600, "documents": 5, "large_buckets": 3, "largest_bucket": 5,
    }  # fmt: skip


def test_a_part_that_is_larger_than_a_block_is_cut_where_few_pairs_connect_it(tmp_path: Path) -> None:
    """Clusters of three, their members far from each other in the order, in one part."""
    count = 300
    loose = [document(1, number % count, 500, 501) for number in range(3 * count)]
    receipt = pair_documents(task(tmp_path, loose, block_bytes=30 * bytes_of(loose[0])))

    # Each block but the last has the best document, whom all share two bands with, and nearly ten whole clusters.
    members = [[position for _, position, *_ in members] for _, members in blocks_of(tmp_path, receipt)]
    clusters = [Counter(position % count for position in block if position) for block in members]
    assert all(block[0] == 0 for block in members)
    assert sum(size < 3 for sizes in clusters for size in sizes.values()) <= 2 * len(members)
    assert receipt.figures["pairs"]["members"] <= 3 * count + 3 * len(members)


def test_a_million_documents_with_one_band_make_a_million_pairs(tmp_path: Path) -> None:
    count = 1 << 20
    form = FORM.__class__(Shingling(), 1, 8, (), 16, 0.8, None, "shingles", (), ())
    rows = np.zeros((count, form.profile_words), np.uint64)
    rows[:, form.key_words - 1] = rows[:, form.key_words] = np.arange(count)
    rows[:, -1] = 5
    path = str(tmp_path / "profiles")
    write_records(path, rows, np.zeros(count, np.uint32), 1)
    key = TaskKey(str(tmp_path), "near.pairing", "000007", "print", "input")
    receipt = pair_documents(PairingTask(key, PARTITION, (Slice(path, 0),), form, Split(1, 0, 1, (0,))))

    assert receipt.figures["pairs"]["pairs"] == receipt.rows_out == count - 1
    assert receipt.figures["pairs"]["large_buckets"] == 1
    assert receipt.figures["pairs"]["documents"] == receipt.figures["pairs"]["largest_bucket"] == count


def test_nothing_is_left_to_compile_after_the_warm_up(tmp_path: Path) -> None:
    near_kernels()
    pair_documents(task(tmp_path, [document(1, 1)] * 3))
    kernels = (find_buckets, visiting_order, next_block, divided_part_keys)
    assert [len(one.signatures) for one in kernels] == [1] * 4


@pytest.mark.parametrize(("unit", "units"), [("word", 501), ("char", 1000)])
def test_of_a_text_only_the_characters_that_count_take_memory(unit: Literal["word", "char"], units: int) -> None:
    form = dataclasses.replace(FORM, shingling=Shingling(unit, max_chars=2000))
    beside = 4 * form.permutations + SET_BYTES

    assert bytes_compared(np.array([1000, 10**9]), form).tolist() == [4 * units + beside, 4 * 2000 + beside]


def test_without_profiles_there_is_nothing_to_compare(tmp_path: Path) -> None:
    receipt = pair_documents(task(tmp_path, []))
    assert receipt.figures["blocks"] == {"blocks": 0}
    assert [one.path.split("/")[1] for one in receipt.outputs] == ["near.pairing.pairs", "near.pairing.members"]


def test_finished_work_is_not_done_again(tmp_path: Path) -> None:
    one = task(tmp_path, [document(1, 1)] * 3)
    assert not pair_documents(one).reused
    assert pair_documents(one).reused
