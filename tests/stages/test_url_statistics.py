"""What URLs say, and how they meet block lists."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from datapipe.stages.url_statistics import UrlStatistics


def measured(*urls: str | None, **options: Any) -> list[dict[str, Any]]:
    batch = pa.record_batch({"url": pa.array(urls, pa.string())})
    rows: list[dict[str, Any]] = UrlStatistics(**options)(batch).to_pylist()
    return rows


def column(name: str, *urls: str | None, **options: Any) -> list[Any]:
    return [row[name] for row in measured(*urls, **options)]


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Writes a list file and gives its path."""

    def write_list(*lines: str, name: str = "list.txt") -> str:
        (tmp_path / name).write_text("\n".join(lines) + "\n", "utf-8")
        return str(tmp_path / name)

    return write_list


@pytest.mark.parametrize(
    ("url", "host", "domain"),
    [
        ("https://www.bbc.co.uk/news", "www.bbc.co.uk", "bbc.co.uk"),
        ("HTTP://User:pass@WWW.Example.COM:8080/a", "www.example.com", "example.com"),
        ("//cdn.example.org.", "cdn.example.org", "example.org"),
        ("example.com/path?u=http://b.test", "example.com", "example.com"),
        ("https://medium.example/@user/post", "medium.example", "medium.example"),
        ("http://1.2.3.4:80/", "1.2.3.4", "1.2.3.4"),
        ("http://[2001:db8::1]:443/x", "[2001:db8::1]", "[2001:db8::1]"),
        ("localhost:8000/x", "localhost", "localhost"),
        ("https://xn--80ak6aa92e.xn--p1ai/", "xn--80ak6aa92e.xn--p1ai", "xn--80ak6aa92e.xn--p1ai"),
        ("https://someone.github.io/", "someone.github.io", "github.io"),
        ("/only/a/path", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_host_and_registered_domain(url: str | None, host: str | None, domain: str | None) -> None:
    assert [(row["url_host"], row["url_domain"]) for row in measured(url)] == [(host, domain)]


def test_private_suffixes_give_every_tenant_a_domain() -> None:
    assert column("url_domain", "https://someone.github.io/", private_suffixes=True) == ["someone.github.io"]


def test_path_segments_are_what_stands_between_slashes() -> None:
    urls = ["http://a.b", "http://a.b/", "http://a.b/x", "http://a.b//x//y/?q=/1/2#/3", "http://a.b?x=/1"]
    assert column("url_path_segment_count", *urls) == [0, 0, 1, 2, 0]


def test_a_missing_url_has_no_measurements() -> None:
    assert set(measured(None)[0].values()) == {None}


def test_without_lists_nothing_is_blocked() -> None:
    row = measured("http://sex.example/")[0]
    assert (row["url_domain_is_blocked"], row["url_has_blocked_substring"]) == (False, False)
    assert (row["url_blocked_word_count"], row["url_soft_word_count"]) == (0, 0)


def test_a_blocked_domain_blocks_itself_and_what_lies_below_but_no_lookalike(write: Any) -> None:
    blocked = write("# a comment", "le.com", "www.Casino.example  # with www", "", "bad.co.uk.")
    urls = {
        "http://le.com/": True,
        "https://a.b.LE.com:80/x": True,
        "http://google.com/": False,
        "http://le.com.example/": False,
        "http://casino.example/": True,
        "http://notcasino.example/": False,
        "http://bad.co.uk/": True,
        "http://co.uk/": False,
        "http://x.example/le.com": False,
    }
    assert column("url_domain_is_blocked", *urls, blocked_domains=blocked) == list(urls.values())


@pytest.mark.parametrize("line", ["http://a.example", "a.example/path", "two words.example"])
def test_a_line_that_is_no_domain_is_an_error(write: Any, line: str) -> None:
    with pytest.raises(ValueError, match="one domain per line"):
        measured("http://a.example", blocked_domains=write(line))


def test_words_are_runs_of_letters_and_digits_counted_once_each(write: Any) -> None:
    words = write("Sex", "xxx", "# porn", "été", "live4")
    urls = {
        "http://a.example/SEX-videos": 1,
        "http://sex.example/sex/sex?x=xxx": 2,
        "http://essex.example/sexton": 0,
        "http://porn.example/": 0,
        "http://a.example/%C3%89T%C3%89/live4.html": 2,
        "http://a.example/été": 1,
    }
    assert column("url_blocked_word_count", *urls, blocked_words=words) == list(urls.values())
    assert column("url_soft_word_count", *urls, soft_words=words) == list(urls.values())


def test_substrings_are_sought_across_separators_and_taken_literally(write: Any) -> None:
    substrings = write("free-poker", ".*")
    urls = {
        "http://a.example/FREE/poker": True,
        "http://freepokers.example/": True,
        "http://a.example/free-roulette": False,
        "http://a.example/%66reepoker": True,
    }
    assert column("url_has_blocked_substring", *urls, blocked_substrings=substrings) == list(urls.values())


def test_a_list_that_was_edited_is_read_again(write: Any) -> None:
    assert column("url_blocked_word_count", "http://one.example/", blocked_words=write("one")) == [1]
    assert column("url_blocked_word_count", "http://one.example/", blocked_words=write("two", "three")) == [0]


def test_a_list_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.txt"):
        measured("http://a.example", blocked_words=str(tmp_path / "none.txt"))
