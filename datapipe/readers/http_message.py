"""The body of a stored HTTP response: chunks joined, content codings undone, in bounded memory.

Crawlers store bodies as they came, or already decoded under headers that still say `chunked` or `gzip`: a coding that
the bytes do not show is taken for undone.
"""

import io
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import zstandard

from datapipe.readers.assembly import RecordError
from datapipe.readers.compression import ZSTD_SLICE_BYTES, ZSTD_WINDOW_BYTES
from datapipe.readers.header_fields import parse_fields

MAX_HEADER_BYTES = 1 << 20
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)[^\n]*(?:\n|$)", re.IGNORECASE)
_END_OF_HEADER = re.compile(rb"\r{0,2}\n\r{0,2}\n")
_CHUNK = re.compile(rb"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\n]{0,1000})?\r?\n")


@dataclass(frozen=True)
class Response:
    """An HTTP response as stored."""

    status: int
    fields: Mapping[str, str]
    stored_body: bytes

    def body(self, max_bytes: int) -> bytes:
        """The body decoded. Raises RecordError where it is damaged or becomes larger than `max_bytes`."""
        body = self.stored_body
        if "chunked" in self.fields.get("transfer-encoding", "").lower():
            body = _joined_chunks(body)
        for coding in reversed(self.fields.get("content-encoding", "").lower().split(",")):
            body = _undone(coding.strip(), body, max_bytes)
        return body


def parse_response(block: bytes) -> Response:
    """Raises RecordError for a block that does not begin with an HTTP status, or whose header is too long."""
    status = _STATUS.match(block)
    if status is None:
        raise RecordError("no HTTP status line")
    end = _END_OF_HEADER.search(block, status.end() - 2, MAX_HEADER_BYTES)
    if end is not None:
        return Response(int(status[1]), parse_fields(block[status.end() : end.start()]), block[end.end() :])
    if len(block) > MAX_HEADER_BYTES:
        raise RecordError(f"HTTP header of more than {MAX_HEADER_BYTES:,} bytes")
    return Response(int(status[1]), parse_fields(block[status.end() :]), b"")


def _joined_chunks(body: bytes) -> bytes:
    """The chunks as one; what is cut short is taken as far as it goes."""
    joined = bytearray()
    at = 0
    while (header := _CHUNK.match(body, at)) and (size := int(header[1], 16)):
        joined += memoryview(body)[header.end() : header.end() + size]
        at = header.end() + size
        at += 2 if body.startswith(b"\r\n", at) else body.startswith(b"\n", at)
    return bytes(joined) if joined or header else body


def _undone(coding: str, body: bytes, max_bytes: int) -> bytes:
    try:
        match coding:
            case "gzip" | "x-gzip" if body.startswith(b"\x1f\x8b"):
                decoded = _inflated(body, 31, max_bytes)
            case "deflate":
                decoded = _inflated(body, 15 if _is_zlib(body) else -15, max_bytes)
            case "br":
                decoded = _from_brotli(body, max_bytes)
            case "zstd" if body.startswith(b"\x28\xb5\x2f\xfd"):
                decoded = _from_zstd(body, max_bytes)
            case _:
                return body
    except (zlib.error, zstandard.ZstdError, OSError, EOFError) as error:
        if _is_text(body):
            return body
        raise RecordError(f"content-encoding {coding}: {error}") from None
    if len(decoded) > max_bytes:
        raise RecordError(f"body of more than {max_bytes:,} bytes when decoded (max_record_bytes)")
    return decoded


def _inflated(body: bytes, window_bits: int, max_bytes: int) -> bytes:
    inflater = zlib.decompressobj(window_bits)
    decoded = inflater.decompress(body, max_bytes + 1)
    if not inflater.eof and len(decoded) <= max_bytes:
        raise EOFError("cut short")
    return decoded


def _from_brotli(body: bytes, max_bytes: int) -> bytes:
    from fastwarc.stream_io import BrotliReader

    return bytes(BrotliReader(io.BytesIO(body)).read(max_bytes + 1)) if body else body


def _from_zstd(body: bytes, max_bytes: int) -> bytes:
    inflater = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES).decompressobj()
    decoded = bytearray()
    for at in range(0, len(body), ZSTD_SLICE_BYTES):
        decoded += inflater.decompress(body[at : at + ZSTD_SLICE_BYTES])
        if inflater.eof or len(decoded) > max_bytes:
            return bytes(decoded)
    raise EOFError("cut short")


def _is_zlib(body: bytes) -> bool:
    """RFC 1950: method 8, and the first two bytes are a multiple of 31."""
    return len(body) > 1 and body[0] & 15 == 8 and (body[0] << 8 | body[1]) % 31 == 0


def _is_text(body: bytes) -> bool:
    """Whether the body begins like markup or text: then nothing is left to decode."""
    head = body[:64]
    return head.isascii() and not re.search(rb"[\x00-\x08\x0e-\x1f]", head)
