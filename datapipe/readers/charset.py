"""Which charset a text is in: the bytes decide, what the page claims comes second.

Real pages that are valid UTF-8 often still claim windows-1251, gb2312 or iso-8859-1 in their `<meta>`; trusting it
makes mojibake. So: a byte order mark; else UTF-8 where the bytes are valid UTF-8, or nearly; else the first charset
claimed (HTTP header before `<meta>`) that decodes without error; else what statistics of the bytes say. Names of
charsets mean what they mean to browsers (WHATWG Encoding Standard).
"""

import codecs
import re
from collections.abc import Iterable

UTF8_MARK = b"\xef\xbb\xbf"
BYTE_ORDER_MARKS = (
    (UTF8_MARK, "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
WIDE_MARKS = tuple(mark for mark, charset in BYTE_ORDER_MARKS if charset != "utf-8")
REPLACEMENT = "\ufffd".encode()
SUPERSETS = {
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-11": "cp874",
}
"""The decoder that browsers use for a charset, where Python's is narrower (WHATWG Encoding Standard, section 4.2)."""
STRAY_FRACTION = 0.05
"""Share of bytes above 127 that may be wrong in a text still taken for UTF-8. A choice: in other charsets most are."""
META_BYTES = 4096
"""How far into a page its claim is looked for; the standard asks for 1,024, real pages put scripts before it."""

_META = re.compile(rb"""<meta\b[^>]{0,500}?\bcharset\s*=\s*["']?\s*([\w:.+-]{1,40})""", re.IGNORECASE)
_XML = re.compile(rb"""\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([\w:.+-]{1,40})""")
_ASCII = bytes(range(128))


def claimed_in_html(page: bytes) -> str | None:
    """The charset that the XML declaration or a `<meta>` names."""
    head = page[:META_BYTES]
    found = _XML.match(head) or _META.search(head)
    return found[1].decode("ascii", "replace") if found else None


def decoded(data: bytes, claims: Iterable[str | None] = ()) -> tuple[bytes, str]:
    """The text as UTF-8 without byte order mark, and its charset; wrong bytes become U+FFFD.

    `claims` are names of charsets, the most trusted first.
    """
    for mark, marked in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _as_utf8(data[len(mark) :], marked), marked
    if b"\0" in data[:1024] and (wide := _utf16(data)):
        return _as_utf8(data, wide), wide
    if b"\x1b$" not in data[:META_BYTES] and invalid_utf8(data) is None:
        return data, "utf-8"
    if _is_nearly_utf8(data):
        return _as_utf8(data, "utf-8"), "utf-8"
    known = [codec for claim in claims if claim and (codec := codec_of(claim)) and not codec.startswith("utf-")]
    for codec in known:
        if (text := decoded_strictly(data, codec)) is not None:
            return text, codec
    likely = _detected(data) or next(iter(known), "cp1252")
    return _as_utf8(data, likely), likely


def decoded_strictly(data: bytes, codec: str) -> bytes | None:
    """The text as UTF-8, or None where it is not in this charset."""
    try:
        return data.decode(codec).encode()
    except UnicodeError:
        return None


def without_mark(data: bytes, codec: str) -> bytes:
    """The data without the byte order mark of this charset."""
    return data.removeprefix(next((mark for mark, charset in BYTE_ORDER_MARKS if charset == codec), b""))


def invalid_utf8(data: bytes) -> str | None:
    """Where the first byte is that makes it no valid UTF-8; None where all of it is."""
    if data.isascii():
        return None
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return f"not valid UTF-8: {error.reason} at byte {error.start:,}"
    return None


def codec_of(claim: str) -> str | None:
    """Python's codec for a charset as pages and headers call it, None for a name nobody knows."""
    from resiliparse.parse.encoding import map_encoding_to_html5

    name = map_encoding_to_html5(claim.strip(), fallback_utf8=False)
    return SUPERSETS.get(name, name) if name else None


def _as_utf8(data: bytes, codec: str) -> bytes:
    return data.decode(codec, "replace").encode()


def _is_nearly_utf8(data: bytes) -> bool:
    """Whether few of the bytes above 127 are wrong: one stray byte makes no page windows-1252."""
    high = len(data.translate(None, _ASCII))
    if high == 0:
        return False
    text = codecs.decode(data, "utf-8", "replace")
    wrong = text.count("\ufffd") - data.count(REPLACEMENT)
    return wrong <= STRAY_FRACTION * high


def _utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of markup and of Latin text is zero."""
    head = data[:1024]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 < len(head) or min(even, odd) * 8 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _detected(data: bytes) -> str | None:
    from resiliparse.parse.encoding import detect_encoding

    name = detect_encoding(data)
    if name is None or name.startswith(("utf", "ascii")):
        return None
    return SUPERSETS.get(name, name)
