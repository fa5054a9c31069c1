"""Turn web pages into plain text."""

import re
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from datapipe.stage import looking_at, stage, write_columns

HTML_TYPES = ("text/html", "application/xhtml+xml")
MAX_NESTED = 5_000
MAX_OPTIONS = 20_000
NESTING = re.compile(r"<(/?)(?:div|article)\b", re.IGNORECASE)


class Page(NamedTuple):
    """What one page gives."""

    text: str
    title: str | None
    language: str | None


@stage("extract_html")
@dataclass(frozen=True)
class ExtractHtml:
    """The readable text of HTML pages, by resiliparse; rows of another media type are left alone.

    The text takes the place of the page and `media_type` becomes `text/plain`, so that a second extraction changes
    nothing. A page without readable text gives "". `html_title` and `html_language` (the `lang` of the page, as
    declared there) are null where the page has none and for rows that were not HTML; so is `html_is_cut`, which tells
    whether the page was longer than `max_html_characters`, so that its end is missing.

    Markup that would take the parser minutes is tamed: from 5,000 `div` or `article` one inside the other the text is
    taken without the search for main content, whose time grows with the square of the depth (10,000: 0.9 s, 100,000:
    more than 90 s); more than 20,000 `<option>` are read as comments (40,000 in one list: 4 s).
    """

    version: ClassVar = 2
    reads: ClassVar = ("text", "media_type")
    writes: ClassVar = pa.schema(
        [
            pa.field("text", pa.large_string(), nullable=False),
            pa.field("media_type", pa.string()),
            pa.field("html_title", pa.string()),
            pa.field("html_language", pa.string()),
            pa.field("html_is_cut", pa.bool_()),
        ]
    )
    libraries: ClassVar = ("resiliparse",)

    main_content: bool = True
    """Take the main content only: without navigation, footers, sidebars and the like, as their tags and class names
    tell. It also leaves out bulleted lists less than four levels below `<body>`, which hand-written pages may have."""
    preserve_formatting: bool = True
    """Keep line breaks and a blank line between blocks; without it a page is one line."""
    list_bullets: bool = True
    """Begin list items with a bullet or their number."""
    alt_texts: bool = False
    """Keep the texts that stand for images."""
    links: bool = False
    """Write the target of a link behind its text. The text itself is always kept."""
    form_fields: bool = False
    """Keep form fields and their values."""
    noscript: bool = False
    """Keep what is shown without JavaScript."""
    comments: bool = True
    """Count the comments of readers as main content."""
    post_meta: bool = False
    """Count the date, author and tags of an article as main content."""
    hidden_elements: bool = False
    """Keep elements whose class says that they are hidden."""
    skip_elements: tuple[str, ...] = ()
    """CSS selectors of elements to leave out (`table.infobox`)."""
    max_html_characters: int = 5_000_000
    """A longer page is cut here, and `html_is_cut` says so: its tree takes up to 200 bytes of memory per character."""

    def __post_init__(self) -> None:
        """Refuse selectors that do not parse, before any page is read."""
        if self.skip_elements:
            from resiliparse.parse.html.exception import CSSParserException

            try:
                self._extract("<p>")
            except CSSParserException as error:
                raise ValueError(f"skip_elements: {error}") from None

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write the text of the HTML rows, their media type, and what the pages say about themselves."""
        is_html = pc.is_in(batch["media_type"], value_set=pa.array(HTML_TYPES))
        pages = []
        for row in pc.indices_nonzero(is_html).to_pylist():
            looking_at(row)
            pages.append(self._extract(batch["text"][row].as_py()))
        nulls = pa.nulls(batch.num_rows, pa.string())
        is_cut = pc.greater(pc.utf8_length(batch["text"]), self.max_html_characters)
        columns = [
            pc.replace_with_mask(batch["text"], is_html, pa.array([page.text for page in pages], pa.large_string())),
            pc.if_else(is_html, "text/plain", batch["media_type"]),
            pc.replace_with_mask(nulls, is_html, pa.array([page.title for page in pages], pa.string())),
            pc.replace_with_mask(nulls, is_html, pa.array([page.language for page in pages], pa.string())),
            pc.if_else(is_html, is_cut, None),
        ]
        return write_columns(batch, self.writes, columns)

    def _extract(self, html: str) -> Page:
        from resiliparse.extract.html2text import extract_plain_text
        from resiliparse.parse.html import HTMLTree

        html = html[: self.max_html_characters]
        if html.count("<option") > MAX_OPTIONS:
            html = html.replace("<option", "<!option")
        tree = HTMLTree.parse(html)
        text = extract_plain_text(
            tree,
            main_content=self.main_content and not is_deep(html),
            preserve_formatting=self.preserve_formatting,
            list_bullets=self.list_bullets,
            alt_texts=self.alt_texts,
            links=self.links,
            form_fields=self.form_fields,
            noscript=self.noscript,
            comments=self.comments,
            post_meta=self.post_meta,
            hidden_elements=self.hidden_elements,
            skip_elements=self.skip_elements,
        )
        root = tree.document and tree.document.document_element
        language = (root and (root.getattr("lang") or root.getattr("xml:lang"))) or ""
        return Page(text, " ".join((tree.title or "").split()) or None, language.strip() or None)


def is_deep(html: str) -> bool:
    """Whether more than MAX_NESTED `div` and `article` may lie one inside the other, by their tags alone."""
    if html.count("<div") <= MAX_NESTED:  # quick, and enough for nearly every page
        return False
    depth = 0
    for tag in NESTING.finditer(html):
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        if depth > MAX_NESTED:
            return True
    return False
