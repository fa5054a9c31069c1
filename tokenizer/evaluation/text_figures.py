"""The figures that groups of texts have."""

from collections.abc import Sequence

import numpy as np

from tokenizer.evaluation.arithmetic import quotient, renyi_efficiency
from tokenizer.evaluation.counting import Amount, Group, Tally, frequencies, sum_amounts
from tokenizer.evaluation.metrics import Figure, Figures
from tokenizer.evaluation.texts import Texts
from tokenizer.evaluation.tokenizers import Named
from tokenizer.evaluation.word_lists import WordList

NO_PLACES = np.zeros(0, np.int64)


def group_figures(
    named: Named, groups: Sequence[Group], amounts: Sequence[Amount], tallies: Sequence[Tally]
) -> Figures:
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


def word_figures(named: Named, groups: Sequence[Group], words: WordList, continued: str, whole: str) -> Figures:
    """The share of running words that are cut, as metric `continued`; of distinct words that are whole, as `whole`."""
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


def identifier_figures(named: Named, groups: Sequence[Group], identifiers: WordList) -> Figures:
    """What identifiers of code cost."""
    lengths = identifiers.token_counts(named.tokenizer)
    per_identifier = {}
    for group in groups:
        chosen = [identifiers.occurrences[k] for k in group.cells]
        running = sum(int(counts.sum()) for _, counts in chosen)
        tokens = sum(int((lengths[places] * counts).sum()) for places, counts in chosen)
        per_identifier[group.name] = Figure(quotient(tokens, running), running)
    whole = word_figures(named, groups, identifiers, "", "whole_identifier_rate")["whole_identifier_rate"]
    return {"tokens_per_identifier": per_identifier, "whole_identifier_rate": whole}


def blend_figure(texts: Texts, amounts: Sequence[Amount], tallies: Sequence[Tally]) -> Figure:
    """Bytes per token by unit, weighted by shares of training tokens."""
    bytes_, tokens = dict.fromkeys(texts.weights, 0), dict.fromkeys(texts.weights, 0)
    for cell, amount, one in zip(texts.cells, amounts, tallies, strict=True):
        if (cell.domain, cell.unit) in bytes_:
            bytes_[cell.domain, cell.unit] += amount.bytes
            tokens[cell.domain, cell.unit] += one.tokens
    there = [unit for unit, count in tokens.items() if count and texts.weights[unit]]
    weighted = sum(texts.weights[unit] * bytes_[unit] / tokens[unit] for unit in there)
    return Figure(quotient(weighted, sum(texts.weights[unit] for unit in there)), len(there))
