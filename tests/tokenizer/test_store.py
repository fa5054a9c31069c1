"""Token files: the bytes of Megatron's format, and what is said of files that are none."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.output import RunError
from tokenizer.store import read_indexed, token_dtype, writing_indexed

UINT16, INT32 = token_dtype(1000), token_dtype(256_000)
Documents = list[list[int]]


def write(prefix: Path, documents: Documents, dtype: np.dtype[np.integer] = UINT16, at_once: int = 2) -> None:
    """Write the documents, some at a time."""
    with writing_indexed(str(prefix), dtype) as (file, _):
        for at in range(0, len(documents), at_once):
            some = documents[at : at + at_once]
            ids = np.array([one for document in some for one in document], np.int32)
            file.write(ids, np.array([len(document) for document in some], np.int64))


def damage(path: Path, at: int, new: bytes) -> None:
    """Overwrite some bytes."""
    data = bytearray(path.read_bytes())
    data[at : at + len(new)] = new
    path.write_bytes(data)


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """Three documents of 5, 3 and 1 tokens."""
    write(tmp_path / "000000", [[1, 2, 3, 4, 5], [6, 7, 8], [9]])
    return tmp_path / "000000"


def test_three_documents_make_an_index_of_102_bytes(prefix: Path) -> None:
    index = prefix.with_suffix(".idx").read_bytes()

    assert len(index) == 102
    assert index[:34] == b"MMIDIDX\0\0" + struct.pack("<QBQQ", 1, 8, 3, 4)
    assert struct.unpack("<3i3q4q", index[34:]) == (5, 3, 1, 0, 10, 16, 0, 1, 2, 3)
    assert prefix.with_suffix(".bin").read_bytes() == struct.pack("<9H", *range(1, 10))


def test_tokens_take_two_bytes_below_65500_pieces_and_four_from_there() -> None:
    assert [token_dtype(size).itemsize for size in (128, 65_499, 65_500, 256_000)] == [2, 2, 4, 4]


def test_a_document_without_tokens_is_counted_and_has_no_sequence(tmp_path: Path) -> None:
    write(tmp_path / "a", [[], [1, 2], [], [3], []])
    found = read_indexed(str(tmp_path / "a"))

    assert found.lengths.tolist() == [2, 1]
    assert found.documents.tolist() == [0, 0, 1, 1, 2, 2]
    assert [one.tolist() for one in found] == [[], [1, 2], [], [3], []]


def test_a_shard_without_tokens_can_be_read(tmp_path: Path) -> None:
    write(tmp_path / "none", [])
    write(tmp_path / "empty", [[], []])

    assert len(read_indexed(str(tmp_path / "none"))) == 0
    assert [one.tolist() for one in read_indexed(str(tmp_path / "empty"))] == [[], []]


def test_outputs_name_both_files(tmp_path: Path) -> None:
    with writing_indexed(str(tmp_path / "a"), INT32) as (file, outputs):
        file.write(np.array([1, 2]), np.array([2]))

    assert [(Path(one.path).name, one.bytes) for one in outputs] == [("a.bin", 8), ("a.idx", 62)]


def test_a_block_that_fails_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), writing_indexed(str(tmp_path / "a"), INT32) as (file, _):
        file.write(np.array([1, 2]), np.array([2]))
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("ids", "lengths"), [([1, 2, 3], [2]), ([1, 2], [3, -1]), ([65_536], [1]), ([-1], [1])], ids=str
)
def test_what_the_format_cannot_hold_is_refused(tmp_path: Path, ids: list[int], lengths: list[int]) -> None:
    with (
        pytest.raises(ValueError, match=r"cannot be documents|do not fit"),
        writing_indexed(str(tmp_path / "a"), UINT16) as (file, _),
    ):
        file.write(np.array(ids), np.array(lengths))


@given(
    documents=st.lists(st.lists(st.integers(0, 65_535), max_size=6), max_size=12),
    dtype=st.sampled_from([UINT16, INT32]),
    at_once=st.integers(1, 13),
)
def test_what_is_written_is_read_whatever_comes_at_once(
    documents: Documents, dtype: np.dtype[np.integer], at_once: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    write(folder / "a", documents, dtype, at_once)
    write(folder / "b", documents, dtype, 100)
    found = read_indexed(str(folder / "a"))

    assert [one.tolist() for one in found] == documents
    assert found.tokens.dtype == dtype
    assert found.starts().tolist() == [sum(map(len, documents[:k])) for k in range(len(documents) + 1)]
    for suffix in (".bin", ".idx"):
        assert (folder / f"a{suffix}").read_bytes() == (folder / f"b{suffix}").read_bytes()


def test_an_index_of_many_portions_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents: Documents = [[1] * (number % 4) for number in range(50)]
    write(tmp_path / "a", documents)
    monkeypatch.setattr("tokenizer.store.WRITE_ROWS", 7)
    write(tmp_path / "b", documents)

    assert (tmp_path / "a.idx").read_bytes() == (tmp_path / "b.idx").read_bytes()


def test_tokens_are_mapped_and_read_only(prefix: Path) -> None:
    found = read_indexed(str(prefix))

    assert not found.tokens.flags.writeable
    assert not found.tokens.flags.owndata


@pytest.mark.parametrize(
    ("at", "new", "said"),
    [
        (0, b"PAR1", "no index of Megatron's form"),
        (9, b"\x02", "version 2, type 8; expected version 1"),
        (17, b"\x06", "version 1, type 6; expected version 1"),
        (18, b"\x04", "102 bytes; its header asks for 114: it is damaged or cut off"),
        (26, b"\x00", "102 bytes; its header asks for 70: it is damaged or cut off"),
        (24, b"\xff\xff", "it is damaged or cut off"),
        (38, b"\x04", "length or offset of sequence 2 does not fit the one before"),
        (38, b"\xff\xff\xff\xff", "length or offset of sequence 1 does not fit"),
        (46, b"\x02", "length or offset of sequence 0 does not fit"),
        (70, b"\x01", "its documents do not cover its 3 sequences"),
        (78, b"\x03", "its documents do not cover its 3 sequences"),
        (94, b"\x02", "its documents do not cover its 3 sequences"),
        (42, b"\x02", r"\.bin: 18 bytes; its index has 10 tokens of 2 bytes"),
    ],
    ids=str,
)
def test_a_damaged_index_is_told_in_one_line(prefix: Path, at: int, new: bytes, said: str) -> None:
    damage(prefix.with_suffix(".idx"), at, new)
    with pytest.raises(RunError, match=said) as error:
        read_indexed(str(prefix))
    assert str(prefix) in str(error.value)
    assert "\n" not in str(error.value)


@given(data=st.binary(max_size=200), keeps_head=st.integers(0, 34))
def test_no_bytes_whatever_pass_for_an_index_or_end_otherwise(
    data: bytes, keeps_head: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    write(folder / "a", [[1, 2, 3, 4, 5], [6, 7, 8], [9]])
    index = (folder / "a.idx").read_bytes()[:keeps_head] + data
    (folder / "a.idx").write_bytes(index)
    with pytest.raises(RunError, match=r"a\.(idx|bin): "):
        read_indexed(str(folder / "a"))


def test_every_length_of_a_cut_index_is_noticed(prefix: Path) -> None:
    whole = prefix.with_suffix(".idx").read_bytes()
    for length in range(len(whole)):
        prefix.with_suffix(".idx").write_bytes(whole[:length])
        with pytest.raises(RunError, match=r"000000\.idx: "):
            read_indexed(str(prefix))


def test_tokens_of_another_length_or_gone_are_told(prefix: Path) -> None:
    path = prefix.with_suffix(".bin")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(RunError, match=r"000000\.bin: 17 bytes; its index has 9 tokens of 2 bytes"):
        read_indexed(str(prefix))
    path.unlink()
    with pytest.raises(RunError, match=r"000000\.bin: not there, though its index is"):
        read_indexed(str(prefix))
    prefix.with_suffix(".idx").unlink()
    with pytest.raises(FileNotFoundError):
        read_indexed(str(prefix))
