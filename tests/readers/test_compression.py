"""Stored bytes become plain bytes with their places, whatever compresses or damages them."""

import contextlib
import gzip
import io
from collections.abc import Iterator
from typing import ClassVar

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from stored_files import BEGINNING, FailingStream, OneWayStream, stored

from datapipe.reader import Position, SourceFile
from datapipe.readers.compression import Damage, Piece, decompressed
from datapipe.readers.stored_bytes import BLOCK_BYTES, Stored
from datapipe.readers.window import Window

ZSTD_BLOCK = 128 << 10


def pieces(data: bytes, start: Position = BEGINNING) -> list[Piece | Damage]:
    return list(decompressed(Stored(io.BytesIO(data)), start))


def joined(found: list[Piece | Damage]) -> bytes:
    return b"".join(one.data for one in found if isinstance(one, Piece))


def damages(found: list[Piece | Damage]) -> list[Damage]:
    return [one for one in found if isinstance(one, Damage)]


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


def skippable(data: bytes, magic: bytes = b"\x50\x2a\x4d\x18") -> bytes:
    return magic + len(data).to_bytes(4, "little") + data


@pytest.mark.parametrize(
    "data",
    [
        b"one two",
        gzip.compress(b"one two", mtime=0),
        gzip.compress(b"one ", mtime=0) + gzip.compress(b"two", mtime=0),
        gzip.compress(b"one two", mtime=0) + bytes(512),
        zstd(b"one two"),
        zstd(b"one ") + zstd(b"two"),
        skippable(b"note") + zstd(b"one ") + skippable(b"") + zstd(b"two"),
    ],
)
def test_the_first_bytes_tell_what_a_file_is(data: bytes) -> None:
    found = pieces(data)
    assert joined(found) == b"one two"
    assert not damages(found)


def test_an_empty_file_has_no_pieces() -> None:
    assert pieces(b"") == []
    assert joined(pieces(gzip.compress(b""))) == b""


def test_a_piece_knows_the_member_it_lies_in() -> None:
    first, second = gzip.compress(b"one "), gzip.compress(b"two")
    assert pieces(first + second) == [Piece(b"one ", 0, 0, True), Piece(b"two", len(first), 0, True)]
    assert pieces(first + second, Position(offset=len(first), within=1)) == [Piece(b"wo", len(first), 1, True)]


@pytest.mark.parametrize("compress", [gzip.compress, zstd])
@given(parts=st.lists(st.binary(max_size=40), min_size=1, max_size=5), data=st.data())
def test_reading_from_any_byte_gives_the_bytes_behind_it(compress, parts: list[bytes], data: st.DataObject) -> None:
    text = b"".join(parts)
    file = stored(b"".join(map(compress, parts)))
    index = data.draw(st.integers(0, len(text)))
    with contextlib.closing(Window(file, Position())) as window:
        assert window.has(len(text))
        position = window.position(record=7, index=index)
    with contextlib.closing(Window(file, position)) as window:
        window.has(len(text))
        assert window.peek(0, window.size) == text[index:]


def test_a_member_cut_short_gives_what_there_is_and_says_so() -> None:
    member = gzip.compress(bytes(range(256)) * 100)
    found = pieces(member[:-12])
    assert joined(found) != b"" and (bytes(range(256)) * 100).startswith(joined(found))
    assert damages(found) == [Damage(0, len(joined(found)), "gzip member cut short")]


def test_a_frame_cut_short_gives_its_whole_blocks_and_says_so() -> None:
    text = b"".join(b"%09d\n" % number for number in range(60_000))
    found = pieces(zstd(text)[:-100])
    assert joined(found) == text[: len(joined(found))] and len(joined(found)) >= ZSTD_BLOCK
    assert [one.error for one in damages(found)] == ["zstd frame cut short"]


@pytest.mark.parametrize("compress", [gzip.compress, zstd])
def test_a_damaged_member_costs_nothing_behind_it(compress) -> None:
    broken = bytearray(compress(b"two " * 1000))
    broken[len(broken) // 2] ^= 0xFF
    first, third = compress(b"one "), compress(b"three")
    found = pieces(first + bytes(broken) + third)
    assert joined(found).startswith(b"one ") and joined(found).endswith(b"three")
    assert [one.offset for one in damages(found)] == [len(first)]
    assert found[-1] == Piece(b"three", len(first) + len(broken), 0, True)


def test_damage_takes_only_the_slice_it_lies_in() -> None:
    """A member of 40 blocks, damaged in its last: the ones before it are delivered."""
    text = b"".join(b"%09d\n" % (number * number) for number in range(400_000))
    broken = bytearray(gzip.compress(text, 1))
    broken[-8] ^= 1  # its checksum
    found = pieces(bytes(broken))
    assert len(text) - len(joined(found)) < 200_000
    assert text.startswith(joined(found))
    assert damages(found)[0].within == len(joined(found))


def test_bytes_that_begin_no_member_are_damage() -> None:
    data = gzip.compress(b"one ") + b"garbage" + gzip.compress(b"two")
    found = pieces(data)
    assert joined(found) == b"one two"
    assert [one.error for one in damages(found)] == ["no gzip member begins here"]


@pytest.mark.parametrize("compress", [gzip.compress, zstd])
def test_a_bomb_comes_in_pieces_of_bounded_size(compress) -> None:
    data = compress(bytes(200 << 20))
    assert len(data) < 250_000
    sizes = [len(one.data) for one in decompressed(Stored(io.BytesIO(data)), Position()) if isinstance(one, Piece)]
    assert sum(sizes) == 200 << 20
    assert max(sizes) < 36 << 20


def test_a_frame_that_asks_for_too_much_memory_is_refused() -> None:
    """By hand: a frame of 256 MiB window (2^(10+18)) with the last block b'hello' as it is."""
    frame = zstandard.FRAME_HEADER + bytes([0, 18 << 3]) + (1 | 5 << 3).to_bytes(3, "little") + b"hello"
    (damage,) = pieces(frame)
    assert isinstance(damage, Damage) and "too much memory" in damage.error
    small = zstandard.FRAME_HEADER + bytes([0, 17 << 3]) + (1 | 5 << 3).to_bytes(3, "little") + b"hello"
    assert joined(pieces(small)) == b"hello"


@pytest.mark.parametrize("pack", [bytes, zstd])
def test_a_web_archive_may_carry_its_dictionary_in_the_first_frame(pack) -> None:
    samples = [b"<html><head><title>page %d</title></head>" % number for number in range(2000)]
    dictionary = zstandard.train_dictionary(4000, samples)
    packer = zstandard.ZstdCompressor(dict_data=dictionary)
    data = skippable(pack(dictionary.as_bytes()), b"\x5d\x2a\x4d\x18") + b"".join(map(packer.compress, samples[:3]))
    found = pieces(data)
    assert joined(found) == b"".join(samples[:3])
    last = found[-1]
    assert isinstance(last, Piece)
    assert joined(pieces(data, Position(offset=last.offset, within=6))) == samples[2][6:]


def test_a_damaged_dictionary_is_damage_of_the_frames() -> None:
    lying = zstandard.FRAME_HEADER + b"\xe0" + (2**60).to_bytes(8, "little") + b"\xff" * 50
    for content in (b"", b"\xff" * 50, lying, zstd(bytes(40 << 20))):
        found = pieces(skippable(content, b"\x5d\x2a\x4d\x18") + zstd(b"one two"))
        assert joined(found) == b"one two" or damages(found)


@pytest.mark.parametrize(
    "data", [b"plain " * 5000, gzip.compress(b"one ", mtime=0) + gzip.compress(bytes(5000), mtime=0) + zstd(b"")]
)
def test_a_stream_that_cannot_seek_is_read_on_to_the_place(data: bytes) -> None:
    seekable = stored(data)
    one_way = SourceFile("x", "x", len(data), lambda: OneWayStream(data))
    starts = [Position(), Position(offset=len(gzip.compress(b"one ")), within=5), Position(offset=len(data))]
    for start in starts:
        assert list(content(one_way, start)) == list(content(seekable, start))


def content(file: SourceFile, start: Position) -> Iterator[int]:
    with contextlib.closing(Window(file, start)) as window:
        while window.load():
            pass
        yield from window.peek(0, window.size)


def test_storage_is_read_in_large_blocks() -> None:
    class Counting(io.BytesIO):
        reads: ClassVar[list[int]] = []

        def read(self, count: int | None = -1) -> bytes:
            self.reads.append(count or 0)
            return super().read(count)

    data = b"".join(gzip.compress(b"%d" % number) for number in range(100_000))
    assert len(joined(list(decompressed(Stored(Counting(data)), Position())))) == 488_890
    assert min(Counting.reads) >= BLOCK_BYTES
    assert len(Counting.reads) <= len(data) // BLOCK_BYTES + 3


def test_failing_storage_is_no_damage() -> None:
    data = gzip.compress(io.BytesIO(bytes(range(256)) * 20_000).read(), 0)
    stream = Stored(FailingStream(data, 2 << 20))
    with pytest.raises(OSError, match="connection lost"):
        list(decompressed(stream, Position()))
