"""Near-duplicates that are known: passages of real texts in five scripts, and copies with some units replaced."""

import gzip
import html
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from fastwarc.warc import ArchiveIterator

from tests.plain_text import category, words_of

DATA = Path(__file__).parents[3] / "recipes/tiny/data"
RATES = (0.01, 0.02, 0.03, 0.04, 0.05, 0.07)
"""Of units replaced: of word 5-grams they leave Jaccard similarities from 0.9 to 0.5, where bands tell apart."""
COPIES = 4
"""Of each original, per rate."""
ORIGINALS = 13
"""Of each kind."""
PASSAGE = 100
"""Units of an original."""
NGRAM = 5


class Passage(NamedTuple):
    kind: str
    original: int
    """Its number."""
    is_copy: bool
    text: str


def truth_set(seed: int = 0) -> list[Passage]:
    """Every original, followed by its copies."""
    chosen = random.Random(seed)
    found = []
    for number, (kind, units) in enumerate(_originals()):
        found.append(Passage(kind, number, False, _joined(kind, units)))
        for rate in RATES * COPIES:
            edited = [chosen.choice(units) if chosen.random() < rate else unit for unit in units]
            found.append(Passage(kind, number, True, _joined(kind, edited)))
    return found


def jaccard(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> float:
    """Exact Jaccard similarity."""
    return len(one & other) / len(one | other)


def shingles_of(text: str) -> set[tuple[str, ...]]:
    """The 5-grams of words: small letters, digits as 0, punctuation as a space; of fewer words all of them as one."""
    folded = "".join(" " if category(one)[0] == "P" else "0" if category(one) == "Nd" else one for one in text.lower())
    words = words_of(folded)
    return {tuple(words[k : k + NGRAM]) for k in range(max(1, len(words) - NGRAM + 1))} if words else set()


def _joined(kind: str, units: Sequence[str]) -> str:
    return ("" if kind == "Chinese" else " ").join(units)


def _originals() -> Iterator[tuple[str, list[str]]]:
    texts = {
        "English": " ".join(speeches()[:ORIGINALS]),
        "Arabic": declaration("arb"),
        "Hindi": declaration("hin"),
        "Chinese": declaration("cmn_hans"),
        "code": "\n".join(path.read_text() for path in sorted((DATA / "code/pygments").rglob("*.py"))),
    }
    for kind, text in texts.items():
        units = re.findall(r"\w", text) if kind == "Chinese" else text.split()
        stride = len(units) // ORIGINALS
        assert stride >= PASSAGE, f"{kind}: {len(units)} units"
        for start in range(0, ORIGINALS * stride, stride):
            yield kind, units[start : start + PASSAGE]


def speeches() -> list[str]:
    """English of many years."""
    with gzip.open(DATA / "prose/speeches.jsonl.gz") as file:
        return [json.loads(line)["speech"] for line in file]


def declaration(language: str) -> str:
    """The Universal Declaration of Human Rights."""
    with (DATA / "web/declarations.warc.zst").open("rb") as file:
        for record in ArchiveIterator(file):
            if (record.headers.get("WARC-Target-URI") or "").endswith(f"/udhr_{language}.html"):
                page = record.reader.read().decode()
                return html.unescape(re.sub("<[^>]*>", " ", page[page.find("<body") :]))
    raise AssertionError(f"no declaration in {language}")
