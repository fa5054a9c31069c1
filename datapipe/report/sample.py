"""One document of a sample: the opening of its text, where it comes from, what it failed on."""

from dataclasses import dataclass

import pyarrow as pa

from datapipe.run import EXCERPT_CHARACTERS

SHOWN = ("id", "source", "url", "language", "programming_language", "text")
"""Columns of a document that samples show, where they exist."""

Key = tuple[str, str]
"""Step and reason, or domain and unit."""


@dataclass(frozen=True)
class Sample:
    """The opening of a text, where it comes from, and what failed."""

    id: str
    text: str
    is_cut: bool
    language: str = ""
    url: str = ""
    failed: tuple[str, ...] = ()


def sample_of(row: pa.RecordBatch, failed: tuple[str, ...] = ()) -> Sample:
    """The first row of a batch."""
    shown = {name: row[name][0].as_py() for name in SHOWN if name in row.schema.names}
    text = shown["text"]
    language = shown.get("language") or shown.get("programming_language") or ""
    is_cut = len(text) > EXCERPT_CHARACTERS
    return Sample(shown["id"], text[:EXCERPT_CHARACTERS], is_cut, language, shown.get("url") or "", failed)
