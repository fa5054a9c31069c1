"""`character_shares`: what NeMo Curator's heuristic rules measure beyond `text_statistics` and `repetition`."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from datapipe.stage import stage, text_buffers, write_columns

FRACTIONS = (
    "non_alphanumeric_fraction",
    "white_space_fraction",
    "bracket_fraction",
    "url_fraction",
    "boilerplate_paragraph_fraction",
    "teaser_line_fraction",
)


@stage("character_shares")
@dataclass(frozen=True)
class CharacterShares:
    """Shares of characters of certain kinds, of boilerplate paragraphs and of lines that only tease.

    - `non_alphanumeric_fraction`: characters outside A-Z, a-z, 0-9, newline and `? ! , .`, as Curator counts them, so
      spaces and all letters outside ASCII are among them: for English only;
    - `white_space_fraction`: white space of any kind;
    - `bracket_fraction`: the characters in `brackets` themselves, not the text between them;
    - `url_fraction`: characters of URLs in the text, scheme and path included (the pattern of Curator 26.07 ends at
      the first slash behind the host; the one of 0.9 did not);
    - `boilerplate_paragraph_fraction`: paragraphs that hold one of `boilerplate_phrases`;
    - `teaser_line_fraction`: non-blank lines that end in one of `teaser_endings`.

    The data are those of NeMo Curator 26.07 (`utils/constants.py`); all fractions are 0 for an empty text.
    """

    version: ClassVar = 1
    reads: ClassVar = ("text",)
    writes: ClassVar = pa.schema([pa.field(name, pa.float64()) for name in FRACTIONS])

    brackets: str = "(){}[]⟨⟩"
    """Characters that count as brackets."""
    boilerplate_phrases: tuple[str, ...] = (
        "terms of use",
        "privacy policy",
        "cookie policy",
        "uses cookies",
        "privacy overview",
        "use of cookies",
        "use cookies",
        "privacy & cookies policy",
        "privacy and cookies policy",
        "necessary cookies are absolutely essential for the website",
        "any cookies that may not be particularly necessary for the website",
        "if you continue to browse this site without changing your cookie settings",
    )
    """Phrases of notices, case ignored. Of Curator's long ones only the beginning."""
    teaser_endings: tuple[str, ...] = ("...", "[...]", "…", "(...)", "[…]", "-»", "read more..", "read more")
    """Line ends that promise more, case ignored."""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Write the shares."""
        from datapipe.kernels.character_shares import (
            LETTERS_AND_DIGITS,
            character_kinds,
            count_characters,
            count_passages,
        )
        from datapipe.kernels.phrases import encode_phrases
        from datapipe.kernels.words import line_space, word_space

        offsets, data = text_buffers(batch["text"])
        kinds = character_kinds(LETTERS_AND_DIGITS + "\n?!,.", self.brackets)
        characters, *parts = count_characters(offsets, data, kinds).T
        phrases, endings = encode_phrases(self.boilerplate_phrases), encode_phrases(self.teaser_endings)
        passages = count_passages(offsets, data, word_space(offsets), line_space(offsets), phrases, endings)
        paragraphs, boilerplate, lines, teasers = passages.T
        shares = [(part, characters) for part in parts] + [(boilerplate, paragraphs), (teasers, lines)]
        fractions = [pa.array(part / np.maximum(whole, 1)) for part, whole in shares]
        return write_columns(batch, self.writes, fractions)
