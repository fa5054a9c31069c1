"""A tree of HTML files: a document per file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

import pyarrow as pa

from datapipe.reader import Delivery, Position, ReadOptions, SourceFile, delivered_schema, reader
from datapipe.readers.assembly import Document, Outcome
from datapipe.readers.charset import claimed_in_html, decoded
from datapipe.readers.whole_files import deliver_file


@reader("html_tree")
@dataclass(frozen=True)
class HtmlTree:
    """HTML files as they lie in folders, also `.gz` and `.zst`: HTML stays HTML, but decoded.

    The charset follows from the bytes, then `<meta>`. `source_id` is the path below the source's root.
    """

    version: ClassVar = 1
    suffixes: ClassVar = tuple(f".{kind}{more}" for kind in ("html", "htm", "xhtml") for more in ("", ".gz", ".zst"))
    columns: ClassVar = pa.schema([])
    has_fields: ClassVar = False

    url_prefix: str | None = None
    """What `url` begins with; the path below the source's root follows. Without it documents have no `url`."""

    def read(self, file: SourceFile, start: Position, options: ReadOptions) -> Iterator[Delivery]:
        """Deliver the page that `file` is."""

        def page(data: bytes) -> Outcome:
            text, encoding = decoded(data, (claimed_in_html(data),))
            url = None if self.url_prefix is None else self.url_prefix + quote(file.relative, safe="/~")
            return Document(text, source_id=file.relative, url=url, media_type="text/html", encoding=encoding)

        yield from deliver_file(file, start, options, delivered_schema(self, options), page)
