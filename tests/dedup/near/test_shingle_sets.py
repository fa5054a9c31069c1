"""What is asked for crosses to the blocks that ask: whole sets, from the row groups that hold them."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from comparing import FORM, gather, sets_of, write_shard

from datapipe.dedup.near.records import SHINGLE_WORDS, block_key
from datapipe.dedup.near.row_keys import first_key
from datapipe.exchange import Split
from datapipe.exchange_files import Slice, read_slice
from datapipe.kernels.packed_records import firsts, unpack_documents
from datapipe.receipts import Receipt

BLOCKS = (block_key(0, 0), block_key(0, 1), block_key(3, 0))
SPLIT = Split(3, 0, 3, BLOCKS)
TEXTS = [" ".join(f"{chr(97 + k % 26)}{k // 26}x" * (1 + k % 3) for k in range(first, 9 * first)) for first in range(8)]
TEXTS[0] = "one"

Requests = list[tuple[int, int, int]]
"""Shard, row, number of the block."""


def gathered(folder: Path, asked: Requests, **options: Any) -> Receipt:
    names = [write_shard(folder, 0, TEXTS[:5]), write_shard(folder, 1, TEXTS[5:])]
    requests = np.array([[first_key(shard) + row, BLOCKS[block]] for shard, row, block in asked], np.uint64)
    return gather(folder, names, requests, FORM, SPLIT, **options)


def arrived(folder: Path, receipt: Receipt) -> dict[tuple[int, int, int], set[int]]:
    """By block: every set, under its shard and row."""
    found = {}
    for block, one in itertools.product(range(len(BLOCKS)), receipt.outputs):
        records = read_slice(Slice(str(folder / one.path), block), SHINGLE_WORDS)
        assert set(records[:, 0].tolist()) <= {BLOCKS[block]}
        at = firsts(records)[:-1]
        lists, hashes, signed, _ = unpack_documents(records, at, FORM.permutations)
        assert not len(signed)
        for k, key in enumerate(records[at, 1].tolist()):
            found[key >> 32, key & 0xFFFFFFFF, block] = set(hashes[lists[k] : lists[k + 1]].tolist())
    return found


ASKED: Requests = [(1, 0, 2), (0, 3, 0), (0, 3, 1), (0, 0, 1), (1, 2, 1), (0, 4, 0), (0, 3, 2)]
SETS = dict(enumerate(sets_of(TEXTS)))


def test_every_block_gets_the_sets_that_it_asks_for(tmp_path: Path) -> None:
    receipt = gathered(tmp_path, ASKED)

    assert arrived(tmp_path, receipt) == {one: SETS[5 * one[0] + one[1]] for one in ASKED}
    assert (receipt.rows_in, receipt.rows_out, len(receipt.outputs)) == (7, 7, 1)
    documents = {5 * shard + row for shard, row, _ in ASKED}
    figures = receipt.figures["shingles"]
    assert receipt.bytes_in == figures["text_bytes"] == sum(len(TEXTS[k]) for k in documents)
    assert figures["shingles"] == sum(len(SETS[k]) for k in documents)


def test_a_file_that_would_be_too_large_is_several(tmp_path: Path) -> None:
    receipt = gathered(tmp_path, ASKED, file_bytes=1)

    assert len(receipt.outputs) == 5  # a row group each
    assert arrived(tmp_path, receipt) == {one: SETS[5 * one[0] + one[1]] for one in ASKED}


def test_where_nothing_is_asked_for_nothing_is_read_or_written(tmp_path: Path) -> None:
    receipt = gathered(tmp_path, [])

    assert (receipt.outputs, receipt.rows_out) == ((), 0)


def test_other_row_groups_are_not_read(tmp_path: Path) -> None:
    name = write_shard(tmp_path, 0, TEXTS[:5])
    path = tmp_path / f"documents/extract/{name}.parquet"
    place = pq.ParquetFile(path).metadata.row_group(1).column(1).data_page_offset
    data = bytearray(path.read_bytes())
    data[place : place + 40] = bytes(40)
    path.write_bytes(data)

    receipt = gather(tmp_path, [name], np.array([[0, BLOCKS[0]], [4, BLOCKS[0]]], np.uint64), FORM, SPLIT)
    assert receipt.rows_out == 2
    (tmp_path / "receipts/near.shingles/000000.json").unlink()
    with pytest.raises(OSError, match="damaged"):
        gather(tmp_path, [name], np.array([[2, BLOCKS[0]]], np.uint64), FORM, SPLIT)


def test_a_row_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"web-000001-0000: no row 3 of those"):
        gathered(tmp_path, [(1, 2, 0), (1, 3, 0)])
