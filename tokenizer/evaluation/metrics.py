"""The metrics: what each is called, what it means, what it rests on. Tables, pages, gates and JSON read from here.

Rust et al. 2021 (2012.15613): fertility, continued words. Nayeem et al. 2025 (2510.09947): whole words. Petrov et al.
2023 (2305.15425): parity. Zouhar et al. 2023 (2306.16842): Rényi efficiency. Land and Bartolo 2024 (2405.05417):
pieces that cannot be reached. Foroutan et al. 2025 (2508.04796): Gini of token costs.
"""

from dataclasses import dataclass
from typing import Literal

CAVEAT = (
    "These numbers describe how text is cut. No intrinsic metric predicts English leaderboards; whole words were found "
    "to go along with multilingual ones. Compare tokenizers on the same text only, and mind on how much text a number "
    "rests."
)


@dataclass(frozen=True)
class Figure:
    """A value, and how much it rests on."""

    value: float | None
    """None where there was nothing to measure."""
    n: int
    """How many of what the metric `rests_on`."""


EMBEDDING_WIDTH = 6144
"""Of `embedding_parameters`."""
FEW = {
    "bytes": 100_000,
    "tokens": 30_000,
    "characters": 30_000,
    "words": 5_000,
    "distinct words": 500,
    "documents": 20,
    "indented lines": 500,
    "identifiers": 1_000,
    "distinct identifiers": 300,
}
"""Below so many a figure is marked as resting on little. Our choice: where a share of a tenth is known to about a
tenth of itself or worse, or a text is a few documents whose topic decides."""


Figures = dict[str, dict[str, Figure]]
"""Metric -> group -> figure."""


@dataclass(frozen=True)
class Metric:
    """One thing that is measured."""

    title: str
    definition: str
    rests_on: str
    """What `n` of its figures counts."""
    better: Literal["higher", "lower", None] = None
    style: Literal["number", "share", "count"] = "number"
    groups: Literal["texts", "parallel", "digits", "all"] = "all"
    """What it has figures of: groups of the texts, languages of the parallel text, scripts with digits, or `all`."""


def rests_on_little(metric: str, figure: Figure) -> bool:
    """Whether a figure is marked so."""
    return figure.n < FEW.get(METRICS[metric].rests_on, 0)


METRICS = {
    "bytes_per_token": Metric(
        "bytes per token",
        "UTF-8 bytes of the text divided by its tokens, summed over the documents of the group (no mean of means). "
        "More means shorter sequences. Scripts differ in bytes per character: compare tokenizers, not languages.",
        "bytes",
        "higher",
        groups="texts",
    ),
    "bytes_per_token_blend": Metric(
        "bytes per token, blend",
        "What a training token of the mixture stands for: the bytes per token of every unit, weighted by its share of "
        "training tokens in mixture.json. Units without validation text are left out and the rest scaled up; `n` says "
        "how many units it is made of, `texts.blend` what share of the weight they have.",
        "units",
        "higher",
    ),
    "fertility": Metric(
        "tokens per word",
        "Tokens of the whole text (white space and punctuation included) divided by its words. A word is what stands "
        "between white space; in scripts without spaces (Han, kana, Thai, Lao, Khmer, Myanmar, Tibetan) every letter "
        "with its marks is one: there this is tokens per character. `letter_words` of the group says how many such.",
        "words",
        "lower",
        groups="texts",
    ),
    "continued_word_rate": Metric(
        "words continued",
        "Share of running words that are cut into two tokens or more. Words here stand between white space, without "
        "the punctuation and symbols at their ends, have a letter, and none of a script without spaces; each is "
        "encoded with the space before it.",
        "words",
        "lower",
        "share",
        groups="texts",
    ),
    "whole_word_rate": Metric(
        "distinct words whole",
        "Share of distinct words (as for continued words, each counted once) that are a single token: STRR.",
        "distinct words",
        "higher",
        "share",
        groups="texts",
    ),
    "byte_token_rate": Metric(
        "byte tokens",
        "Share of tokens that are single bytes of a character without a piece of its own. None for tokenizers whose "
        "alphabet are bytes.",
        "tokens",
        "lower",
        "share",
        groups="texts",
    ),
    "byte_character_rate": Metric(
        "characters in bytes",
        "Share of characters that are written as byte tokens.",
        "characters",
        "lower",
        "share",
        groups="texts",
    ),
    "unknown_rate": Metric(
        "unknown tokens",
        "Share of tokens that are the unknown piece.",
        "tokens",
        "lower",
        "share",
        groups="texts",
    ),
    "renyi_efficiency": Metric(
        "Rényi efficiency",
        "Rényi entropy of order 2.5 of the tokens' frequencies in the text, divided by the logarithm of the size of "
        "the vocabulary. Small samples use few pieces and so score low: compare on the same text.",
        "tokens",
        "higher",
        groups="texts",
    ),
    "round_trip_rate": Metric(
        "documents given back",
        "Share of documents for which decode(encode(x)) is x, character for character.",
        "documents",
        "higher",
        "share",
        groups="texts",
    ),
    "adversarial_round_trip": Metric(
        "hard strings given back",
        "Share of a list of hard strings (spaces, line ends, controls, marks, emoji, all planes) for which "
        "decode(encode(x)) is x. U+2581, which SentencePiece writes for a space and cannot give back, stands apart: it "
        "is listed where it fails, and not counted here.",
        "strings",
        "higher",
        "share",
    ),
    "parity": Metric(
        "parity to English",
        "Tokens of a language divided by tokens of English for the same parallel texts (those that both have).",
        "texts",
        "lower",
        groups="parallel",
    ),
    "parity_worst": Metric(
        "parity, worst", "The largest parity of all languages of the parallel text.", "languages", "lower"
    ),
    "parity_median": Metric("parity, median", "The median of the parities, English left out.", "languages", "lower"),
    "parity_gini": Metric(
        "parity, Gini",
        "Gini coefficient of the parities of all languages, English included: 0 where every language takes as many "
        "tokens for the same content, near 1 where one takes all.",
        "languages",
        "lower",
    ),
    "parallel_unknown_rate": Metric(
        "unknown tokens, parallel",
        "Share of the tokens of the parallel text that are the unknown piece. Where it is not 0 parities look better "
        "than they are: an unknown token may stand for a whole passage that is lost.",
        "tokens",
        "lower",
        "share",
    ),
    "vocabulary_size": Metric("vocabulary", "Ids there are, all kinds included.", "pieces", None, "count"),
    "embedding_parameters": Metric(
        "embedding parameters",
        "Parameters of an embedding table of width 6,144, that of Nemotron-4 15B (2402.16819, table 1). A model whose "
        "input and output are not tied has two such tables.",
        "pieces",
        None,
        "count",
    ),
    "vocabulary_used": Metric(
        "pieces used",
        "Share of the pieces that text can yield (no control symbols, no unknown piece) that occur in the evaluation "
        "texts and the parallel text. It grows with the text: see the tokens it rests on.",
        "tokens",
        "higher",
        "share",
    ),
    "vocabulary_rare": Metric(
        "pieces used under 10 times",
        "Share of those pieces that occur fewer than 10 times there, or never.",
        "tokens",
        "lower",
        "share",
    ),
    "unreachable_pieces": Metric(
        "unreachable pieces",
        "Pieces that their own text does not yield: encode(text of the piece) is not the piece, neither alone nor "
        "behind `«`, and no text of the evaluation has it either. Not tested are bytes, control symbols, pieces that "
        "are part of a character, and `##` pieces of WordPiece.",
        "pieces tested",
        "lower",
        "count",
    ),
    "dead_byte_pieces": Metric(
        "dead byte pieces",
        "Byte pieces for bytes that UTF-8 never has: C0, C1, F5 to FF. A full byte fallback has 13.",
        "byte pieces",
        None,
        "count",
    ),
    "digit_tokens": Metric(
        "digits apart",
        "1 where each of the ten digits of a script is always one token of its own, tried on six numbers; for `all` "
        "the share of scripts where that is so. Digits that are bytes are not.",
        "numbers tried",
        "higher",
        "share",
        groups="digits",
    ),
    "many_digit_pieces": Metric(
        "pieces with 2+ digits",
        "Pieces with two or more decimal digits in a row, of any script.",
        "pieces tested",
        "lower",
        "count",
    ),
    "indentation_tokens_per_line": Metric(
        "indentation tokens per line",
        "What indentation costs: tokens of code less tokens of the same code without the white space at the start of "
        "its lines, divided by the number of indented lines.",
        "indented lines",
        "lower",
        groups="texts",
    ),
    "tokens_per_identifier": Metric(
        "tokens per identifier",
        "Tokens of running identifiers and keywords of code (ASCII letters, digits, `_`; two characters or more), each "
        "encoded with a space before it.",
        "identifiers",
        "lower",
        groups="texts",
    ),
    "whole_identifier_rate": Metric(
        "distinct identifiers whole",
        "Share of distinct identifiers and keywords that are a single token.",
        "distinct identifiers",
        "higher",
        "share",
        groups="texts",
    ),
    "encode_mb_per_s": Metric(
        "encode, MB/s",
        "UTF-8 bytes encoded per second on one core by the library named: median of three runs over a sample of the "
        "evaluation texts. Depends on the machine and on what else it does.",
        "bytes",
        "higher",
    ),
    "decode_mb_per_s": Metric("decode, MB/s", "The same for the way back.", "bytes", "higher"),
}
