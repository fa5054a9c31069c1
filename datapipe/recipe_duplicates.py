"""What a recipe says of what repeats: documents from one address, equal or alike, and passages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from datapipe.strict import STRICT
from datapipe.where import Condition

Scope = Literal["global", "source", "language"]

BANDING = (14, 8)
"""Bands and rows of FineWeb (arXiv 2406.17557, section 3.4)."""
PERMUTATIONS = 128
"""At most, where a threshold chooses bands and rows: the default of datasketch."""
MOST_PERMUTATIONS = 4096
"""Of a signature: as much as 16 KiB for every document."""


@dataclass(frozen=True)
class Exact:
    """Of the documents that the rules keep, those with equal texts: one stays, decided after the rules.

    The others leave with the drop reason `PASS.exact`; `decisions/PASS.exact/` names the one that stayed. `columns:`
    may carry `exact_cluster_size`, how many documents the one that stayed stands for.
    """

    normalize: Literal["white_space", "none", "folded"] = "white_space"
    """What does not count, as in [content_hash](#content_hash)."""
    scope: Scope = "global"
    """Documents are compared with all others, with those of their source, or with those of their language."""
    against: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Output folders of finished runs (against `--root`, as `output`), with the same `normalize` and `scope`: what they
    have seen leaves here. Earlier in the list wins. Runs that those runs were compared with are not taken along. A run
    to which all is known ends well, with empty shards and a warning."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Url:
    """Of the documents that the rules keep, those from one address: one stays. Those without `url` are left alone.

    The others leave with the drop reason `PASS.url`, before texts are compared; otherwise as `exact`, with
    `url_cluster_size`. What counts in an address: [url_hash](#url_hash).
    """

    scope: Scope = "global"
    """Documents are compared with all others, with those of their source, or with those of their language."""
    against: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Output folders of finished runs with the same `scope`, as in [exact](#exact)."""

    __pydantic_config__ = STRICT


LeastSize = Annotated[int, Field(ge=1, strict=False)]
"""Keys of YAML are text when they come here."""
Times = Annotated[int, Field(ge=1, le=100)]


@dataclass(frozen=True)
class Near:
    """Of the documents that the rules and `exact` keep, those with nearly equal texts: one of each pair stays.

    Signatures propose pairs (MinHash, banded), every pair is then compared itself, and only what was compared falls: in
    the order of `keep`, each document that stays drops those that are alike to it. They leave with the drop reason
    `PASS.near`; `decisions/PASS.near/` names the one that stayed, `evidence/PASS.near/` holds every pair that was
    compared. `columns:` may carry `near_cluster_size`, how many documents the one that stayed stands for.
    """

    bands: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Documents are compared when one of this many bands of their signatures is equal (14),"""
    rows: Annotated[int, Field(ge=1, le=1024)] | None = None
    """each of this many values (8). A pair of Jaccard similarity J is found with probability 1 - (1 - J ** rows) **
    bands: `datapipe plan` prints the curve."""
    threshold: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Instead of these two: the similarity for which bands and rows are chosen, so that the areas of the curve below it
    and above it, where it errs, sum to the least (the rule of datasketch),"""
    permutations: Annotated[int, Field(ge=1, le=MOST_PERMUTATIONS)] | None = None
    """of signatures of at most this many values (128)."""
    ngram: Annotated[int, Field(ge=1, le=100)] = 5
    """Consecutive units of a shingle, as in [minhash](#minhash)."""
    unit: Literal["word", "char"] = "word"
    """What shingles are made of. Short ones of characters make long texts alike that have nothing in common."""
    normalize: Literal["folded", "white_space", "none"] = "folded"
    """What does not count: case, digits, punctuation and white space, or less, as in [minhash](#minhash)."""
    strip_marks: bool = False
    """Whether combining marks are left out, also those in a letter (`é`). Words of Indic scripts need theirs."""
    max_chars: Annotated[int, Field(ge=1)] = 500_000
    """Characters from the start of a text that count."""
    verify: Annotated[float, Field(gt=0, le=1)] = 0.8
    """Jaccard similarity from which on documents are alike."""
    containment: Annotated[float, Field(gt=0, le=1)] | None = None
    """Share of a shorter document's shingles in a longer one from which on the shorter falls too, whichever `keep`
    prefers; without it only `verify` counts."""
    compare: Literal["shingles", "signatures"] = "shingles"
    """What a pair is compared on: the sets of shingles themselves, or all values of the signatures, which reads no text
    again and errs by some hundredths."""
    scope: Annotated[str, Field(min_length=1)] | Annotated[tuple[str, ...], Field(min_length=1)] = "global"
    """Documents are compared with all others, or with those that are equal in a column or several: `source`,
    `language`, `programming_language`, an extra column such as the crawl. Those without a value are compared with each
    other."""
    bucket_limit: Annotated[int, Field(ge=2, le=1000)] = 16
    """Of more documents with an equal band, each is compared with the best of them only; the report tells how many."""
    against: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Output folders of finished runs with the same settings, as in [exact](#exact): what they kept stays, and what is
    alike to it leaves here."""
    store_shingles: bool = False
    """Keep the shingles of what stays, about half of the text: later runs then compare on them, not on signatures."""
    max_removed_fraction: Annotated[float, Field(gt=0, le=1)] = 0.5
    """The run stops when a source or language of at least 1,000 documents loses more than this share of them,"""
    acknowledged: tuple[str, ...] = ()
    """unless it is named here."""
    repeat: Mapping[LeastSize, Times] = field(default_factory=dict)
    """How often a document is written to the shards for training, by how many it stands for at least; to validation
    always once. Those of FineWeb-2 (arXiv 2506.20920): `{1: 1, 2: 2, 3: 3, 5: 5, 100: 8, 1000: 1}`."""

    __pydantic_config__ = STRICT

    def __post_init__(self) -> None:
        """Refuse two ways at once, a band without rows, and what signatures cannot hold or tell."""
        both = (self.bands is not None or self.rows is not None) and self.threshold is not None
        if both:
            raise ValueError("expected bands and rows, or a threshold, found both")
        if (self.bands is None) != (self.rows is None):
            raise ValueError("expected bands and rows, found one of them")
        if self.permutations is not None and self.threshold is None:
            raise ValueError("permutations go with a threshold: bands times rows otherwise")
        if self.bands is not None and self.rows is not None and self.bands * self.rows > MOST_PERMUTATIONS:
            found = f"{self.bands} x {self.rows} = {self.bands * self.rows:,}"
            raise ValueError(f"a signature has at most {MOST_PERMUTATIONS:,} values, found bands x rows = {found}")
        if self.containment is not None and self.compare == "signatures":
            raise ValueError("signatures do not tell what is contained: containment needs `compare: shingles`")
        if "global" in self.scope_columns:
            raise ValueError("scope `global` means all documents: no columns beside it")

    @property
    def banding(self) -> tuple[int, int]:
        """Bands and rows."""
        if self.bands is not None and self.rows is not None:
            return self.bands, self.rows
        if self.threshold is None:
            return BANDING
        from datapipe.dedup.near.curve import optimal_banding

        return optimal_banding(self.threshold, self.permutations or PERMUTATIONS)

    @property
    def scope_columns(self) -> tuple[str, ...]:
        """Columns in which documents must be equal to be compared."""
        if self.scope == "global":
            return ()
        return (self.scope,) if isinstance(self.scope, str) else self.scope


@dataclass(frozen=True)
class Preference:
    """What makes one duplicate stay rather than another."""

    column: str
    """A column of numbers, text (its first 24 bytes count) or truth values; neither `text` itself nor a hash."""
    order: Literal["ascending", "descending"]
    """Whether the least or the greatest value stays. Nulls stay last in either order."""

    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Repeated:
    """Passages that occur more than once are removed from the texts of all documents that reach the pass.

    Passages are equal up to case, digits, punctuation, control and format characters and the width of white space, as
    in CCNet (arXiv 1911.00359); marks count. The pass writes new documents with `removed_passage_count` (units that
    went) and `removed_passage_fraction` (of the characters of the text); texts of which nothing stays are empty, and a
    rule can drop them. What was measured on the older text must be measured again.
    """

    unit: Literal["line", "paragraph", "sentence"] = "paragraph"
    """What texts are divided into. Sentences end at terminal punctuation of any script, and with their line."""
    span: Annotated[int, Field(ge=1, le=100)] = 1
    """Consecutive units that make a passage, at each unit anew: C4 (arXiv 1910.10683) compares three sentences. Texts
    of fewer units have none. A unit goes when it is part of a passage that goes and of none that is kept."""
    keep: Literal["first", "none"] = "first"
    """Whether the first occurrence stays (in order of source names, files and records), or none does."""
    min_characters: Annotated[int, Field(ge=1)] = 1
    """Shorter passages stay; only characters that are compared count."""
    scope: Scope = "global"
    """Passages are compared with all others, with those of the same source, or of the same language."""
    where: tuple[Condition, ...] = ()
    """Documents the pass applies to; the texts of others are neither compared nor changed."""

    __pydantic_config__ = STRICT
