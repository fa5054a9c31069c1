"""`url_hash`: the identity of the address that a document comes from, whatever way it is written."""

import re
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase
from typing import ClassVar

import pyarrow as pa

from datapipe.stage import stage, write_columns

ADDRESS = re.compile(r"(?:([a-z][a-z0-9+.-]*):)?//([^/?#]*)([^?#]*)(?:\?([^#]*))?", re.IGNORECASE | re.DOTALL)
"""Scheme, authority, path, query of an address with a host (RFC 3986, appendix B)."""
PORTS = {"http": "80", "https": "443", "ftp": "21"}
ESCAPE = re.compile("%[0-9a-f]{2}", re.IGNORECASE)
BLANKS = " \t\n\v\f\r"
LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
"""Of ASCII only: what else is a capital letter differs between versions of Unicode."""
UNRESERVED = re.compile("[A-Za-z0-9._~-]")


@stage("url_hash")
@dataclass(frozen=True)
class UrlHash:
    """xxh3-128 of `url` in a common form; null where there is no URL. A `url:` pass makes this step itself.

    These do not count: scheme (http or https), fragment, case and final dot of the host, the port that the scheme has
    anyway, slashes at the end of the path, an empty query, escapes of characters that need none and the case of others
    (RFC 3986, 6.2.2), blanks around. All else does: `www.`, user, other ports, path and every parameter in its order.
    """

    version: ClassVar = 2
    reads: ClassVar = ("url",)
    writes: ClassVar = pa.schema([pa.field("url_hash", pa.binary(16))])

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write `url_hash`."""
        from xxhash import xxh3_128_digest

        forms = [common_form(url) if url is not None else "" for url in batch["url"].to_pylist()]
        digests = [xxh3_128_digest(form.encode()) if form else None for form in forms]
        return write_columns(batch, self.writes, [pa.array(digests, pa.binary(16))])


def common_form(url: str) -> str:
    """What all ways to write an address have in common: `//host/path?query`; an address without host but its fragment.

    "" for blanks alone.
    """
    url = url.strip(BLANKS)
    found = ADDRESS.match(url)
    if found is None:
        return url.partition("#")[0]
    scheme, authority, path, query = found.groups()
    user, at, host = authority.rpartition("@")
    host, colon, port = _host_and_port(host)
    host = host.translate(LOWER).rstrip(".")
    if port in ("", PORTS.get((scheme or "").translate(LOWER))):
        colon = port = ""
    rest = path.rstrip("/") + (f"?{query}" if query else "")
    if "%" in rest:
        rest = ESCAPE.sub(_escape, rest)
    return f"//{user}{at}{host}{colon}{port}{rest}"


def _host_and_port(authority: str) -> tuple[str, str, str]:
    """Host, colon, port. The colons of an address in brackets (IPv6) belong to the host."""
    address, bracket, behind = authority.rpartition("]")
    host, colon, port = behind.partition(":")
    return address + bracket + host, colon, port


def _escape(found: re.Match[str]) -> str:
    """The character where it needs no escape, else the escape in capitals."""
    character = chr(int(found[0][1:], 16))
    return character if UNRESERVED.fullmatch(character) else found[0].upper()
