"""Tar and zip files read member by member, as if each was a file in a folder of the archive's name."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from stored_files import DEFAULT, FailingStream, OneWayStream, comparable, stored

from datapipe.reader import Position, Reader, ReadOptions, SourceFile, Unreadable
from datapipe.readers import members, tar_members
from datapipe.readers.archives import deliver_members, is_archive
from datapipe.readers.jsonl import Jsonl
from datapipe.readers.parquet import Parquet
from datapipe.readers.source_tree import SourceTree
from datapipe.readers.text import Text

Pack = Callable[[bytes], bytes]
PACKS: Mapping[str, Pack] = {
    "tar": bytes,
    "gz": gzip.compress,
    "zst": zstandard.ZstdCompressor().compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


def tar(entries: Mapping[str, bytes] | list[tuple[str, bytes]], kind: int = tarfile.PAX_FORMAT) -> bytes:
    sink = io.BytesIO()
    pairs = entries.items() if isinstance(entries, Mapping) else entries
    with tarfile.open(fileobj=sink, mode="w", format=kind) as archive:
        for name, data in pairs:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return sink.getvalue()


def zipped(entries: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return sink.getvalue()


def through(
    reader: Reader, file: SourceFile, options: ReadOptions, start: Position
) -> list[tuple[str, tuple[Any, ...]]]:
    return [(path, comparable(one)) for path, one in deliver_members(reader, file, start, options)]


class Members:
    """All that was delivered of an archive, after a check that reading resumes anywhere in it."""

    def __init__(self, reader: Reader, data: bytes, options: ReadOptions = DEFAULT, name: str = "a.tar") -> None:
        file = stored(data, name)
        for one in (options, replace(options, batch_rows=1)):
            found = through(reader, file, one, Position())
            for number, (_, (_, following, _, _)) in enumerate(found, 1):
                assert through(reader, file, one, following) == found[number:]
        self.texts = [(path, row["text"]) for path, one in found for row in one[0]]
        self.unreadable: list[tuple[str, Unreadable]] = [(path, bad) for path, one in found for bad in one[2]]
        self.passed_over = sum((Counter(one[3]) for _, one in found), Counter[str]())

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [(path, bad.error) for path, bad in self.unreadable]


LINES = b'{"text": "one"}\n{"text": "two"}\n'


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_members_of_a_tar_are_files_in_a_folder_of_its_name(pack: Pack) -> None:
    entries = {
        "./x/a.jsonl": LINES,
        "b.jsonl.gz": gzip.compress(b'{"text": "three"}'),
        "long/" * 30 + "c.jsonl": LINES,
    }
    found = Members(Jsonl(), pack(tar(entries)))

    deep = "a.tar/" + "long/" * 30 + "c.jsonl"
    assert found.texts == [
        ("a.tar/x/a.jsonl", "one"), ("a.tar/x/a.jsonl", "two"), ("a.tar/b.jsonl.gz", "three"),
        (deep, "one"), (deep, "two"),
    ]  # fmt: skip
    assert (found.unreadable, found.passed_over) == ([], Counter())


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_of_a_zip_are_files_in_a_folder_of_its_name(method: int) -> None:
    found = Members(Jsonl(), zipped({"x/a.jsonl": LINES, "b.jsonl": b'{"text": "three"}'}, method), name="a.zip")

    assert found.texts == [("a.zip/x/a.jsonl", "one"), ("a.zip/x/a.jsonl", "two"), ("a.zip/b.jsonl", "three")]


@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_every_format_of_tar_is_read(kind: int) -> None:
    assert len(Members(Text(), tar({"d" * 90 + "/é.txt": b"one"}, kind)).texts) == 1


def test_what_is_no_file_of_the_reader_is_passed_over_and_counted() -> None:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for name, kind in [
            ("d", tarfile.DIRTYPE), ("soft.txt", tarfile.SYMTYPE), ("hard.txt", tarfile.LNKTYPE),
            ("dev.txt", tarfile.CHRTYPE), ("disk.txt", tarfile.BLKTYPE), ("pipe.txt", tarfile.FIFOTYPE),
        ]:  # fmt: skip
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        for name in ("a.txt", ".hidden.txt", "x/.git/b.txt", "c.jpg", "inner.tar.gz", "inner.zip", "README"):
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"one"))
    found = Members(Text(), sink.getvalue())

    assert found.texts == [("a.tar/a.txt", "one")]
    assert found.passed_over == {
        "folder": 1, "link": 2, "device": 3, "hidden": 2, "other file": 2, "archive in an archive": 2,
    }  # fmt: skip
    assert found.unreadable == []


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../../etc/a.txt", "a.tar/../../etc/a.txt"),
        ("/etc/a.txt", "a.tar/etc/a.txt"),
        ("././a.txt", "a.tar/a.txt"),
        ("x\udcff.txt", "a.tar/x\\xff.txt"),
    ],
)
def test_a_name_is_only_a_name(name: str, path: str) -> None:
    assert Members(Text(), tar({name: b"one"})).texts == [(path, "one")]


def test_a_name_that_comes_twice_is_told_apart() -> None:
    found = Members(Text(), tar([("a.txt", b"one"), ("b.txt", b"two"), ("a.txt", b"three")]))
    assert found.texts == [("a.tar/a.txt", "one"), ("a.tar/b.txt", "two"), ("a.tar/a.txt#2", "three")]


def test_a_source_tree_takes_every_file_of_an_archive() -> None:
    found = Members(SourceTree(), tar({"p-1.0/a.py": b"x = 1\n", "p-1.0/b.bin": b"\0\1"}), name="p.tgz")
    assert found.texts == [("p.tgz/p-1.0/a.py", "x = 1\n")]
    assert found.passed_over == {"binary": 1}


def parquet(rows: int) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": [f"row {number}" for number in range(rows)]}), sink)
    return sink.getvalue()


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_a_member_that_needs_seeking_is_held_in_memory(pack: Pack) -> None:
    assert len(Members(Parquet(), pack(tar({"a.parquet": parquet(50), "b.parquet": parquet(3)}))).texts) == 53


def test_a_large_member_is_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain archives can be sought in whatever the size; in compressed ones Parquet must be small."""
    monkeypatch.setattr(members, "HELD_BYTES", 100)
    entries = {"a.jsonl": LINES * 50, "b.jsonl": LINES}
    assert len(Members(Jsonl(), gzip.compress(tar(entries))).texts) == 102
    assert len(Members(Jsonl(), tar(entries)).texts) == 102
    assert len(Members(Parquet(), tar({"a.parquet": parquet(50)})).texts) == 50
    assert len(Members(Parquet(), zipped({"a.parquet": parquet(50)})).texts) == 50
    packed = Members(Parquet(), gzip.compress(tar({"a.parquet": parquet(50)})))
    assert packed.errors == [("a.tar/a.parquet", "Parquet needs a file that can be read in any order")]
    twice = Members(Text(per="line", encoding="detect"), gzip.compress(tar({"a.txt": b"one\n" * 90, "b.txt": b"two"})))
    assert twice.texts == [("a.tar/b.txt", "two")]
    assert twice.errors == [("a.tar/a.txt", "360 bytes in a compressed archive can be read only once; unpack it")]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress], ids=["tar", "gz", "xz"])
def test_an_archive_cut_short_delivers_what_came_before(pack: Pack) -> None:
    whole = pack(tar({f"{number}.jsonl": LINES + bytes([48 + number]) * 3000 for number in range(9)}))
    found = Members(Jsonl(), whole[: len(whole) // 2])

    assert 0 < len(found.texts) < 18
    assert found.texts == [(f"a.tar/{n}.jsonl", text) for n in range(9) for text in ("one", "two")][: len(found.texts)]
    assert len([path for path, _ in found.errors if path == "a.tar" or "early" in _ or "cut short" in _]) >= 1


def test_lines_of_a_member_cut_short_are_delivered_and_documents_of_it_are_not() -> None:
    data = tar({"a.jsonl": LINES * 100, "b.txt": b"z" * 2000})
    lines, text = Members(Jsonl(), data[:1024]), Members(Text(), data[: len(LINES) * 100 + 2048])

    assert lines.texts == [("a.tar/a.jsonl", "one"), ("a.tar/a.jsonl", "two")] * 16
    error = "the archive ends within this member, 2,688 bytes early"
    assert lines.errors[0] == ("a.tar/a.jsonl", error)
    assert text.texts == []
    assert text.errors[0][0] == "a.tar/b.txt"


def test_a_damaged_header_costs_what_lies_up_to_the_next_one() -> None:
    data = bytearray(tar({"a.txt": b"one", "b.txt": b"two", "c.txt": b"three"}))
    data[1024 + 5] ^= 255
    for pack in PACKS.values():
        found = Members(Text(), pack(bytes(data)))
        assert found.texts == [("a.tar/a.txt", "one"), ("a.tar/c.txt", "three")]
        assert found.errors == [("a.tar", "no tar header at byte 1,024")]


def test_archives_one_behind_the_other_are_one() -> None:
    assert Members(Text(), tar({"a.txt": b"one"}) + tar({"b.txt": b"two"})).texts == [
        ("a.tar/a.txt", "one"),
        ("a.tar/b.txt", "two"),
    ]


def test_an_archive_without_its_end_mark_says_so() -> None:
    found = Members(Text(), tar({"a.txt": b"one"})[:1024])
    assert found.texts == [("a.tar/a.txt", "one")]
    assert found.errors == [("a.tar", "the archive ends without its end mark")]


@pytest.mark.parametrize("data", [b"", b"just text, and no zip file", b"junk" * 1000])
def test_what_is_called_zip_and_is_none_is_diagnosed_as_zip(data: bytes) -> None:
    found = Members(Text(), data, name="a.zip")
    assert found.errors == [("a.zip", "no zip file: File is not a zip file")]


def test_a_tar_that_is_called_zip_is_read_as_what_it_is() -> None:
    assert Members(Text(), tar({"a.txt": b"one"}), name="a.zip").texts == [("a.zip/a.txt", "one")]


@pytest.mark.parametrize(
    "data", [b"", b"junk", b"junk" * 1000, gzip.compress(b"junk" * 1000, mtime=0), b"PK\x03\x04junk"]
)
def test_what_is_no_archive_is_one_failure(data: bytes) -> None:
    found = Members(Text(), data)
    assert found.texts == []
    assert len(found.errors) == 1


def test_a_name_of_a_megabyte_is_no_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_members, "MAX_HEADER_BYTES", 4096)
    found = Members(Text(), tar([("n" * 9000 + ".txt", b"lost"), ("b.txt", b"two")], tarfile.GNU_FORMAT))
    assert found.texts[-1] == ("a.tar/b.txt", "two")
    assert found.errors[0] == ("a.tar", "no tar header at byte 0")


def test_a_bomb_ends_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "UNPACKED_FLOOR", 100_000)
    entries = {"a.txt": b"one", "b.txt": bytes(10_000_000), "c.txt": b"three"}
    error = "the archive unpacks to more than 2"
    for data, name in ((gzip.compress(tar(entries)), "a.tar"), (zipped(entries), "a.zip")):
        found = Members(Text(), data, name=name)
        assert found.texts[0] == (f"{name}/a.txt", "one")
        assert f"{name}/c.txt" not in dict(found.texts)
        assert found.errors[-1][1].startswith(error)


def test_an_xz_stream_that_asks_for_too_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tar_members, "XZ_MEMORY_BYTES", 1 << 20)
    data = lzma.compress(tar({"a.txt": b"one"}), filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 8 << 20}])
    found = Members(Text(), data)
    assert found.errors == [("a.tar", "the compressed stream is damaged: Memory usage limit exceeded")]


def test_an_encrypted_member_and_other_methods_are_unreadable() -> None:
    data = bytearray(zipped({"a.txt": b"one", "b.txt": b"two", "c.txt": b"three"}, zipfile.ZIP_STORED))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 1)
    data[first + 8] |= 1
    data[second + 10] = zipfile.ZIP_BZIP2
    found = Members(Text(), bytes(data), name="a.zip")

    assert found.texts == [("a.zip/c.txt", "three")]
    assert found.errors == [
        ("a.zip/a.txt", "the member is encrypted"),
        ("a.zip/b.txt", "compression method 12 is not read; possible: stored, deflate"),
    ]


def test_a_damaged_member_of_a_zip_costs_itself() -> None:
    data = bytearray(zipped({"a.txt": b"one" * 50, "b.txt": b"two"}, zipfile.ZIP_STORED))
    data[60] ^= 1
    found = Members(Text(), bytes(data), name="a.zip")
    assert found.texts == [("a.zip/b.txt", "two")]
    assert found.errors == [("a.zip/a.txt", "Bad CRC-32 for file 'a.txt'")]


def test_links_in_a_zip_are_passed_over() -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("d/", "")
    assert Members(Text(), sink.getvalue()).passed_over == {"link": 1, "folder": 1}


def test_a_zip_that_cannot_be_sought_in_is_one_failure_and_a_tar_is_read() -> None:
    for data, count in ((zipped({"a.txt": b"one"}), 0), (tar({"a.txt": b"one" * 1000, "b.txt": b"2"}), 2)):
        file = SourceFile("m", "a.tar", len(data), lambda data=data: OneWayStream(data))  # type: ignore[misc,return-value]
        found = through(Text(), file, DEFAULT, Position())
        assert sum(len(one[0]) for _, one in found) == count


@pytest.mark.parametrize("make", [tar, zipped])
def test_failing_storage_is_no_bad_archive(make: Callable[[Mapping[str, bytes]], bytes]) -> None:
    data = make({f"{number}.txt": bytes(3_000_000) for number in range(3)}) + b"\0"
    file = SourceFile("m", "a.tar", len(data), lambda: FailingStream(data, 5))
    with pytest.raises(OSError, match="connection lost"):
        through(Text(), file, DEFAULT, Position())


def test_paths_that_end_like_archives_name_them() -> None:
    assert is_archive("s3://b/x.TAR.GZ")
    assert is_archive("data/*.zip")
    assert not is_archive("data/*")
    assert not is_archive("data/x.jsonl.gz")


@settings(deadline=None)
@given(st.data(), st.sampled_from(["tar", "zip"]))
def test_any_damage_ends_well(data: st.DataObject, kind: str) -> None:
    entries = {f"{number}.jsonl": LINES * 3 for number in range(5)}
    whole = bytearray(tar(entries) if kind == "tar" else zipped(entries))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    found = Members(Jsonl(), bytes(whole[: data.draw(st.integers(1, len(whole)))]))
    assert len(found.texts) <= 40


def test_a_chain_of_long_names_is_damage() -> None:
    """Python's parser calls itself for every one of them."""
    long_name = tarfile.TarInfo("././@LongLink")
    long_name.type, long_name.size = tarfile.GNUTYPE_LONGNAME, 512
    chain = (long_name.tobuf(tarfile.GNU_FORMAT) + b"x" * 512) * 3000
    found = Members(Text(), chain + tar({"b.txt": b"two"}))
    assert found.errors[0] == ("a.tar", "no tar header at byte 0")


def test_a_directory_of_lies_is_damage() -> None:
    data = zipped({"a.txt": b"one"})
    end = data.index(b"PK\x05\x06")
    lying = data[:end] + data[end : end + 12] + struct.pack("<II", 0xFFFFFFF0, 0) + data[end + 20 :]
    assert len(Members(Text(), lying).errors) == 1


def test_a_member_without_a_name_is_a_member() -> None:
    """`zipfile` asks for the last letter of the name."""
    data = zipped({"a.txt": b"one", "b.txt": b"two"}, zipfile.ZIP_STORED)
    nameless = data.replace(b"a.txt", b"\0.txt")
    found = Members(Text(), nameless, name="a.zip")
    assert found.texts == [("a.zip/b.txt", "two")]
    assert len(found.errors) + found.passed_over.total() == 1
