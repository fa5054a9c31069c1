"""Buckets and connected parts in plain Python, to compare with."""

from collections import defaultdict
from collections.abc import Iterable

Tie = tuple[int, int]
Pairs = Iterable[Tie]


def plain_ties(bands: Pairs, earlier: int) -> set[tuple[int, int]]:
    """Each document of a bucket tied to its least one, where that is below `earlier`."""
    buckets = defaultdict(set)
    for key, row in bands:
        buckets[key].add(row)
    return {(row, min(rows)) for rows in buckets.values() for row in rows if min(rows) < earlier and row != min(rows)}


def plain_labels(ties: Pairs) -> dict[int, tuple[int, int]]:
    """Of every number with a tie the least of its part, and how many they are."""
    parts: dict[int, set[int]] = {}
    for one, other in ties:
        joined = parts.get(one, {one}) | parts.get(other, {other})
        parts |= dict.fromkeys(joined, joined)
    return {number: (min(part), len(part)) for number, part in parts.items()}
