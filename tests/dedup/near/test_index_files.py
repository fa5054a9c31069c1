"""Files of an index: of bounded size, named by the page that a later run reads."""

import itertools
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from datapipe.dedup.indexes import earlier_run, index_path, read_page, write_page
from datapipe.dedup.near import index_files
from datapipe.dedup.near.index_files import IndexFiles
from datapipe.dedup.near.index_records import COUNT, TEXT_BYTES, index_words, indexed_signatures
from datapipe.dedup.near.records import SHINGLE_WORDS, NearForm
from datapipe.exchange_files import Slice, read_slice
from datapipe.kernels.packed_records import firsts, unpack_documents
from datapipe.kernels.shingles import shingle_sets
from datapipe.kernels.shingling import Shingling
from datapipe.receipts import Receipt
from datapipe.stage import text_buffers
from datapipe.storage import Output

PERMUTATIONS = 3
FORM = NearForm(Shingling(ngram=1), 3, 1, (), 16, 0.8, None, "shingles", (), (), store_shingles=True)
TEXTS = ["a b c", "", "b c d e", "f", "a b"]


def batch(texts: list[str]) -> pa.RecordBatch:
    signatures = pa.array([[len(text), 7, 8] for text in texts], pa.list_(pa.uint32(), PERMUTATIONS))
    sizes = pa.array([len(text) for text in texts], pa.int64())
    return pa.record_batch({"text": pa.array(texts, pa.large_string()), "text_bytes": sizes, "signature": signatures})


def index_of(folder: Path, parts: list[list[str]]) -> IndexFiles:
    """Of texts in batches, the number of each as its id, standing for one more each."""
    index, first = IndexFiles(str(folder), "near", "web-000000-0000", FORM), 0
    for texts in parts:
        numbers = np.arange(first, first + len(texts), dtype=np.uint64)
        index.add(batch(texts), np.stack([numbers, numbers], axis=1), numbers + np.uint64(1))
        first += len(texts)
    index.finish()
    return index


def shingles_of(one: Slice) -> list[list[int]]:
    records = read_slice(one, SHINGLE_WORDS)
    at = firsts(records)[:-1]
    assert records[at, 0].tolist() == list(range(len(at)))  # the row in the file beside it
    lists, hashes, signed, _ = unpack_documents(records, at, PERMUTATIONS)
    assert not len(signed)
    return [hashes[start:end].tolist() for start, end in itertools.pairwise(lists)]


@pytest.mark.parametrize(("most", "files"), [(1 << 20, 1), (1, 3), (300, 2)])
def test_many_small_files_hold_what_one_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, files: int
) -> None:
    monkeypatch.setattr(index_files, "FILE_BYTES", most)
    index = index_of(tmp_path, [TEXTS[:2], TEXTS[2:3], TEXTS[3:]])
    assert list(index.records) == [index_path("near", f"web-000000-0000-{number:04}") for number in range(files)]
    assert sum(index.records.values()) == len(TEXTS)

    outputs = tuple(Output(one.path.removeprefix(f"{tmp_path}/"), one.bytes, one.sha256) for one in index.outputs)
    receipt = Receipt("near", "web-000000-0000", "", "", outputs=outputs, figures={"index": index.records})
    page = read_page(str(tmp_path), "near", write_page(str(tmp_path), "near", {}, ["web"], [receipt]))
    assert page is not None
    run = earlier_run(str(tmp_path), page, "")
    records = np.concatenate([read_slice(one, index_words(PERMUTATIONS)) for one, _ in run.files])
    assert [count for _, count in run.files] == list(index.records.values())
    assert records[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert records[:, COUNT].tolist() == [1, 2, 3, 4, 5]
    assert records[:, TEXT_BYTES].tolist() == [len(text) for text in TEXTS]
    assert indexed_signatures(records, PERMUTATIONS).tolist() == [[len(text), 7, 8] for text in TEXTS]
    lists, hashes = shingle_sets(*text_buffers(pa.array(TEXTS, pa.large_string())), FORM.shingling)
    expected = [hashes[start:end].tolist() for start, end in itertools.pairwise(lists)]
    assert [one for path in run.shingles if path is not None for one in shingles_of(path)] == expected


def test_a_shard_of_which_nothing_stays_has_an_empty_file(tmp_path: Path) -> None:
    index = index_of(tmp_path, [])
    assert list(index.records.values()) == [0]
    assert len(index.outputs) == 2


def test_a_page_of_a_round_by_hash_is_as_it_was(tmp_path: Path) -> None:
    own = Output(index_path("p.exact", "000000"), 8, "sum")
    receipt = Receipt("p.exact.reduce", "000000", "", "", rows_out=3, outputs=(Output("exchange/a/b", 1, ""), own))
    write_page(str(tmp_path), "p.exact", {}, ["web"], [receipt])
    (entry,) = json.loads((tmp_path / "indexes/p.exact.json").read_text())["files"]
    assert entry == {"path": "indexes/p.exact/000000.records", "bytes": 8, "sha256": "sum", "records": 3}
