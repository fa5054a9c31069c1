"""The committed sample: small, free to redistribute, many languages, readable by other people's readers."""

import gzip
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard
from fastwarc.warc import ArchiveIterator, WarcRecordType

from datapipe.readers.programming_languages import programming_language

TINY = Path(__file__).parents[2] / "recipes" / "tiny"
DATA = TINY / "data"
WARC_PAGES = {"guide-amd64.warc.gz": 508, "guide-arm64.warc.gz": 164, "declarations.warc.zst": 210}
MIT, BSD, APACHE = (
    "Permission is hereby granted, free of charge",
    "Redistribution and use in source and binary forms",
    r"Apache License\s+Version 2\.0",
)
COPYLEFT = re.compile(rb"GNU (Lesser |Affero )?General Public|\b[AL]?GPL\b|Mozilla Public", re.IGNORECASE)


def files() -> list[Path]:
    return [path for path in DATA.rglob("*") if path.is_file()]


def pages(name: str) -> dict[str, bytes]:
    with (DATA / "web" / name).open("rb") as file:
        records = ArchiveIterator(file, record_types=WarcRecordType.response)
        return {record.headers["WARC-Target-URI"]: record.reader.read() for record in records}


def documents(name: str) -> Iterator[dict[str, Any]]:
    data = (DATA / "prose" / name).read_bytes()
    text = gzip.decompress(data) if name.endswith(".gz") else zstandard.ZstdDecompressor().stream_reader(data).read()
    yield from map(json.loads, io.TextIOWrapper(io.BytesIO(text), "utf-8"))


def test_it_is_small_enough_to_commit() -> None:
    assert sum(path.stat().st_size for path in files()) < 8_000_000


def test_the_origin_of_every_part_is_told() -> None:
    told = (TINY / "SOURCES.md").read_text("utf-8")
    parts = [*(DATA / "web").iterdir(), *(DATA / "prose").iterdir(), *(DATA / "code").iterdir()]
    assert [part.name for part in parts if f"`{part.name}`" not in told] == []


def test_every_package_is_pinned_and_named_with_its_version() -> None:
    packages = json.loads((TINY / "packages.json").read_text("utf-8"))
    told = (TINY / "SOURCES.md").read_text("utf-8")
    used = {repository["package"] for repository in packages["repositories"].values()}
    assert used <= packages["sha256"].keys()
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in packages["sha256"].values())
    for spec in packages["sha256"]:
        name, version = spec.partition(":")[2].split("==")
        assert f"`{name}` {re.sub(r'^[0-9]+:', '', version)}" in told


@pytest.mark.parametrize("folder", sorted((DATA / "code").iterdir()), ids=lambda folder: folder.name)
def test_the_code_of_every_repository_is_permissively_licensed(folder: Path) -> None:
    assert re.search(f"{MIT}|{BSD}|{APACHE}", (folder / "LICENSE").read_text("utf-8"))
    assert [path for path in folder.rglob("*") if path.is_file() and COPYLEFT.search(path.read_bytes())] == []


def test_there_is_prose_in_more_than_thirty_languages() -> None:
    count = Counter(document["lang_label"].partition("-")[0] for document in documents("help.jsonl.zst"))
    assert len(count) == 32
    assert min(count.values()) >= 16
    assert all(document["content"] for document in documents("help.jsonl.zst"))


def test_the_people_behind_the_prose_are_credited_without_their_addresses() -> None:
    credit = {document["uid"]: document["credit"] for document in documents("help.jsonl.zst")}
    assert [uid for uid, people in credit.items() if not people] == ["en/index"]
    assert not any("@" in person for people in credit.values() for person in people)


def test_there_is_long_english_prose() -> None:
    words = [len(document["speech"].split()) for document in documents("speeches.jsonl.gz")]
    assert len(words) == 90
    assert min(words) > 1_000


def test_there_is_code_in_more_than_twenty_languages_and_every_file_is_recognised() -> None:
    code = [path for path in (DATA / "code").rglob("*") if path.is_file()]
    count = Counter(programming_language(path.name, path.read_bytes()) for path in code)
    assert len(code) == 634
    assert len(count) == 27
    assert None not in count
    assert sum(files > 10 for files in count.values()) == 19


@pytest.mark.parametrize("name", WARC_PAGES)
def test_the_warc_files_hold_whole_records_with_right_digests(name: str) -> None:
    with (DATA / "web" / name).open("rb") as file:
        records = [
            (record.record_type, record.verify_block_digest(), record.parse_http(), record.verify_payload_digest())
            for record in ArchiveIterator(file, parse_http=False)
        ]
    assert records[0][0] == WarcRecordType.warcinfo
    assert [record[1] for record in records] == [True] * len(records)
    assert [record[3] for record in records[1:]] == [True] * WARC_PAGES[name]


def test_pages_have_addresses_of_their_own_and_say_their_language() -> None:
    of_file = {name: pages(name) for name in WARC_PAGES}
    assert {name: len(found) for name, found in of_file.items()} == WARC_PAGES
    languages = {re.search(rb'lang="([a-z]+)', html)[1] for html in of_file["declarations.warc.zst"].values()}  # type: ignore[index]
    assert len(languages) == 152


def test_identical_pages_occur_by_nature() -> None:
    amd64, arm64 = (pages(f"guide-{name}.warc.gz") for name in ("amd64", "arm64"))
    twins = [(html, amd64.get(url.replace("/arm64/", "/amd64/"))) for url, html in arm64.items()]
    assert (len(twins), sum(one == other for one, other in twins)) == (164, 50)
