"""All figures of tokenizers on the same texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tokenizer.evaluation import vocabulary as pieces
from tokenizer.evaluation.arithmetic import quotient
from tokenizer.evaluation.counting import ALL, Amount, Group, amount_of, frequencies, groups_of, sum_amounts, tally
from tokenizer.evaluation.hard_strings import HardStrings, try_hard_strings
from tokenizer.evaluation.metrics import EMBEDDING_WIDTH, Figure, Figures
from tokenizer.evaluation.parallel_text import REFERENCE, ParallelText
from tokenizer.evaluation.parity import parallel_figures
from tokenizer.evaluation.speed import speed_sample, speeds
from tokenizer.evaluation.text_figures import blend_figure, group_figures, identifier_figures, word_figures
from tokenizer.evaluation.texts import Texts
from tokenizer.evaluation.tokenizers import Kind, Named
from tokenizer.evaluation.word_lists import WordList, adds_space, identifiers_of, words_of

RARE = 10
"""Pieces that occur less often are called rare."""


@dataclass(frozen=True)
class Evaluated:
    """What was found of one tokenizer."""

    named: Named
    figures: Figures
    hard_strings: HardStrings
    not_given_back: tuple[tuple[str, str], ...]
    """Unit, and where a document of it came back otherwise: the first few."""
    unreachable: tuple[str, ...]
    """Texts of all pieces that nothing yields."""
    words_are_bare: bool
    """Whether words were encoded without a space before them, because the tokenizer adds it."""

    @property
    def loses_text(self) -> bool:
        """Whether unknown tokens stand for text that is gone: then other figures look better than they are."""
        return any(self.figures[name][ALL].value for name in ("unknown_rate", "parallel_unknown_rate"))


@dataclass(frozen=True)
class Evaluation:
    """Tokenizers side by side."""

    texts: Texts
    groups: tuple[Group, ...]
    amounts: dict[str, Amount]
    """Of each group."""
    covered_weight: float | None
    """Share of the mixture's training tokens whose units have texts; None without a mixture."""
    parallel: ParallelText
    tokenizers: tuple[Evaluated, ...]


def measure(
    tokenizers: Sequence[Named], texts: Texts, parallel: ParallelText, say: Callable[[str], None] = lambda line: None
) -> Evaluation:
    """Every metric of every tokenizer; `say` hears which one is at work."""
    groups = groups_of(texts.cells)
    amounts = [amount_of(cell) for cell in texts.cells]
    words = words_of([cell.texts for cell in texts.cells])
    identifiers = identifiers_of([cell.texts if cell.is_code else cell.texts[:0] for cell in texts.cells])
    evaluated = []
    for number, named in enumerate(tokenizers, 1):
        say(f"evaluate {named.name} ({number} of {len(tokenizers)})")
        evaluated.append(_measure_one(named, texts, parallel, groups, amounts, words, identifiers))
    summed = {group.name: sum_amounts([amounts[k] for k in group.cells]) for group in groups}
    there = {(cell.domain, cell.unit) for cell, amount in zip(texts.cells, amounts, strict=True) if amount.bytes}
    covered = sum(weight for unit, weight in texts.weights.items() if unit in there) if texts.weights else None
    return Evaluation(texts, tuple(groups), summed, covered, parallel, tuple(evaluated))


def _measure_one(
    named: Named,
    texts: Texts,
    parallel: ParallelText,
    groups: Sequence[Group],
    amounts: Sequence[Amount],
    words: WordList,
    identifiers: WordList,
) -> Evaluated:
    tallies = [tally(cell, named) for cell in texts.cells]
    found = group_figures(named, groups, amounts, tallies)
    found |= word_figures(named, groups, words, "continued_word_rate", "whole_word_rate")
    found |= identifier_figures(named, groups, identifiers)
    found["bytes_per_token_blend"] = {ALL: blend_figure(texts, amounts, tallies)}
    parities, counts = parallel_figures(named, parallel)
    found |= parities
    used = frequencies(tallies, named.tokenizer.vocabulary.size) + counts
    hard, lost = try_hard_strings(named.tokenizer), pieces.unreachable(named.tokenizer, used)
    found |= _of_vocabulary(named, used)
    found["adversarial_round_trip"] = {ALL: Figure(quotient(hard.given_back, hard.tried), hard.tried)}
    found["unreachable_pieces"] = {ALL: Figure(float(len(lost.pieces)), lost.tested)}
    sample = speed_sample(texts.cells) if texts.cells else _prose(parallel)
    found |= {name: {ALL: one} for name, one in speeds(named.tokenizer, sample).items()}
    failures = [
        (f"{cell.domain}/{cell.unit}", line)
        for cell, one in zip(texts.cells, tallies, strict=True)
        for line in one.failures
    ]
    return Evaluated(named, found, hard, tuple(failures), lost.pieces, adds_space(named.tokenizer))


def _prose(parallel: ParallelText) -> pa.LargeStringArray:
    """The reference of the parallel text: where there are no texts, speed is measured on it."""
    return pa.array(list(parallel.texts[REFERENCE].values()), pa.large_string())


def _of_vocabulary(named: Named, counts: npt.NDArray[np.int64]) -> Figures:
    tokenizer = named.tokenizer
    possible = counts[tokenizer.vocabulary.of_kind(Kind.TEXT, Kind.BYTE, Kind.INNER)]
    tokens, size = int(counts.sum()), tokenizer.vocabulary.size
    return {
        "vocabulary_size": {ALL: Figure(float(size), size)},
        "embedding_parameters": {ALL: Figure(float(size * EMBEDDING_WIDTH), size)},
        "vocabulary_used": {ALL: Figure(quotient(int((possible > 0).sum()), len(possible)), tokens)},
        "vocabulary_rare": {ALL: Figure(quotient(int((possible < RARE).sum()), len(possible)), tokens)},
        "dead_byte_pieces": {ALL: pieces.dead_byte_pieces(tokenizer)},
        "many_digit_pieces": {ALL: pieces.many_digit_pieces(tokenizer)},
        "digit_tokens": pieces.digit_tokens(tokenizer),
    }
