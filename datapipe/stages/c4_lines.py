"""`c4_lines`: the line removal of C4."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa

from datapipe.stage import stage, text_buffers, write_columns

_COUNTS = (
    "c4_long_word_line_count",
    "c4_no_end_mark_line_count",
    "c4_short_line_count",
    "c4_script_line_count",
    "c4_policy_line_count",
    "c4_citation_count",
)
_FRACTIONS = ("c4_removed_line_fraction", "c4_removed_word_fraction")
_MIN_WORDS = {"tfds": 5, "datatrove": 3}
_END_MARKS = {"tfds": (".", "?", "!", '"'), "datatrove": (".", "?", "!", '"', "'")}


@stage("c4_lines")
@dataclass(frozen=True)
class C4Lines:
    """Keep the lines that read like sentences (Raffel et al. 2020, section 2.2; TensorFlow Datasets `c4_utils.py`).

    Each line is trimmed and goes by the first of these that holds; blank lines always go:

    1. a word is longer than `max_word_length` characters;
    2. without `[1]`, `[]` and the `citation_marks`, which are cut out for good, it ends in no end mark, or in `...`;
    3. it has too few words;
    4. it holds one of `script_phrases`;
    5. it holds one of `policy_phrases`.

    What C4 decides about documents (`{`, "lorem ipsum", too few sentences) are rules of the rule set `c4`, on
    `text_statistics` measured after this stage. TFDS tests for `{` before policy phrases: a line with both drops its
    document there, and only itself here. TFDS does not trim again where a citation mark stood; this stage does.

    Nothing goes silently: lines removed are counted by test (`c4_..._line_count`), marks cut out of the others as
    `c4_citation_count`, and the removed lines' share of all lines that are not blank, and of all words, are
    `c4_removed_line_fraction` and `c4_removed_word_fraction`. Never use it on source code, verse or lists.
    """

    version: ClassVar = 1
    reads: ClassVar = ("text",)
    writes: ClassVar = pa.schema(
        [
            pa.field("text", pa.large_string()),
            *(pa.field(name, pa.int64()) for name in _COUNTS),
            *(pa.field(name, pa.float64()) for name in _FRACTIONS),
        ]
    )

    variant: Literal["tfds", "datatrove"] = "tfds"
    """`tfds` is the paper's: end marks `. ? ! "` and at least 5 words, counted without citation marks. `datatrove`
    (0.10, after an early version of the paper) takes `'` as well and asks for 3 words, counted with them."""
    require_end_mark: bool = True
    """Whether lines without an end mark go. FineWeb leaves this test out."""
    other_end_marks: tuple[str, ...] = (
        "。",
        "．",
        "｡",
        "！",
        "？",
        "」",
        "』",
        "؟",
        "۔",
        "।",
        "॥",
        "።",
        "፧",
        "։",
        "။",
        "។",
        "៕",
    )
    """End marks of other scripts, beside those of the variant."""
    min_words: int | None = None
    """Lines with fewer words go; none: 5 or 3, as the variant says."""
    max_word_length: int = 1000
    """Lines with a longer word go (in the code of C4, not in the paper)."""
    script_phrases: tuple[str, ...] = ("javascript",)
    """Words of notices about scripts, case ignored."""
    policy_phrases: tuple[str, ...] = (
        "terms of use",
        "privacy policy",
        "cookie policy",
        "uses cookies",
        "use of cookies",
        "use cookies",
    )
    """Phrases of notices about policies, case ignored."""
    citation_marks: tuple[str, ...] = ("[edit]", "[citation needed]")
    """What is cut out of lines beside numbers in square brackets, case ignored."""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write `text` and what was done to it."""
        from datapipe.kernels.c4_lines import LineRules, keep_lines
        from datapipe.kernels.phrases import encode_phrases
        from datapipe.kernels.words import line_space, word_space

        marks = (*_END_MARKS[self.variant], *self.other_end_marks)
        rules = LineRules(
            self.max_word_length,
            _MIN_WORDS[self.variant] if self.min_words is None else self.min_words,
            self.variant == "datatrove",
            encode_phrases(marks if self.require_end_mark else ()),
            encode_phrases(["..."]),
            encode_phrases(self.script_phrases),
            encode_phrases(self.policy_phrases),
            encode_phrases(self.citation_marks),
        )
        offsets, data = text_buffers(batch["text"])
        space, other_space = ((word_space(offsets), line_space(offsets)) for _ in range(2))
        new_offsets, written, counts = keep_lines(offsets, data, space, other_space, rules)
        text = pa.LargeStringArray.from_buffers(batch.num_rows, pa.py_buffer(new_offsets), pa.py_buffer(written))
        kept, *removed, citations, words, kept_words = counts.T
        removed_lines = np.sum(removed, axis=0)
        fractions = (
            removed_lines / np.maximum(kept + removed_lines, 1),
            (words - kept_words) / np.maximum(words, 1),
        )
        arrays = [pa.array(values) for values in (*removed, citations, *fractions)]
        return write_columns(batch, self.writes, [text, *arrays])
