"""A run over folders of damaged and hostile files: all good records between them arrive, the rest is in quarantine."""

import base64
import gzip
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest
import zstandard
from workshop import Workshop, redone, rows, tree, written

from datapipe.loading.located_yaml import RecipeError

RECIPE = """
name: bad
output: out
max_error_fraction: 1
sources:
  - {name: web, reader: READER, paths: [PATHS], max_record_bytes: 100_000}
passes:
  - name: extract
    steps: [extract_html: {}, normalize_text: {}]
domains:
  - {name: all, weight: 1.0}
"""
GOOD = b'{"text": "good one"}\n'
SECOND = b'{"text": "good two"}\n'


def workshop_of(folder: Path, reader: str, files: dict[str, bytes], paths: str = "in") -> Workshop:
    workshop = Workshop.at(folder)
    (folder / "recipe.yaml").write_text(RECIPE.replace("READER", reader).replace("PATHS", paths))
    for name, data in files.items():
        (folder / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "in" / name).write_bytes(data)
    return workshop


def arrived(workshop: Workshop) -> tuple[list[str], dict[str, list[str]]]:
    """Texts of the documents in order, and the errors in quarantine by file."""
    errors: dict[str, list[str]] = {}
    for row in rows(workshop.out, "quarantine/*.parquet"):
        errors.setdefault(row["file"], []).append(row["error"])
    return [row["text"] for row in rows(workshop.out, "documents/extract/*.parquet")], errors


def zst(data: bytes, window_log: int = 20) -> bytes:
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=window_log)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return packer.compress(data) + packer.flush()


def tar(entries: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return sink.getvalue()


def zipped(entries: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return sink.getvalue()


LINES: dict[str, tuple[bytes, str | None]] = {
    "01-gzip-cut.jsonl.gz": (gzip.compress(GOOD) + gzip.compress(os.urandom(9000))[:-2000], "gzip member cut short"),
    "02-zstd-cut.jsonl.zst": (zst(GOOD) + zst(b"x" * 100_000)[:-4], "zstd frame cut short"),
    "03-members.jsonl.gz": (gzip.compress(GOOD) + bytes(100) + gzip.compress(SECOND), None),
    "04-window.jsonl.zst": (zst(GOOD) + b"\x28\xb5\x2f\xfd\x00\xf8" + b"x" * 50, "zstd frame damaged: "),
    "05-bomb.jsonl.gz": (gzip.compress(GOOD + bytes(20_000_000) + b"\n" + SECOND), "line of more than 100,000 bytes"),
    "06-latin.jsonl": (GOOD + '{"text": "é"}\n'.encode("latin-1") + SECOND, "not valid UTF-8"),
    "07-surrogate.jsonl": (GOOD + b'{"text": "\\ud800"}\n' + SECOND, "not JSON: "),
    "08-nan.jsonl": (GOOD + b'{"text": NaN}\n{"text": 1e999}\n' + SECOND, "not JSON: "),
    "09-deep.jsonl": (GOOD + b'{"text": ' + b"[" * 10_000 + b"]" * 10_000 + b"}\n" + SECOND, "not JSON: recursion"),
    "10-nul.jsonl": (GOOD + bytes(50) + b"\n" + SECOND, "not JSON: "),
    "11-table.jsonl": (GOOD + b"id,text\n1,one\n" + SECOND, "not JSON: "),
    "12-empty.jsonl": (b"", "the file is empty"),
    "13-same-ids.jsonl": (b'{"text": "good one", "id": 7}\n{"text": "good two", "id": 7}\n', None),
    "14-crlf-mark.jsonl": (b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n") + b"\r\n" + SECOND.strip(), None),
    "15-not-gzip.jsonl.gz": (GOOD + SECOND, None),
}


def test_lines(tmp_path: Path) -> None:
    """Every file has one good record, or two with something bad between them."""
    workshop = workshop_of(tmp_path, "jsonl", {name: data for name, (data, _) in LINES.items()})
    (tmp_path / "in" / "16-folder.jsonl").mkdir()
    workshop.run()
    texts, errors = arrived(workshop)

    expected = dict.fromkeys(LINES, 2) | dict.fromkeys(
        ("01-gzip-cut.jsonl.gz", "02-zstd-cut.jsonl.zst", "04-window.jsonl.zst"), 1
    )
    assert len(texts) == sum(expected.values()) - 2  # the empty file has none
    assert set(texts) == {"good one", "good two"}
    for name, (_, error) in LINES.items():
        assert error is None or any(one.startswith(error) for one in errors[name])
    assert set(errors) == {name for name, (_, error) in LINES.items() if error}
    assert len(errors["08-nan.jsonl"]) == 2


class _Keys(pe.KmsClient):
    """A key server that knows one key by heart."""

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return base64.b64encode(key_bytes)

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        return base64.b64decode(wrapped_key)


def encrypted(table: pa.Table) -> bytes:
    factory = pe.CryptoFactory(lambda _: _Keys())
    properties = factory.file_encryption_properties(
        pe.KmsConnectionConfig(), pe.EncryptionConfiguration(footer_key="footer", column_keys={"column": ["text"]})
    )
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)
    return sink.getvalue()


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def test_parquet(tmp_path: Path) -> None:
    good = parquet(pa.table({"text": ["good one", "good two"]}))
    files = {
        "1-good.parquet": good,
        "2-other-type.parquet": parquet(pa.table({"text": [1, 2]})),
        "3-no-column.parquet": parquet(pa.table({"body": ["x"]})),
        "4-encrypted.parquet": encrypted(pa.table({"text": ["secret"]})),
        "5-cut.parquet": good[:-20],
        "6-empty.parquet": b"",
        "7-large-cell.parquet": parquet(pa.table({"text": ["good one", "x" * 200_000, "good two"]})),
    }
    workshop = workshop_of(tmp_path, "parquet", files)
    workshop.run()
    texts, errors = arrived(workshop)

    assert texts == ["good one", "good two"] * 2
    assert sorted(errors) == [name for name in sorted(files) if not name.startswith("1")]
    assert all(len(found) == 1 for found in errors.values())
    assert errors["7-large-cell.parquet"] == ["row of 200,000 bytes is above max_record_bytes (100,000)"]


def record(block: bytes, kind: str = "response", length: int | None = None, more: bytes = b"") -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nContent-Type: application/http\r\n".encode() + more
    return head + b"Content-Length: %d\r\n\r\n" % (len(block) if length is None else length) + block + b"\r\n\r\n"


HTML = b"Content-Type: text/html\r\n"


def page(body: bytes, headers: bytes = HTML) -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n" + body


def test_web_archives(tmp_path: Path) -> None:
    """Between any two bad records stands a good one."""
    good = record(page(b"<p>good one</p>"))
    bad = [
        record(page(b"<p>short</p>"), length=9),
        record(page(b"<p>long</p>"), length=90_000),
        record(b"no status at all"),
        record(page(b"<p>header</p>"), more=b"X: " + b"y" * 10_000_000 + b"\r\n"),
        record(page(b"<p>" + b"x" * 200_000)),
        record(page(b"\x0b\x02junk", HTML + b"Content-Encoding: br\r\n")),
    ]
    passed = [record(b"x", kind) for kind in ("request", "metadata", "revisit", "warcinfo", "no such kind")]
    fine = [
        record(page(b"3\r\n<p>\r\n8\r\ngood one\r\n0\r\n\r\n", HTML + b"Transfer-Encoding: chunked\r\n")),
        record(page('<meta charset="windows-1251"><p>good one</p><!-- ж -->'.encode())),
        record(page(b"<div>" * 10_000 + b"good one")),
    ]  # fmt: skip
    data = good + b"".join(one + good for one in [*bad, *passed, *fine])
    files = {"a.warc": data, "b.warc.gz": gzip.compress(data, 1), "c.warc.zst": zst(data), "d.warc": data[:-20]}
    workshop = workshop_of(tmp_path, "warc", files)
    workshop.run()
    texts, errors = arrived(workshop)

    assert texts == ["good one"] * (18 * 4 - 1)
    assert [len(errors[name]) for name in files] == [6, 6, 6, 7]
    assert workshop.receipt("extract", "web-000000-0000").passed_over == {
        "metadata": 4, "request": 4, "revisit": 4, "unknown record type": 4, "warcinfo": 4,
    }  # fmt: skip


def test_a_page_above_max_record_bytes_is_quarantined_by_default_and_read_where_it_is_raised(tmp_path: Path) -> None:
    """32 MiB are the default: of pages of 30 and 34 MB between small ones it lets the first through."""
    paragraph = b"<p>" + b"good one " * 10_000 + b"</p>\n"
    files = {"a.html": b"<p>first", "b.html": paragraph * 333, "c.html": paragraph * 380, "d.html": b"<p>last"}
    workshop = workshop_of(tmp_path, "html_tree", files)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(recipe.read_text().replace(", max_record_bytes: 100_000", ""))

    workshop.run("passes.extract.steps=[content_hash]")
    texts, errors = arrived(workshop)
    assert [text.encode() for text in texts] == [files[name] for name in ("a.html", "b.html", "d.html")]
    assert errors == {"c.html": ["file of more than 33,554,432 bytes (max_record_bytes)"]}

    workshop.run("passes.extract.steps=[content_hash]", "sources.0.max_record_bytes=40_000_000")
    texts, errors = arrived(workshop)
    assert [text.encode() for text in texts] == list(files.values())
    assert errors == {}


def test_archives(tmp_path: Path) -> None:
    """Each archive begins with a good member; a bomb, links and names that lead out are in the tests of readers."""
    whole = {"a.jsonl": GOOD, "../../b.jsonl": SECOND}
    broken = {"a.jsonl": GOOD, "b.jsonl": SECOND * 1000}
    files = {
        "1.tar": tar(whole),
        "2.tar.gz": gzip.compress(tar(whole)),
        "3.zip": zipped(whole),
        "4.tar": tar(broken)[:3000],
        "5.zip": zipped(whole)[:-30],
        "6.tar.gz": b"",
        "7.zip": b"junk",
    }
    workshop = workshop_of(tmp_path, "jsonl", files, "in/*.tar, in/*.tar.gz, in/*.zip")
    outside = set(tmp_path.parent.iterdir())
    workshop.run()
    texts, errors = arrived(workshop)

    assert texts[:7] == ["good one", "good two"] * 3 + ["good one"]
    assert set(texts[7:]) == {"good two"}
    assert {name.partition("/")[0] for name in errors} == {"4.tar", "5.zip", "6.tar.gz", "7.zip"}
    assert set(tmp_path.parent.iterdir()) == outside


def test_a_folder_where_a_file_should_be_is_a_clear_error(tmp_path: Path) -> None:
    workshop = workshop_of(tmp_path, "jsonl", {"folder.jsonl/notes.txt": b"x"}, "in/folder.jsonl")
    with pytest.raises(RecipeError, match=r"in/folder\.jsonl matches no file"):
        workshop.run()


@pytest.mark.parametrize("moment", [-(10**9), 0, 4_102_444_800])
def test_files_from_before_1970_or_from_2100_are_read_once(tmp_path: Path, moment: int) -> None:
    """A clock that was wrong when a file was written, or is wrong now, changes nothing."""
    workshop = workshop_of(tmp_path, "jsonl", {"a.jsonl": GOOD})
    os.utime(tmp_path / "in/a.jsonl", (moment, moment))
    workshop.run()
    whole, before = tree(workshop.out), written(workshop.out)
    workshop.run()

    assert tree(workshop.out) == whole
    assert redone(before, written(workshop.out)) == set()


def test_a_clock_that_goes_backwards_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    moments = iter(range(10**9, 0, -1000))
    real: Callable[[], float] = time.time
    workshop = workshop_of(tmp_path, "jsonl", {"a.jsonl": GOOD + SECOND})
    monkeypatch.setattr(time, "time", lambda: real() - 10**9 + next(moments))
    workshop.run()

    assert arrived(workshop)[0] == ["good one", "good two"]
    assert json.loads((workshop.out / "run.json").read_text())["passes"]["extract"]["rows_out"] == 2
