"""What the rounds of duplicates found, arranged for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datapipe.passes.rounds import Round, rounds_of
from datapipe.recipe import Recipe
from datapipe.recipe_duplicates import Near


@dataclass(frozen=True)
class SizeClass:
    """Clusters of about one size: documents of theirs that stayed, and that left."""

    label: str
    kept: int
    dropped: int


@dataclass(frozen=True)
class OfSource:
    """Documents of a source before a round, and those that left in it."""

    name: str
    documents: int
    dropped: int


@dataclass(frozen=True)
class RoundFigures:
    """What a round compared and found."""

    round: Round
    documents: int
    """Kept before it."""
    compared: int
    """Of these, with something to compare."""
    dropped: int
    classes: tuple[SizeClass, ...]
    sources: tuple[OfSource, ...]
    largest: tuple[tuple[str, int], ...]
    """Survivors of the largest clusters, with their sizes."""
    pairs: Mapping[str, int]
    """Of near-duplicates: pairs that were compared, by what was found of them, the accepted ones first."""
    large_buckets: int
    """Of near-duplicates: groups with an equal band that were too large to compare all with all,"""
    divided: int
    """and documents connected to more than can be compared together."""

    @property
    def words(self) -> str:
        """What is compared, in a few words."""
        if self.round.near is not None:
            return ", ".join([near_words(self.round.near), *self._against])
        what = {"url": "addresses", "exact": "texts"}[self.round.key]
        how = {"white_space": "white space aside", "folded": "case, digits, punctuation and white space aside"}
        options = [how[self.round.normalize]] if self.round.normalize in how else []
        where = {"global": [], "source": ["within each source"], "language": ["within each language"]}[self.round.scope]
        return ", ".join([f"equal {what}", *options, *where, *self._against])

    @property
    def _against(self) -> list[str]:
        return [f"also with {', '.join(self.round.against)}"] if self.round.against else []


def round_figures(run: Mapping[str, Any], recipe: Recipe) -> Iterator[RoundFigures]:
    """The rounds of a finished run, in order."""
    for one in rounds_of(recipe):
        account = run["passes"][one.name]
        sizes: dict[str, Sequence[int]] = account["cluster_sizes"]
        yield RoundFigures(
            one,
            account["rows_in"],
            sum(kept + dropped for kept, dropped in sizes.values()),
            account["rows_in"] - account["rows_out"],
            tuple(_classes(sizes)),
            tuple(_sources(account)),
            tuple(run["passes"].get(survivors_phase(one), {}).get("largest_clusters", {}).items()),
            *_pairs(run, one),
        )


def survivors_phase(one: Round) -> str:
    """The phase of a round that decides who stays, and so knows the largest clusters."""
    return f"{one.name}.{'choosing' if one.near is not None else 'reduce'}"


def near_words(near: Near) -> str:
    """`nearly equal texts: Jaccard similarity of 5-grams of words at least 0.8, of pairs with ...`."""
    bands, rows = near.banding
    units = {"word": "words", "char": "characters"}[near.unit]
    contained = [f"or {near.containment:g} of the shorter contained"] if near.containment is not None else []
    what = "" if near.compare == "shingles" else " as signatures estimate it"
    scope = [f"within each {' and '.join(near.scope_columns)}"] if near.scope_columns else []
    return ", ".join([
        f"nearly equal texts: Jaccard similarity{what} of {near.ngram}-grams of {units} at least {near.verify:g}",
        *contained, f"of pairs with one of {bands} bands of {rows} {'value' if rows == 1 else 'values'} equal", *scope,
    ])  # fmt: skip


def _pairs(run: Mapping[str, Any], one: Round) -> tuple[dict[str, int], int, int]:
    """What was found of pairs, how many buckets were large, and how many documents in parts that were divided."""
    from datapipe.dedup.near.evidence import REASONS

    def figures(phase: str, name: str) -> Mapping[str, int]:
        of_phase: Mapping[str, Mapping[str, int]] = run["passes"].get(f"{one.name}.{phase}", {}).get("figures", {})
        return of_phase.get(name, {})

    found = figures("verifying", "pairs")
    divided = sum(figures(phase, "divided").get("documents", 0) for phase in ("profiles", "earlier_profiles"))
    return (
        {reason: found[reason] for reason in REASONS if found.get(reason)},
        figures("pairing", "pairs").get("large_buckets", 0),
        divided,
    )


def _classes(sizes: Mapping[str, Sequence[int]]) -> Iterator[SizeClass]:
    from datapipe.dedup.round_account import SIZE_CLASSES

    for low, behind in zip(SIZE_CLASSES, (*SIZE_CLASSES[1:], None), strict=True):
        if str(low) in sizes:
            label = _label(low, behind)
            yield SizeClass(label, *sizes[str(low)])


def _label(low: int, behind: int | None) -> str:
    if behind is None:
        return f"{low:,} or more"
    return f"{low}" if behind == low + 1 else f"{low} to {behind - 1}"


def _sources(account: Mapping[str, Any]) -> Iterator[OfSource]:
    names = dict.fromkeys(source for source, *_ in account["counts"])
    for name in names:
        own = [(reason, rows) for source, _, _, reason, rows, _ in account["counts"] if source == name]
        yield OfSource(name, sum(rows for _, rows in own), sum(rows for reason, rows in own if reason))
