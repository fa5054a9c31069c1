"""A round of near-duplicates in plain Python: all in memory, dictionaries and sets, as the definitions read."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

Shingles = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Document:
    """What a round knows of a document that takes part."""

    id: str
    order: tuple[Any, ...]
    """Its place in the recipe's order: the best comes first."""
    shingles: Shingles
    signature: tuple[int, ...]
    scope: tuple[object, ...] = ()
    """Values of the columns that documents are compared within."""
    count: int = 1
    """Documents it stands for already."""
    is_earlier: bool = False
    """Of an earlier run: it comes before all others, and never falls."""

    @property
    def place(self) -> tuple[Any, ...]:
        """What documents are sorted by."""
        return (not self.is_earlier, *self.order)


@dataclass(frozen=True)
class Rules:
    """What a round compares by."""

    bands: int
    rows: int
    verify: float = 0.8
    containment: float | None = None
    bucket_limit: int = 16
    by_signature: bool = False


@dataclass(frozen=True)
class Evidence:
    """What was found of a pair: the worse document first."""

    id: str
    other_id: str
    bands: int
    estimated_jaccard: float
    jaccard: float | None
    containment: float | None
    reason: str

    @property
    def is_accepted(self) -> bool:
        """Whether one of them may fall."""
        return not self.reason.startswith(("too different", "contains one of an earlier run"))


def words_of(text: str) -> list[str]:
    """The words of a plain English text without digits, as they are compared."""
    return re.findall("[a-z]+", text.lower())


def shingles_of(text: str, ngram: int) -> Shingles:
    """All n-grams of words; of a shorter text the one it is itself, of a text without words none."""
    words = words_of(text)
    if len(words) < ngram:
        return frozenset([tuple(words)] if words else [])
    return frozenset(tuple(words[k : k + ngram]) for k in range(len(words) - ngram + 1))


def compare(worse: Document, better: Document, rules: Rules) -> Evidence:
    """One pair."""
    pairs = list(zip(worse.signature, better.signature, strict=True))
    bands = [pairs[k * rules.rows : (k + 1) * rules.rows] for k in range(rules.bands)]
    hit = sum(all(one == other for one, other in band) for band in bands)
    estimated = sum(one == other for one, other in pairs) / len(pairs)
    if rules.by_signature:
        reason = "alike by signature" if estimated >= rules.verify else "too different by signature"
        return Evidence(worse.id, better.id, hit, estimated, None, None, reason)
    shared = len(worse.shingles & better.shingles)
    jaccard = shared / len(worse.shingles | better.shingles)
    containment = shared / min(len(worse.shingles), len(better.shingles))
    reason = "too different"
    if jaccard >= rules.verify:
        reason = "alike"
    elif rules.containment is not None and containment >= rules.containment:
        is_shorter = len(worse.shingles) <= len(better.shingles)
        longer = "contains one of an earlier run, which stays" if better.is_earlier else "contains the other"
        reason = "contained in the other" if is_shorter else longer
    return Evidence(worse.id, better.id, hit, estimated, jaccard, containment, reason)


def candidates(documents: Iterable[Document], rules: Rules) -> set[tuple[Document, Document]]:
    """Which pairs are compared, the better document first."""
    buckets: dict[object, list[Document]] = defaultdict(list)
    for document in sorted(documents, key=lambda one: one.place):
        for band in range(rules.bands):
            values = document.signature[band * rules.rows : (band + 1) * rules.rows]
            buckets[document.scope, band, values].append(document)
    found: set[tuple[Document, Document]] = set()
    for members in buckets.values():
        every = len(members) <= rules.bucket_limit
        found.update(combinations(members, 2) if every else ((members[0], other) for other in members[1:]))
    return {(better, worse) for better, worse in found if not worse.is_earlier}


def evidence_of(documents: Iterable[Document], rules: Rules) -> list[Evidence]:
    """What is found of every pair that is compared."""
    return [compare(worse, better, rules) for better, worse in candidates(documents, rules)]


def decide(documents: Sequence[Document], evidence: Sequence[Evidence]) -> tuple[dict[str, str], Mapping[str, int]]:
    """For every document that falls the one in whose favour; and for how many each one stands that stays."""
    best_first = {one.id: one for one in sorted(documents, key=lambda one: one.place)}
    in_favour: dict[str, set[str]] = defaultdict(set)
    contained_in: dict[str, set[str]] = defaultdict(set)
    for one in evidence:
        if one.is_accepted and one.reason != "contains the other":
            in_favour[one.other_id].add(one.id)
        if one.is_accepted and one.reason != "contained in the other":
            in_favour[one.id].add(one.other_id)
        if one.reason == "contained in the other":
            contained_in[one.id].add(one.other_id)
        if one.reason == "contains the other":
            contained_in[one.other_id].add(one.id)
    fallen: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def visit(name: str) -> None:
        if name in sizes:
            return
        for larger in sorted(contained_in[name], key=lambda one: best_first[one].place):
            if name not in fallen:
                visit(larger)
        if name in fallen or name in sizes:
            return
        sizes[name] = best_first[name].count
        for other in sorted(in_favour[name]):
            if other not in fallen and other not in sizes and not best_first[other].is_earlier:
                fallen[other] = name
                sizes[name] += best_first[other].count

    for name in best_first:
        visit(name)
    return fallen, sizes
