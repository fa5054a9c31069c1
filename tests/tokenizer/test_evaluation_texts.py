"""What tokenizers are measured on: documents of a run, files, parallel text."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from datapipe.output import RunError
from tokenizer.evaluation.parallel_text import DECLARATION, read_parallel
from tokenizer.evaluation.texts import Cell, of_files

LINES = [{"text": "eins", "language": "de"}, {"text": "one", "language": "en"}, {"text": "zwei", "language": "de"}]
CODE = [{"text": "x = 1\n", "programming_language": "Python"}]


def write_lines(path: Path, rows: list[dict[str, str]]) -> str:
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    packed = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}.get(path.suffix, bytes)(data)
    path.write_bytes(packed)
    return str(path)


def content(cells: tuple[Cell, ...]) -> list[tuple[str, str | None, bool, list[str]]]:
    return [(cell.unit, cell.language, cell.is_code, cell.texts.to_pylist()) for cell in cells]


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "jsonl.zst"])
def test_json_lines_are_told_apart_by_language_and_code(ending: str, tmp_path: Path) -> None:
    path = write_lines(tmp_path / f"some.{ending}", LINES + CODE)
    assert content(of_files([path], 10**6).cells) == [
        (f"some.{ending}", None, True, ["x = 1\n"]),
        (f"some.{ending}", "de", False, ["eins", "zwei"]),
        (f"some.{ending}", "en", False, ["one"]),
    ]


def test_parquet_needs_only_texts_and_passes_over_nulls(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a", None, "b"], "other": [1, 2, 3]}), tmp_path / "x.parquet")
    assert content(of_files([str(tmp_path / "x.parquet")], 100).cells) == [("x.parquet", None, False, ["a", "b"])]


def test_a_table_of_bytes_that_are_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    latin = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\4\0\0\0"), pa.py_buffer(b"caf\xe9")])
    pq.write_table(pa.table({"text": latin}), path)
    with pytest.raises(RunError, match=r"x\.parquet: no sound Parquet file of texts: .*UTF8"):
        of_files([str(path)], 100)


def test_of_a_large_table_no_more_is_read_than_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"text": ["ab"] * 5_000}), path, row_group_size=1_000, compression="none")
    groups = pq.ParquetFile(path).metadata
    damaged = bytearray(path.read_bytes())
    for group in range(3, 5):
        column = groups.row_group(group).column(0)
        start = column.dictionary_page_offset or column.data_page_offset
        damaged[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(damaged)
    assert len(of_files([str(path)], 100).cells[0].texts) == 50
    with pytest.raises((RunError, OSError)):
        of_files([str(path)], 10**6)


def test_any_other_file_is_one_document(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\r\ntwo\n")
    assert content(of_files([str(tmp_path / "a.txt")], 100).cells) == [("a.txt", None, False, ["one\r\ntwo\n"])]


def test_a_file_without_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    with pytest.raises(RunError, match=r"empty\.txt: no text in it"):
        of_files([str(tmp_path / "empty.txt")], 100)


@pytest.mark.parametrize(
    ("max_bytes", "taken", "is_part"),
    [(8, ["äb", "cde"], False), (6, ["äb", "cde"], False), (5, ["äb"], True), (2, ["ä"], True), (1, [""], True)],
)
def test_whole_documents_are_read_up_to_a_size_and_the_first_is_cut(
    max_bytes: int, taken: list[str], is_part: bool, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "x.jsonl", [{"text": "äb"}, {"text": "cde"}])  # 3 bytes each
    found = of_files([path], max_bytes)
    assert found.cells[0].texts.to_pylist() == taken
    assert found.sampled == (("files/x.jsonl",) if is_part else ())


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.jsonl", b'{"text": "a"}\n{"tex": "b"}\n', "line 2: expected an object with a string at `text`"),
        ("x.jsonl", b"[1]\n", "line 1: expected an object with a string at `text`"),
        ("x.jsonl", b"\n{\n", "line 2: no JSON: "),
        ("x.jsonl", b'{"text": "\\ud800"}', "line 1: `text` holds half a surrogate pair, which is no text"),
        ("x.jsonl.gz", b"rubbish", "damaged: "),
        ("x.jsonl.zst", b"rubbish", "damaged: "),
        ("x.parquet", b"rubbish", "no sound Parquet file of texts: "),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_line(name: str, data: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(RunError) as found:
        of_files([str(tmp_path / name)], 100)
    assert str(found.value).startswith(f"{tmp_path / name}: {message}")


def test_a_table_without_texts_lists_its_columns(tmp_path: Path) -> None:
    pq.write_table(pa.table({"content": ["a"], "url": ["b"]}), tmp_path / "x.parquet")
    with pytest.raises(RunError, match="no column `text`; there are content, url"):
        of_files([str(tmp_path / "x.parquet")], 100)


def test_the_declaration_has_30_articles_in_each_of_416_languages_and_scripts() -> None:
    text = read_parallel([DECLARATION])
    assert len(text.texts) == 416
    keys = [f"article {number}" for number in range(1, 31)]
    assert all(list(articles) == keys for articles in text.texts.values())
    assert all(article.strip() == article != "" for articles in text.texts.values() for article in articles.values())
    scripts = Counter(text.scripts.values())
    assert len(scripts) == 39
    assert {name for name in text.texts if name.startswith("sr")} >= {"sr-Cyrl", "sr-Latn"}
    assert text.texts["en"]["article 3"] == "Everyone has the right to life, liberty and the security of person."
    assert text.scripts["zh-Hans"] == "Hans"


def test_parallel_files_of_ones_own_need_english_and_single_keys(tmp_path: Path) -> None:
    german, english = ({"language": name, "key": "1", "text": "a"} for name in ("de", "en"))
    one, two = write_lines(tmp_path / "1.jsonl", [german]), write_lines(tmp_path / "2.jsonl", [english])
    assert read_parallel([one, two]).texts == {"de": {"1": "a"}, "en": {"1": "a"}}
    with pytest.raises(RunError, match=r"1.jsonl: no texts of language 'en' to compare with; there is de"):
        read_parallel([one])
    with pytest.raises(RunError, match=r"2.jsonl: en: key '1' is there twice"):
        read_parallel([two, two])
