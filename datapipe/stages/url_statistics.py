"""What the URL says about a document, and whether block lists name it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.stage import stage, text_buffers, write_columns

PARTS = (
    r"^\s*(?:(?:[A-Za-z][A-Za-z0-9+.-]*:)?//)?"  # scheme
    r"(?:[^/?#@]*@)?"  # user
    r"(?P<host>\[[^\]/?#]*\]|[^/?#:]*)(?::[^/?#]*)?"  # host and port
    r"(?P<path>[^?#]*)"
)
SEPARATORS = r"[^\pL\pM\pN]+"


@stage("url_statistics")
@dataclass(frozen=True)
class UrlStatistics:
    """Host, registered domain and depth of `url`, and its hits in block lists; all null where there is no URL.

    `url_domain` is the registered domain (`bbc.co.uk`) by the Public Suffix List of the installed tldextract, without
    the network; a host that has none (an address, `localhost`) stands for itself. Host and domain are null in a URL
    without a host. `url_path_segment_count` is 2 for `/a/b/?c`.

    Lists are text files, one entry per line, `#` begins a comment; none ship with datapipe. Case never counts, `%C3%A9`
    is read as `é`.
    Words are runs of letters and digits, counted once each; FineWeb drops at 1 blocked word or 2 soft ones.
    `blocked_substrings` are sought in the letters and digits of the URL alone, across separators: `l-e` contains `le`.
    """

    version: ClassVar = 1
    reads: ClassVar = ("url",)
    writes: ClassVar = pa.schema(
        [
            pa.field("url_host", pa.string()),
            pa.field("url_domain", pa.string()),
            pa.field("url_path_segment_count", pa.int64()),
            pa.field("url_domain_is_blocked", pa.bool_()),
            pa.field("url_blocked_word_count", pa.int64()),
            pa.field("url_soft_word_count", pa.int64()),
            pa.field("url_has_blocked_substring", pa.bool_()),
        ]
    )
    libraries: ClassVar = ("tldextract",)
    files: ClassVar = ("blocked_domains", "blocked_words", "soft_words", "blocked_substrings")

    blocked_domains: str | None = None
    """File of domains; each names itself and all hosts below it, by whole labels (`le.com` is not `google.com`)."""
    blocked_words: str | None = None
    """File of words of which one is too many."""
    soft_words: str | None = None
    """File of words that say something only together."""
    blocked_substrings: str | None = None
    """File of strings that must not occur."""
    private_suffixes: bool = False
    """Take suffixes under which strangers have sites, such as `github.io`, for public: `a.github.io` is a domain."""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write what the URLs say."""
        urls = pc.fill_null(batch["url"], "")
        parts = pc.extract_regex(urls, PARTS)
        hosts = pc.utf8_rtrim(pc.utf8_lower(parts.field("host")), ".").dictionary_encode()
        names = hosts.dictionary.to_pylist()
        readable = pc.utf8_lower(decode_percents(urls))
        words = pc.split_pattern_regex(readable, SEPARATORS)
        measured = [
            or_null(hosts.cast(pa.string())),
            or_null(pa.array(self._domains(names), pa.string()).take(hosts.indices)),
            pc.count_substring_regex(parts.field("path"), "[^/]+").cast(pa.int64()),
            pa.array(self._are_blocked(names)).take(hosts.indices),
            count_listed(words, self.blocked_words),
            count_listed(words, self.soft_words),
            self._have_blocked_substring(readable),
        ]
        has_url = batch["url"].is_valid()
        arrays = [pc.if_else(has_url, values, pa.scalar(None, values.type)) for values in measured]
        return write_columns(batch, self.writes, arrays)

    def _domains(self, hosts: Sequence[str]) -> list[str]:
        extract = domain_extractor(self.private_suffixes)
        return [extract(host).top_domain_under_public_suffix or host for host in hosts]

    def _are_blocked(self, hosts: Sequence[str]) -> npt.NDArray[np.bool_]:
        from datapipe.kernels.domain_list import on_list

        if self.blocked_domains is None:
            return np.zeros(len(hosts), np.bool_)
        return on_list(hosts, domain_hashes(self.blocked_domains, modified(self.blocked_domains)))

    def _have_blocked_substring(self, readable: pa.Array) -> pa.Array:
        from datapipe.kernels.code_statistics import first_characters_contain
        from datapipe.kernels.phrases import encode_phrases

        substrings = entries(self.blocked_substrings)
        if not substrings:
            return pa.repeat(pa.scalar(False), len(readable))
        squeezed = pc.replace_substring_regex(readable, SEPARATORS, "").cast(pa.large_string())
        return pa.array(first_characters_contain(*text_buffers(squeezed), 1 << 20, encode_phrases(substrings)))


def or_null(strings: pa.Array) -> pa.Array:
    """Null for the empty string."""
    return pc.if_else(pc.equal(strings, ""), pa.scalar(None, strings.type), strings)


def decode_percents(urls: pa.Array) -> pa.Array:
    """The URLs with `%C3%A9` as `é`; bytes that are no UTF-8 become U+FFFD, which is no letter."""
    escaped = pc.match_substring(urls, "%")
    decoded = pa.array([unquote(url) for url in urls.filter(escaped).to_pylist()], urls.type)
    return pc.replace_with_mask(urls, escaped, decoded)


def count_listed(words: pa.ListArray, path: str | None) -> pa.Array:
    """How many different words of each row the list has."""
    flat = words.flatten()
    listed = pc.is_in(flat, value_set=pa.array(entries(path), pa.string()))
    hits = pa.table({"row": pc.list_parent_indices(words).filter(listed), "word": flat.filter(listed)})
    different = hits.group_by(["row", "word"]).aggregate([])
    return pa.array(np.bincount(different["row"].to_numpy(), minlength=len(words)))


def entries(path: str | None) -> tuple[str, ...]:
    """The entries of a list file in small letters, with nothing but letters and digits; none without a path."""
    return () if path is None else _entries(path, modified(path))


@cache
def _entries(path: str, _modified_ns: int) -> tuple[str, ...]:
    lines = pa.array(Path(path).read_text("utf-8").lower().splitlines(), pa.string())
    cleaned = pc.replace_substring_regex(pc.replace_substring_regex(lines, "#.*", ""), SEPARATORS, "")
    return tuple(filter(None, dict.fromkeys(cleaned.to_pylist())))


@cache
def domain_hashes(path: str, _modified_ns: int) -> npt.NDArray[np.uint64]:
    """The domains of a list file, read once per process."""
    from datapipe.kernels.domain_list import hash_domains

    with Path(path).open(encoding="utf-8") as lines:
        return hash_domains(lines)


def modified(path: str) -> int:
    """When a file changed last, in ns: a list that was edited is read again."""
    return Path(path).stat().st_mtime_ns


@cache
def domain_extractor(private_suffixes: bool) -> Any:
    """Splits a host at its public suffix, from the list inside the package: no network, no cache folder."""
    from tldextract import TLDExtract

    extractor = TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=private_suffixes)
    return extractor.extract_str
