"""`repetition`: the repetition rules of Gopher, as measurements."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapipe.stage import stage, text_buffers, write_columns

_PIECES = (
    "duplicate_line_fraction",
    "duplicate_line_character_fraction",
    "duplicate_paragraph_fraction",
    "duplicate_paragraph_character_fraction",
    "copied_line_fraction",
    "copied_line_character_fraction",
    "copied_paragraph_fraction",
    "copied_paragraph_character_fraction",
)
_NGRAMS = (
    *(f"top_{n}gram_character_fraction" for n in (2, 3, 4)),
    *(f"duplicate_{n}gram_character_fraction" for n in range(5, 11)),
)


@stage("repetition")
@dataclass(frozen=True)
class Repetition:
    """How much of a text repeats itself (Rae et al. 2021, arXiv 2112.11446, table A1).

    Words, lines and paragraphs are those of `text_statistics`; lengths are code points; lines and paragraphs are equal
    if their bytes are, words with the punctuation at them. All fractions are 0 for an empty text and at most 1.

    By `variant`, because the tools that implement the table measure different things:

    - `duplicate_line_fraction`, `duplicate_line_character_fraction`, and the same of paragraphs: the share of lines
      that are duplicates, and of characters in them. `dclm`: every copy of a line that occurs twice or more, of the
      lines that are not blank. `datatrove`: second and later copies, of the pieces between runs of newlines (a final
      newline adds an empty one), and their share of the whole text.
    - `top_2gram_character_fraction` to `top_4gram_...`: characters in the most frequent n-gram, its length times its
      count. An n-gram that occurs once is not frequent: without this every short text would be repetitive. `dclm`: of
      the characters of all words, the longest among equally frequent n-grams. `datatrove`: with a space between the
      words, of the whole text, the first among equally frequent ones.
    - `duplicate_5gram_character_fraction` to `duplicate_10gram_...`: characters in n-grams that repeat. `dclm`: of
      all words that stand in a repeated n-gram, each once, of the characters of all words. `datatrove`: of second and
      later copies, going on behind each one found, of the whole text. (datatrove 0.10 compares them with their words
      glued together, "a bc" as "ab c"; here words are compared.)

    Whatever the variant:

    - `copied_line_fraction`, `copied_line_character_fraction`, and the same of paragraphs: second and later copies, of
      the lines (paragraphs) that are not blank and of their characters. One minus the unique share that NeMo Curator
      measures, and FineWeb's characters in duplicated lines.
    """

    version: ClassVar = 1
    reads: ClassVar = ("text",)
    writes: ClassVar = pa.schema([pa.field(name, pa.float64()) for name in (*_PIECES, *_NGRAMS)])

    variant: Literal["dclm", "datatrove"] = "dclm"
    """Whose reading of the paper the `duplicate_...` and `top_...` columns follow."""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write the fractions."""
        from datapipe.kernels.copies import Copies
        from datapipe.kernels.repetition import measure_repetition

        datatrove = self.variant == "datatrove"
        found = measure_repetition(*text_buffers(batch["text"]), datatrove)
        values = []
        for pieces, split in ((found.lines, found.datatrove_lines), (found.paragraphs, found.datatrove_paragraphs)):
            if datatrove:
                values.append(_fraction(split[:, Copies.COPIES], split[:, Copies.PIECES]))
                values.append(_fraction(split[:, Copies.COPY_CHARACTERS], found.characters))
            else:
                values.append(_fraction(pieces[:, Copies.REPEATED], pieces[:, Copies.PIECES]))
                values.append(_fraction(pieces[:, Copies.REPEATED_CHARACTERS], pieces[:, Copies.CHARACTERS]))
        for pieces in (found.lines, found.paragraphs):
            values.append(_fraction(pieces[:, Copies.COPIES], pieces[:, Copies.PIECES]))
            values.append(_fraction(pieces[:, Copies.COPY_CHARACTERS], pieces[:, Copies.CHARACTERS]))
        whole = found.characters if datatrove else found.letters
        values.extend(_fraction(characters, whole) for characters in found.ngrams.T)
        return write_columns(batch, self.writes, [pa.array(column) for column in values])


def _fraction(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Share of `part` in `whole`, at most 1, and 0 where there is nothing."""
    return np.minimum(part / np.maximum(whole, 1), 1.0)
