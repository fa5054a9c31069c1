"""Ways to write one address have one hash, other addresses others."""

import pyarrow as pa
import pytest

from datapipe.stages.url_hash import UrlHash, common_form


@pytest.mark.parametrize(
    "url",
    [
        "http://Example.COM/a",
        "https://example.com/a/",
        "https://example.com:443/a#top",
        "http://example.com:80/a?",
        "//example.com./a//",
        " https://example.com:/a\n",
        "HTTPS://example.com/%61",
    ],
)
def test_one_address_in_many_ways(url: str) -> None:
    assert common_form(url) == "//example.com/a"


@pytest.mark.parametrize("url", ["http://[::1]/x", "http://[::1]:80/x", "https://[::1]:443/x", "http://[::1]:/x"])
def test_the_port_of_an_address_in_brackets_counts_as_any(url: str) -> None:
    assert common_form(url) == "//[::1]/x"


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://www.example.com", "//www.example.com"),
        ("https://example.com:80/", "//example.com:80"),
        ("http://user:Pass@example.com/A/?b=2&a=1#c", "//user:Pass@example.com/A?b=2&a=1"),
        ("http://example.com/%7efoo%2fbar%e4", "//example.com/~foo%2Fbar%E4"),
        ("http://[2001:DB8::1]:8080/x", "//[2001:db8::1]:8080/x"),
        ("https://BÜCHER.example/ä", "//bÜcher.example/ä"),
        ("package/file.py#L10", "package/file.py"),
        ("mailto:someone@example.com", "mailto:someone@example.com"),
        ("  ", ""),
        ("http://", "//"),
    ],
)
def test_everything_else_counts(url: str, form: str) -> None:
    assert common_form(url) == form


def test_no_url_has_no_hash() -> None:
    batch = pa.record_batch({"url": pa.array(["http://a/b", None, "", "https://a/b/"])})
    hashes = UrlHash()(batch)["url_hash"].to_pylist()
    assert hashes[0] == hashes[3]
    assert hashes[1:3] == [None, None]
