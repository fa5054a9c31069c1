"""`normalize_text`: one spelling, one kind of line end, nothing invisible."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datapipe.stage import stage, text_buffers, write_columns

UNLIMITED = np.iinfo(np.int64).max


@stage("normalize_text")
@dataclass(frozen=True)
class NormalizeText:
    """Unicode normal form C, plain line ends, no control characters, no invisible debris, no stretches of blank lines.

    - Line breaks of every kind (CR LF, CR, vertical tab, form feed, NEL, line and paragraph separator) become newlines.
    - Control characters go, except newline and tab. So do the characters in `remove`.
    - Blank lines hold no white space, do not begin or end a document, and follow one another at most
      `max_blank_lines` times.
    - What remains is in normal form C of Unicode 18: one spelling in code points for each accented letter.
      Compatibility characters (`ﬁ`, `①`, `Ａ`) stay as they are.

    Joiners and non-joiners (U+200C, U+200D), direction marks and variation selectors stay: Persian, the scripts of
    India, Arabic, Hebrew and emoji need them. Running the stage twice changes nothing more. Source code wants none of
    this: keep it out by `where`.
    """

    version: ClassVar = 1
    libraries: ClassVar = ("unicodedata2",)
    reads: ClassVar = ("text",)
    writes: ClassVar = pa.schema([pa.field("text", pa.large_string())])

    remove: tuple[str, ...] = ("\u00ad", "\u200b", "\u2060", "\ufeff")
    """Single characters that go: soft hyphen, zero-width space, word joiner, byte order mark. Khmer, Lao, Myanmar
    and Thai text may mark words by zero-width spaces; leave U+200B out to keep them."""
    strip_line_ends: bool = True
    """Whether white space at the end of lines goes. (Two spaces there are a line break in Markdown.)"""
    max_blank_lines: int | None = 2
    """Blank lines that stay of those in a row (OLMo 3 allows 2); none: all stay."""

    def __post_init__(self) -> None:
        """Raise ValueError for options that cannot be meant."""
        if any(len(character) != 1 for character in self.remove):
            raise ValueError(f"remove: expected single characters, found {self.remove!r}")
        if self.max_blank_lines is not None and self.max_blank_lines < 0:
            raise ValueError(f"max_blank_lines: expected 0 or more, found {self.max_blank_lines}")

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write `text`."""
        from datapipe.kernels.normalization import character_kinds, clean

        limit = UNLIMITED if self.max_blank_lines is None else self.max_blank_lines
        kinds = character_kinds(self.remove)
        offsets, data, may_change = clean(*text_buffers(batch["text"]), kinds, self.strip_line_ends, limit)
        cleaned = pa.LargeStringArray.from_buffers(batch.num_rows, pa.py_buffer(offsets), pa.py_buffer(data))
        return write_columns(batch, self.writes, [compose(cleaned, pa.array(may_change))])


def compose(texts: pa.LargeStringArray, selected: pa.BooleanArray) -> pa.LargeStringArray:
    """The texts with the selected ones in normal form C."""
    # Not `unicodedata`: its Unicode version is that of the interpreter.
    from unicodedata2 import normalize

    composed = [normalize("NFC", text) for text in texts.filter(selected).to_pylist()]
    return pc.replace_with_mask(texts, selected, pa.array(composed, pa.large_string()))
