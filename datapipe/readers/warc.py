"""Web archives: WARC and ARC files, one document per page."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pyarrow as pa

from datapipe.reader import Delivery, Position, ReadOptions, SourceFile, delivered_schema, reader
from datapipe.readers.assembly import Assembly, Document, Outcome, RecordError
from datapipe.readers.charset import claimed_in_html, decoded
from datapipe.readers.dates import iso_utc
from datapipe.readers.header_fields import charset, media_type
from datapipe.readers.http_message import parse_response
from datapipe.readers.warc_frames import Frame, frames
from datapipe.readers.window import Window

HTML_TYPES = ("text/html", "application/xhtml+xml")
BOOKKEEPING = ("metadata:", "urn:", "dns:", "whois:", "filedesc:")
"""Schemes of what crawlers note down as responses and resources: their logs, settings, name look-ups."""
BINARY_STARTS = (
    b"%PDF-",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0",
    b"wOF",
)
"""How documents, images, archives and fonts begin that servers send under the name of HTML."""
HTML_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!--|(?:!doctype html|html|head|body|\?xml)\b)", re.IGNORECASE)
MAX_KIND_LETTERS = 80
"""Of a media type in the counts of what was passed over."""
RECORD_TYPES = ("warcinfo", "request", "metadata", "revisit", "continuation")


@reader("warc")
@dataclass(frozen=True)
class Warc:
    """Pages of WARC and ARC files: plain, `.gz` and `.zst`, with any number of records per member or frame.

    Documents are the responses of status 2xx, and the resources and conversions (the texts in WET files), whose media
    type is one of `media_types`. All other records are counted and passed over. `source_id` is WARC-Record-ID (ARC has
    none), `url` WARC-Target-URI, `date` WARC-Date. HTML stays HTML, but decoded: the charset follows from the bytes,
    then the HTTP header, then `<meta>`.
    """

    version: ClassVar = 1
    suffixes: ClassVar = tuple(f".{kind}{more}" for kind in ("warc", "arc", "wet") for more in ("", ".gz", ".zst"))
    columns: ClassVar = pa.schema([])
    has_fields: ClassVar = False

    media_types: tuple[str, ...] = (*HTML_TYPES, "text/plain")
    """Media types of documents. A page sent without one counts as `text/html` if it begins like HTML."""

    def read(self, file: SourceFile, start: Position, options: ReadOptions) -> Iterator[Delivery]:
        """Deliver the pages of `file` from `start` on."""
        with contextlib.closing(Window(file, start)) as window:
            assembly = Assembly(delivered_schema(self, options), options, lambda: window.taken)
            record = start.record
            for frame in frames(window, options.max_record_bytes):
                outcome = self._outcome(frame, options.max_record_bytes)
                if assembly.is_full(outcome):
                    yield assembly.deliver(Position(offset=frame.offset, within=frame.within, record=record))
                assembly.take(record if frame.is_record else None, frame.offset, outcome)
                record += frame.is_record
            if start == Position() and record == 0 and assembly.is_empty:
                assembly.take(record, 0, RecordError("the file is empty"))
                record += 1
            if not assembly.is_empty:
                yield assembly.deliver(window.position(record))

    def _outcome(self, frame: Frame, max_bytes: int) -> Outcome:
        if frame.fault is not None and not frame.fields:
            return RecordError(frame.fault)
        kind = frame.fields.get("warc-type", "").lower()
        target = frame.fields.get("warc-target-uri", "").strip("<> ")
        if kind not in ("response", "resource", "conversion"):
            return kind if kind in RECORD_TYPES else "unknown record type"
        if target.startswith(BOOKKEEPING):
            return "crawler's notes"
        try:
            return self._page(frame, kind, target, max_bytes)
        except RecordError as error:
            return error

    def _page(self, frame: Frame, kind: str, target: str, max_bytes: int) -> Outcome:
        fields, response = frame.fields, None
        if kind == "response" and _is_http(frame):
            response = parse_response(frame.block)
            if not 200 <= response.status <= 299:
                return f"status {response.status}"
            fields = response.fields
        sent_as = media_type(fields.get("content-type"))
        if sent_as is not None and sent_as not in self.media_types:
            return sent_as[:MAX_KIND_LETTERS]
        if frame.fault is not None:
            return RecordError(frame.fault)
        body = frame.block if response is None else response.body(max_bytes)
        if sent_as is None and not (HTML_TYPES[0] in self.media_types and HTML_START.match(body)):
            return "no media type"
        if body.startswith(BINARY_STARTS):
            return "binary"
        claimed = claimed_in_html(body) if sent_as in (None, *HTML_TYPES) else None
        text, encoding = decoded(body, (charset(fields), claimed))
        return Document(
            text,
            source_id=frame.fields.get("warc-record-id"),
            url=target or None,
            date=iso_utc(frame.fields.get("warc-date")),
            media_type=sent_as or HTML_TYPES[0],
            encoding=encoding,
        )


def _is_http(frame: Frame) -> bool:
    """ARC records, and the WARC records of some writers, tell it by their block only."""
    return "application/http" in frame.fields.get("content-type", "").lower() or frame.block.startswith(b"HTTP/")
