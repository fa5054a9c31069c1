"""What a vocabulary is worth: to English, and to the language that is worst off."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from datapipe.output import RunError
from tokenizer.evaluation.parallel_text import REFERENCE, ParallelText, read_parallel
from tokenizer.evaluation.sentence_piece import SentencePiece
from tokenizer.evaluation.texts import Cell, of_run


@dataclass(frozen=True)
class Texts:
    """What is measured on."""

    data: str
    """Folder of the run whose validation documents in English are,"""
    max_bytes: int
    """so much of them per unit; the English of the parallel text where there are none."""
    parallel: tuple[str, ...]
    """Files of parallel text."""
    languages: tuple[str, ...]
    """Of it, compared with English."""


@dataclass(frozen=True)
class Measured:
    """What a vocabulary of some weights is worth."""

    english: float
    """Bytes per token of English."""
    parities: Mapping[str, float]
    """Tokens of each language over those of English, for the same content."""
    documents: int
    """In English, that were measured."""

    @property
    def worst(self) -> str:
        """The language with the highest parity."""
        return max(self.parities, key=lambda language: (self.parities[language], language))


def measure(model: bytes, name: str, texts: Texts) -> Measured:
    """Encode `texts` with the SentencePiece `model`, called `name` in messages."""
    tokenizer = SentencePiece(model, name)
    parallel = read_parallel(texts.parallel)
    cells = [cell.texts for cell in of_run(texts.data, texts.max_bytes).cells if _is_english(cell)]
    english = pa.concat_arrays(cells or [_array(parallel.texts[REFERENCE].values())])
    size, tokens = pc.sum(pc.binary_length(english)).as_py(), len(tokenizer.encode(english).ids)
    if not tokens:
        raise RunError(f"{texts.data}: the validation documents in English are empty")
    parities = _parities(tokenizer, parallel, texts.languages)
    return Measured(size / tokens, parities, len(english))


def _is_english(cell: Cell) -> bool:
    return cell.language == REFERENCE and not cell.is_code and len(cell.texts) > 0


def _parities(tokenizer: SentencePiece, parallel: ParallelText, languages: Iterable[str]) -> dict[str, float]:
    """Over the keys that a language and English share; languages that share none are left out.

    Of a language in several scripts (`sr-Cyrl`, `sr-Latn`) the one with the lowest parity: the data may have one only.
    """
    reference = _counts(tokenizer, parallel.texts[REFERENCE])
    found: dict[str, float] = {}
    for name in languages:
        texts = {key: text for key, text in parallel.texts[name].items() if key in reference}
        whole = sum(reference[key] for key in texts)
        if whole:
            parity = sum(_counts(tokenizer, texts).values()) / whole
            found[language_of(name)] = min(parity, found.get(language_of(name), parity))
    return found


def language_of(name: str) -> str:
    """`sr` of `sr-Cyrl`, as parallel text has it."""
    return name.partition("-")[0]


def _counts(tokenizer: SentencePiece, texts: Mapping[str, str]) -> dict[str, int]:
    return dict(zip(texts, tokenizer.encode(_array(texts.values())).counts.tolist(), strict=True))


def _array(texts: Iterable[str]) -> pa.Array:
    return pa.array(list(texts), pa.large_string())
