"""What the rounds of duplicates found, arranged for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datapipe.passes.rounds import Round, rounds_of
from datapipe.recipe import Recipe


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

    @property
    def words(self) -> str:
        """What is compared, in a few words."""
        what = {"url": "addresses", "exact": "texts"}[self.round.key]
        how = {"white_space": "white space aside", "folded": "case, digits, punctuation and white space aside"}
        options = [how[self.round.normalize]] if self.round.normalize in how else []
        where = {"global": [], "source": ["within each source"], "language": ["within each language"]}[self.round.scope]
        against = [f"also with {', '.join(self.round.against)}"] if self.round.against else []
        return ", ".join([f"equal {what}", *options, *where, *against])


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
            tuple(run["passes"][f"{one.name}.reduce"]["largest_clusters"].items()),
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
