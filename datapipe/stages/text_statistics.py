"""`text_statistics`: what the rules of Gopher, C4 and FineWeb need of characters, words and lines, in one pass."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapipe.stage import stage, text_buffers, write_columns

STOP_WORDS = Path(__file__).parents[1] / "data" / "stop_words.csv"

_STOP_WORD_COUNTS = ("stop_word_count", "distinct_stop_word_count")
_COUNTS = {
    "character_count": "CHARACTERS",
    "word_count": "WORDS",
    "trimmed_word_count": "TRIMMED_WORDS",
    "longest_word_length": "LONGEST_WORD",
    "line_count": "LINES",
    "nonblank_line_count": "NONBLANK_LINES",
    "long_line_count": "LONG_LINES",
    "paragraph_count": "PARAGRAPHS",
    "sentence_count": "SENTENCES",
    "stop_word_count": "STOP_WORDS",
    "distinct_stop_word_count": "DISTINCT_STOP_WORDS",
    "curly_brace_count": "CURLY_BRACES",
}
_PHRASE_COUNTS = ("lorem_ipsum_count", "javascript_count", "policy_phrase_count")
_QUOTIENTS = {
    "mean_word_length": (("WORD_CHARACTERS",), "WORDS"),
    "mean_trimmed_word_length": (("TRIMMED_CHARACTERS",), "TRIMMED_WORDS"),
    "hashes_per_word": (("HASHES",), "WORDS"),
    "ellipses_per_word": (("ELLIPSES",), "WORDS"),
    "symbols_per_word": (("HASHES", "ELLIPSES"), "WORDS"),
    "newlines_per_word": (("NEWLINES",), "WORDS"),
    "nonblank_lines_per_word": (("NONBLANK_LINES",), "WORDS"),
    "alphabetic_word_fraction": (("ALPHABETIC_WORDS",), "WORDS"),
    "symbol_word_fraction": (("SYMBOL_WORDS",), "WORDS"),
    "bullet_line_fraction": (("BULLET_LINES",), "NONBLANK_LINES"),
    "round_bullet_line_fraction": (("ROUND_BULLET_LINES",), "NONBLANK_LINES"),
    "ellipsis_line_fraction": (("ELLIPSIS_LINES",), "NONBLANK_LINES"),
    "punctuated_line_fraction": (("PUNCTUATED_LINES",), "NONBLANK_LINES"),
    "short_line_fraction": (("SHORT_LINES",), "NONBLANK_LINES"),
    "letter_fraction": (("LETTERS",), "CHARACTERS"),
    "digit_fraction": (("DIGITS",), "CHARACTERS"),
    "uppercase_fraction": (("UPPERCASE",), "LETTERS"),
}
"""Column -> what is added up, and what it is divided by."""


@stage("text_statistics")
@dataclass(frozen=True)
class TextStatistics:
    """Counts, means and shares of characters, words and lines.

    A *word* is what stands between white space; in scripts without spaces (Han, Hiragana, Katakana, Thai, Lao, Khmer,
    Myanmar, Tibetan) each letter is one, with its marks. A *trimmed word* is a word without the punctuation and symbols
    at its ends. A *line* ends at a newline; shares of lines are shares of the lines that are not blank. Lengths are
    code points. All columns are 0 for an empty text.

    Words:

    - `word_count`, `mean_word_length` as DCLM and NeMo Curator measure them for Gopher's rules; `trimmed_word_count`,
      `mean_trimmed_word_length` come nearest to datatrove, whose word splitter cuts punctuation off;
    - `alphabetic_word_fraction`: words with at least one letter (Gopher);
    - `hashes_per_word`, `ellipses_per_word`: `#`, and `...`, `…` or `. . .`, divided by words (datatrove);
      `symbols_per_word`: both (DCLM); `symbol_word_fraction`: words that are ellipses or more than half `#` (Curator);
    - `stop_word_count`: occurrences (DCLM, Curator); `distinct_stop_word_count`: different ones (datatrove). Trimmed
      words count, as listed, Capitalised or in CAPITALS;
    - `longest_word_length` (the code of C4; Curator).

    Lines:

    - `line_count`, `nonblank_line_count`, `paragraph_count`; `newlines_per_word` (FineWeb's code; its extractor
      leaves no blank lines, so where there are some `nonblank_lines_per_word` is the closer measure);
    - `bullet_line_fraction`, `round_bullet_line_fraction`: lines whose first character is one of `bullets`, of
      `round_bullets`;
    - `ellipsis_line_fraction`: lines that end in an ellipsis (Gopher);
    - `punctuated_line_fraction`: lines that end in terminal punctuation of any script (Unicode's Sentence_Terminal),
      closing quotation marks and brackets aside, or in one of `closing_quotes` (FineWeb, Curator);
    - `short_line_fraction` (FineWeb), `long_line_count` (mC4);
    - `sentence_count`: the ends of sentences, each line ending one (C4, which uses NLTK): terminal punctuation of ASCII
      before white space, of other scripts anywhere. An abbreviation ends a sentence too.

    Characters and phrases:

    - `character_count`, `letter_fraction`, `digit_fraction` (decimal digits of every script), `uppercase_fraction` (of
      letters);
    - `curly_brace_count`: `{`; `lorem_ipsum_count`, `javascript_count`, `policy_phrase_count`: occurrences, also inside
      words, ASCII letters without case (C4).
    """

    version: ClassVar = 1
    writes: ClassVar = pa.schema(
        [
            *(pa.field(name, pa.int64()) for name in (*_COUNTS, *_PHRASE_COUNTS)),
            *(pa.field(name, pa.float64()) for name in _QUOTIENTS),
        ]
    )

    language_column: str | None = None
    """Column that names the language whose stop words are counted. Both stop word counts are null where there is no
    list for it (`datapipe/data/stop_words.csv`: Gopher's for English, ours for others). None: English for all."""
    short_line_characters: int = 30
    """Characters that a short line has at most (datatrove; the paper of FineWeb says fewer than 30)."""
    long_line_characters: int = 200
    """Characters that a long line has at least (mC4: three such lines)."""
    bullets: str = "•●*-"
    """Bullets of `bullet_line_fraction` (DCLM; datatrove has `•-`, dolma `*-`)."""
    round_bullets: str = "•‣⁃⁌⁍∙○●◘◦⦾⦿"
    """Bullets of `round_bullet_line_fraction` (NeMo Curator)."""
    closing_quotes: str = "\"'”’“‘»«›‹」』〟"
    """Quotation marks that end a line as punctuation does (FineWeb's first list has the two of ASCII)."""
    policy_phrases: tuple[str, ...] = (
        "terms of use",
        "privacy policy",
        "cookie policy",
        "uses cookies",
        "use of cookies",
        "use cookies",
    )
    """Phrases of `policy_phrase_count` (C4)."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The text, and the language where it is asked for."""
        return ("text",) if self.language_column is None else ("text", self.language_column)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write the columns."""
        from datapipe.kernels.line_statistics import LineMarks
        from datapipe.kernels.phrase_counts import encode_counted_phrases
        from datapipe.kernels.stop_words import encode_stop_words
        from datapipe.kernels.text_counts import Count
        from datapipe.kernels.text_statistics import measure_text

        offsets, data = text_buffers(batch["text"])
        phrases = encode_counted_phrases((("lorem ipsum",), ("javascript",), self.policy_phrases))
        languages = self._language_rows(batch)
        marks = LineMarks(
            _code_points(self.bullets),
            _code_points(self.round_bullets),
            _code_points(self.closing_quotes),
            self.short_line_characters,
            self.long_line_characters,
        )
        counts = measure_text(
            offsets, data, languages, encode_stop_words(tuple(stop_word_lists().values())), marks, phrases
        )
        has_no_list = languages == len(stop_word_lists())
        columns = [
            pa.array(counts[:, Count[count]], mask=has_no_list if name in _STOP_WORD_COUNTS else None)
            for name, count in _COUNTS.items()
        ]
        columns += [pa.array(counts[:, Count.PHRASES + group]) for group in range(len(_PHRASE_COUNTS))]
        for parts, whole in _QUOTIENTS.values():
            total = np.sum([counts[:, Count[part]] for part in parts], axis=0)
            columns.append(pa.array(total / np.maximum(counts[:, Count[whole]], 1)))
        return write_columns(batch, self.writes, columns)

    def _language_rows(self, batch: pa.RecordBatch) -> npt.NDArray[np.int32]:
        """For each document the row of the list that counts: the one behind all lists where there is none."""
        rows = {language: row for row, language in enumerate(stop_word_lists())}
        if self.language_column is None:
            return np.full(batch.num_rows, rows["en"], np.int32)
        languages = batch[self.language_column].to_pylist()
        return np.array([rows.get(language, len(rows)) for language in languages], np.int32)


def _code_points(characters: str) -> npt.NDArray[np.int32]:
    return np.array([ord(character) for character in characters], np.int32)


@cache
def stop_word_lists() -> dict[str, tuple[str, ...]]:
    """Language -> its stop words."""
    with STOP_WORDS.open(newline="", encoding="utf-8") as file:
        return {row["language"]: tuple(row["words"].split()) for row in csv.DictReader(file)}
