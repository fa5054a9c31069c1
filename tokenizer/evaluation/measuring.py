"""All figures of tokenizers on the same texts."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tokenizer.evaluation import vocabulary as pieces
from tokenizer.evaluation.arithmetic import gini, quotient, renyi_efficiency
from tokenizer.evaluation.counting import ALL, Amount, Group, Tally, amount_of, frequencies, groups_of, tally
from tokenizer.evaluation.hard_strings import HardStrings, try_hard_strings
from tokenizer.evaluation.metrics import EMBEDDING_WIDTH, Figure, Figures
from tokenizer.evaluation.parallel_text import REFERENCE, ParallelText
from tokenizer.evaluation.speed import speed_sample, speeds
from tokenizer.evaluation.texts import Texts
from tokenizer.evaluation.tokenizers import Kind, Named
from tokenizer.evaluation.word_lists import WordList, adds_space, identifiers_of, words_of

RARE = 10
"""Pieces that occur less often are called rare."""
NO_PLACES = np.zeros(0, np.int64)


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


def sum_amounts(amounts: Sequence[Amount]) -> Amount:
    """Of several cells together."""
    names = ("documents", "bytes", "characters", "words", "letter_words", "indented_lines")
    return Amount(*(sum(getattr(one, name) for one in amounts) for name in names))


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
    found = _of_groups(named, groups, amounts, tallies)
    found |= _of_words(named, groups, words, "continued_word_rate", "whole_word_rate")
    found |= _of_identifiers(named, groups, identifiers)
    found["bytes_per_token_blend"] = {ALL: _blend(texts, amounts, tallies)}
    parities, counts = _parity(named, parallel)
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


def _of_groups(named: Named, groups: Sequence[Group], amounts: Sequence[Amount], tallies: Sequence[Tally]) -> Figures:
    """The metrics that are quotients of sums over documents, and Rényi efficiency."""
    vocabulary = named.tokenizer.vocabulary
    has_bytes = bool((vocabulary.byte_values >= 0).any())
    figures: Figures = {}
    for group in groups:
        amount = sum_amounts([amounts[k] for k in group.cells])
        chosen = [tallies[k] for k in group.cells]
        tokens = sum(one.tokens for one in chosen)
        in_bytes = sum(one.byte_tokens for one in chosen), sum(one.byte_characters for one in chosen)
        made = {
            "bytes_per_token": Figure(quotient(amount.bytes, tokens), amount.bytes),
            "fertility": Figure(quotient(tokens, amount.words), amount.words),
            "byte_token_rate": Figure(quotient(in_bytes[0], tokens) if has_bytes else None, tokens),
            "byte_character_rate": Figure(
                quotient(in_bytes[1], amount.characters) if has_bytes else None, amount.characters
            ),
            "unknown_rate": Figure(quotient(sum(one.unknown_tokens for one in chosen), tokens), tokens),
            "renyi_efficiency": Figure(renyi_efficiency(frequencies(chosen, vocabulary.size), vocabulary.size), tokens),
            "round_trip_rate": Figure(
                quotient(sum(one.given_back for one in chosen), amount.documents), amount.documents
            ),
            "indentation_tokens_per_line": Figure(
                quotient(sum(one.indentation_tokens for one in chosen), amount.indented_lines), amount.indented_lines
            ),
        }
        for metric, figure in made.items():
            figures.setdefault(metric, {})[group.name] = figure
    return figures


def _of_words(named: Named, groups: Sequence[Group], words: WordList, continued: str, whole: str) -> Figures:
    lengths = words.token_counts(named.tokenizer)
    figures: Figures = {continued: {}, whole: {}}
    for group in groups:
        chosen = [words.occurrences[k] for k in group.cells]
        running = sum(int(counts.sum()) for _, counts in chosen)
        cut = sum(int(counts[lengths[places] > 1].sum()) for places, counts in chosen)
        distinct = np.unique(np.concatenate([NO_PLACES, *(places for places, _ in chosen)]))
        figures[continued][group.name] = Figure(quotient(cut, running), running)
        figures[whole][group.name] = Figure(quotient(int((lengths[distinct] == 1).sum()), len(distinct)), len(distinct))
    return figures


def _of_identifiers(named: Named, groups: Sequence[Group], identifiers: WordList) -> Figures:
    lengths = identifiers.token_counts(named.tokenizer)
    per_identifier = {}
    for group in groups:
        chosen = [identifiers.occurrences[k] for k in group.cells]
        running = sum(int(counts.sum()) for _, counts in chosen)
        tokens = sum(int((lengths[places] * counts).sum()) for places, counts in chosen)
        per_identifier[group.name] = Figure(quotient(tokens, running), running)
    whole = _of_words(named, groups, identifiers, "", "whole_identifier_rate")["whole_identifier_rate"]
    return {"tokens_per_identifier": per_identifier, "whole_identifier_rate": whole}


def _blend(texts: Texts, amounts: Sequence[Amount], tallies: Sequence[Tally]) -> Figure:
    """Bytes per token by unit, weighted by shares of training tokens."""
    bytes_, tokens = dict.fromkeys(texts.weights, 0), dict.fromkeys(texts.weights, 0)
    for cell, amount, one in zip(texts.cells, amounts, tallies, strict=True):
        if (cell.domain, cell.unit) in bytes_:
            bytes_[cell.domain, cell.unit] += amount.bytes
            tokens[cell.domain, cell.unit] += one.tokens
    there = [unit for unit, count in tokens.items() if count and texts.weights[unit]]
    weighted = sum(texts.weights[unit] * bytes_[unit] / tokens[unit] for unit in there)
    return Figure(quotient(weighted, sum(texts.weights[unit] for unit in there)), len(there))


def _parity(named: Named, parallel: ParallelText) -> tuple[Figures, npt.NDArray[np.int64]]:
    """Figures of the parallel text, and how often each id occurs in it."""
    tokenizer = named.tokenizer
    used = np.zeros(tokenizer.vocabulary.size, np.int64)
    counts: dict[str, dict[str, int]] = {}
    for language, texts in parallel.texts.items():
        tokens = tokenizer.encode(pa.array(list(texts.values()), pa.large_string()))
        used += np.bincount(tokens.ids, minlength=len(used))
        counts[language] = dict(zip(texts, tokens.counts.tolist(), strict=True))
    reference = counts[REFERENCE]
    figures = {}
    for language, of_language in counts.items():
        shared = of_language.keys() & reference.keys()
        whole = sum(reference[key] for key in shared)
        figures[language] = Figure(quotient(sum(of_language[key] for key in shared), whole), len(shared))
    values = {name: one.value for name, one in figures.items() if one.value is not None}
    others = [value for name, value in values.items() if name != REFERENCE]
    summary = {
        "parity_worst": Figure(max(others, default=None), len(others)),
        "parity_median": Figure(statistics.median(others) if others else None, len(others)),
        "parity_gini": Figure(gini(list(values.values())), len(values)),
    }
    unknown, total = int(used[tokenizer.vocabulary.of_kind(Kind.UNKNOWN)].sum()), int(used.sum())
    summary["parallel_unknown_rate"] = Figure(quotient(unknown, total), total)
    return {"parity": figures} | {name: {ALL: one} for name, one in summary.items()}, used


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
