"""Token files of ours are Megatron's, and the reverse: megatron-core itself reads and writes them here."""

import warnings
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.tokenizer.encoded_run import EncodedRun
from tokenizer.encoding.manifest import windows_of
from tokenizer.store import read_indexed, token_dtype, writing_indexed

pytestmark = pytest.mark.slow
"""torch and megatron-core take seconds to import, and their installation minutes."""

Documents = list[list[int]]
LISTS_OF_DOCUMENTS = st.lists(st.lists(st.integers(0, 65_000), max_size=8), max_size=12)


@pytest.fixture(scope="module")
def megatron() -> ModuleType:
    """Megatron's module; it is an error, not a reason to skip, when it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that Transformer Engine and Apex are not there
        from megatron.core.datasets import indexed_dataset
    assert isinstance(indexed_dataset, ModuleType)
    return indexed_dataset


def write_ours(prefix: Path, documents: Documents, vocab_size: int) -> None:
    """Write with our code, one document at a time."""
    with writing_indexed(str(prefix), token_dtype(vocab_size)) as (file, _):
        for document in documents:
            file.write(np.array(document, np.int32), np.array([len(document)], np.int64))


def write_theirs(megatron: ModuleType, prefix: Path, documents: Documents, vocab_size: int) -> None:
    """Write as Megatron's `tools/preprocess_data.py` does: a document without tokens gives no sequence."""
    dtype = megatron.DType.optimal_dtype(vocab_size)
    builder = megatron.IndexedDatasetBuilder(f"{prefix}.bin", dtype)
    for document in documents:
        builder.add_document(document, [len(document)] if document else [])
    builder.finalize(f"{prefix}.idx")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=LISTS_OF_DOCUMENTS, vocab_size=st.sampled_from([65_499, 65_500, 256_000]))
def test_the_same_documents_make_the_same_bytes(
    megatron: ModuleType, documents: Documents, vocab_size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    write_ours(folder / "ours", documents, vocab_size)
    write_theirs(megatron, folder / "theirs", documents, vocab_size)

    for suffix in (".bin", ".idx"):
        assert (folder / f"ours{suffix}").read_bytes() == (folder / f"theirs{suffix}").read_bytes()
    assert [one.tolist() for one in read_indexed(str(folder / "theirs"))] == documents


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=LISTS_OF_DOCUMENTS.filter(any), vocab_size=st.sampled_from([65_499, 256_000]))
def test_megatron_reads_our_documents(
    megatron: ModuleType, documents: Documents, vocab_size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    prefix = tmp_path_factory.mktemp("any") / "ours"
    write_ours(prefix, documents, vocab_size)
    found = megatron.IndexedDataset(str(prefix))

    assert [found[number].tolist() for number in range(len(found))] == [one for one in documents if one]
    assert len(found.document_indices) == len(documents) + 1


def test_types_are_chosen_where_megatron_chooses_them(megatron: ModuleType) -> None:
    for size in (1, 65_499, 65_500, 65_536, 256_000):
        assert token_dtype(size) == np.dtype(megatron.DType.optimal_dtype(size))


def test_megatron_reads_what_is_encoded(megatron: ModuleType, tmp_path: Path) -> None:
    run = EncodedRun.at(tmp_path)
    run.encode("encode.bos=true")
    for place in run.texts():
        found = megatron.IndexedDataset(str(run.tokens / place))
        ours = run.ids(place)
        assert [found[number].tolist() for number in range(len(found))] == [ids for ids in ours if ids]
        assert len(found.document_indices) == len(run.documents(place)) + 1


@settings(max_examples=100)
@given(sizes=st.lists(st.integers(1, 20), min_size=1, max_size=12), seq_len=st.integers(1, 12))
def test_windows_are_the_rows_of_megatrons_dataset(sizes: list[int], seq_len: int) -> None:
    assume(sum(sizes) > 1)
    from megatron.core.datasets import helpers

    order = np.arange(len(sizes), dtype=np.int32)
    rows = helpers.build_sample_idx(np.array(sizes, np.int32), order, seq_len, 1, sum(sizes))
    starts = np.concatenate([[0], np.cumsum(sizes)])

    assert len(rows) - 1 == windows_of(sum(sizes), seq_len)
    assert [starts[document] + offset for document, offset in rows] == [k * seq_len for k in range(len(rows))]
