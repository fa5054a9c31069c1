"""How many tokens languages take for the same content."""

import statistics

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tokenizer.evaluation.arithmetic import gini, quotient
from tokenizer.evaluation.counting import ALL
from tokenizer.evaluation.metrics import Figure, Figures
from tokenizer.evaluation.parallel_text import REFERENCE, ParallelText
from tokenizer.evaluation.tokenizers import Kind, Named


def parallel_figures(named: Named, parallel: ParallelText) -> tuple[Figures, npt.NDArray[np.int64]]:
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
