"""Inputs behind URLs: read by ranges or as one stream, over cuts and faults, never two versions of one at once."""

import gzip
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from datapipe import storage
from datapipe.files import http_files
from datapipe.files.http_files import HttpInfo, http_info, open_http
from datapipe.inputs import find_groups
from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError, output_folder
from tests.run.workshop import Workshop, many, rows
from tests.storage.web_server import WebServer

MB = 1 << 20


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    monkeypatch.setattr(http_files, "PAUSE_SECONDS", 0.01)
    http_files._session.cache_clear()
    web = WebServer()
    server = web.start()
    yield web
    server.shutdown()
    server.server_close()
    http_files._session.cache_clear()


def test_a_server_is_asked_for_size_and_etag_by_its_head(web: WebServer) -> None:
    web.files["a"] = b"abc"

    info = http_info(web.url("a"))
    assert info is not None
    assert (info.size, info.has_ranges, len(info.stamp)) == (3, True, 34)
    assert web.log == [("HEAD", "a", None)]
    assert http_info(web.url("none")) is None


@pytest.mark.parametrize("lack", ["has_head", "says_ranges", "has_etag", "has_ranges", "has_length"])
@pytest.mark.parametrize("size", [0, 1, 3 * MB])
def test_a_file_is_read_whole_whatever_the_server_lacks(web: WebServer, lack: str, size: int) -> None:
    setattr(web, lack, False)
    web.files["a"] = data = os.urandom(size)

    info = http_info(web.url("a"))
    assert info is not None
    assert info.has_ranges == (lack not in ("has_ranges", "has_length") and size > 0)
    with open_http(web.url("a"), info) as stream:
        assert stream.read() == data


def test_reading_in_order_takes_growing_ranges_of_at_least_a_megabyte(web: WebServer) -> None:
    web.files["a"] = data = os.urandom(9 * MB)
    with storage.open_raw(web.url("a")) as stream:
        assert b"".join(iter(lambda: stream.read(50_000), b"")) == data
        stream.seek(100)
        assert stream.read(10) == data[100:110]

    ends = [0, MB, 3 * MB, 7 * MB, 9 * MB]
    ranges = [f"bytes={begin}-{end - 1}" for begin, end in itertools.pairwise(ends)]
    assert web.gets()[:4] == ranges


def test_a_cut_connection_is_taken_up_where_it_ended(web: WebServer) -> None:
    web.files["a"] = data = os.urandom(5 * MB)
    web.cut_after, web.cuts = 700_000, 4
    assert storage.read_bytes(web.url("a")) == data
    assert web.gets()[:3] == [f"bytes={700_000 * n}-{5 * MB - 1}" for n in range(3)]


def test_a_stream_without_ranges_is_asked_for_again_and_passed_over(web: WebServer) -> None:
    web.files["a"] = data = os.urandom(5 * MB)
    web.has_ranges = False
    web.cut_after, web.cuts = 2 * MB, 3
    assert storage.read_bytes(web.url("a")) == data


def test_a_chunked_stream_that_is_cut_is_no_end(web: WebServer) -> None:
    web.files["a"] = data = os.urandom(5 * MB)
    web.has_ranges = web.has_length = False
    web.cut_after, web.cuts = 2 * MB, 2
    assert storage.read_bytes(web.url("a")) == data


@pytest.mark.parametrize("has_ranges", [True, False])
def test_a_server_that_always_cuts_at_the_same_place_is_one_line_of_error(web: WebServer, has_ranges: bool) -> None:
    web.files["a"] = os.urandom(5 * MB)
    web.has_ranges = has_ranges
    web.cut_after = 0 if has_ranges else 2 * MB
    with pytest.raises(OSError, match=r"connection cut .*byte [\d,]+") as error:
        storage.read_bytes(web.url("a"))
    assert error.value.filename == web.url("a")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_passing_faults_are_waited_out(web: WebServer, status: int) -> None:
    web.files["a"] = b"abc"
    web.statuses = [status] * 4
    assert storage.read_bytes(web.url("a")) == b"abc"


@pytest.mark.parametrize("status", [403, 503])
def test_lasting_faults_are_one_line_with_the_status(web: WebServer, status: int) -> None:
    web.files["a"] = b"abc"
    web.statuses = [status] * 30
    with pytest.raises(OSError, match=f"{status}") as error:
        storage.read_bytes(web.url("a"))
    assert (error.value.filename, "\n" in str(error.value)) == (web.url("a"), False)


def test_a_host_that_does_not_answer_is_one_line_of_error(web: WebServer) -> None:
    with pytest.raises(OSError, match="refused") as error:
        storage.read_bytes("http://127.0.0.1:9/a")
    assert "\n" not in str(error.value)


def test_redirects_are_followed(web: WebServer) -> None:
    web.files["b"] = data = os.urandom(2 * MB)
    web.redirects["a"] = "/b"
    assert storage.read_bytes(web.url("a")) == data


@pytest.mark.parametrize("has_ranges", [True, False])
@pytest.mark.parametrize("now", [b"y" * 2 * MB, b"x" * 3 * MB])
def test_a_file_that_was_changed_since_the_plan_is_refused(web: WebServer, has_ranges: bool, now: bytes) -> None:
    web.has_ranges = has_ranges
    web.files["a"] = b"x" * 2 * MB
    planned = http_info(web.url("a"))
    web.files["a"] = now
    with pytest.raises(OSError, match="changed since the plan was made"), open_http(web.url("a"), planned) as stream:
        stream.read()


def test_a_file_that_changes_while_it_is_read_is_refused(web: WebServer) -> None:
    web.files["a"] = b"x" * 9 * MB
    with storage.open_raw(web.url("a")) as stream:
        stream.read(10)
        web.files["a"] = b"y" * 9 * MB
        with pytest.raises(OSError, match="changed since the plan was made"):
            stream.read()


def test_a_file_that_is_gone_since_the_plan_is_said_to_be(web: WebServer) -> None:
    with pytest.raises(FileNotFoundError), open_http(web.url("a"), HttpInfo(5, "", True)) as stream:
        stream.read()


def groups_of(workshop: Workshop, *settings: str) -> list[tuple[str, int]]:
    found = find_groups(workshop.recipe(*settings, "sources.1.paths=[own.py]"), {})["left"]
    return [(file.relative, file.size) for group in found for file in group.files]


def test_urls_stand_in_paths_and_in_lists(workshop: Workshop, web: WebServer) -> None:
    web.files.update({"crawl/a.tsv": b"a\tb\tc\n", "crawl/x/b.tsv?sig=a*b": b"four"})
    both = [web.url(name) for name in web.files]
    expected = [("a.tsv", 6), ("x/b.tsv?sig=a*b", 4)]

    assert groups_of(workshop, f"sources.0.paths={both!r}") == expected
    (workshop.folder / "urls.txt").write_text("\n".join(both))
    assert groups_of(workshop, "sources.0.paths=[]", "sources.0.paths_from=urls.txt") == expected
    web.files["urls.txt"] = (workshop.folder / "urls.txt").read_bytes()
    assert groups_of(workshop, "sources.0.paths=[]", f"sources.0.paths_from={web.url('urls.txt')}") == expected
    with pytest.raises(RecipeError, match=r"none\.tsv matches no file"):
        groups_of(workshop, f"sources.0.paths=[{web.url('none.tsv')}]")
    with pytest.raises(RecipeError, match=r"sources\.0\.paths\.1: http.*\*\.tsv matches no file: URLs have no globs"):
        groups_of(workshop, f"sources.0.paths=[{both[0]}, '{web.url('*.tsv')}']")
    web.statuses = [403] * 30
    with pytest.raises(OSError, match=r"403 \(.*recipe\.yaml:\d+: sources\.0\.paths\.0: named here\)"):
        groups_of(workshop, f"sources.0.paths=[{both[0]}]")


@pytest.mark.slow
@pytest.mark.parametrize("has_ranges", [True, False])
def test_a_run_over_urls_gives_the_documents_of_the_files(workshop: Workshop, web: WebServer, has_ranges: bool) -> None:
    path = workshop.write("left/a.tsv", many(3_000, 1, ("en",)))
    workshop.write("right/a.tsv", many(50, 2))
    workshop.run()
    web.files["left/a.tsv"] = path.read_bytes()
    web.has_ranges = has_ranges
    web.cut_after, web.cuts = 100_000, 3
    workshop.run(f"sources.0.paths=[{web.url('left/a.tsv')}]", "output=remote")

    here, there = (rows(workshop.folder / name, "documents/extract/left-*.parquet") for name in ("out", "remote"))
    assert len(here) > 0
    assert here == there


def test_compressed_bytes_are_handed_on_as_they_are_stored(web: WebServer) -> None:
    web.files["a.gz"] = data = gzip.compress(b"text")
    assert storage.read_bytes(web.url("a.gz")) == data


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop.at(tmp_path)


def test_nothing_is_written_behind_urls(workshop: Workshop) -> None:
    with pytest.raises(RecipeError, match=r"recipe.yaml:\d+: .*URLs are read only; expected a folder, s3:// or gs://"):
        workshop.recipe("output=https://host/out")
    with pytest.raises(RunError, match="URLs are read only"):
        output_folder(workshop.recipe(), "https://host/out")
