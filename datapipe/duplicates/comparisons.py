"""The largest clusters of a round with texts of theirs side by side: for the terminal and the report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from datapipe.duplicates.clusters import Cluster, largest_clusters
from datapipe.duplicates.differences import Piece, differences, shortened
from datapipe.duplicates.falls import Fall, Pair, find_fall, home_of_survivor
from datapipe.locating import Library
from datapipe.passes.rounds import Round
from datapipe.receipts import Receipt, read_receipt


@dataclass(frozen=True)
class Comparison:
    """A document that fell beside the one that stayed."""

    stayed: str
    fell: str
    pairs: tuple[Pair, ...]
    """What was found when the two were compared: of near-duplicates."""
    pieces: tuple[Piece, ...]
    """Of their texts; none where the text of the one that stayed is in an earlier run."""


@dataclass(frozen=True)
class ClusterTexts:
    """A cluster, and some that fell beside the one that stayed."""

    cluster: Cluster
    comparisons: tuple[Comparison, ...]


def compare_clusters(
    library: Library, one: Round, largest: dict[str, int], shards: Sequence[str], fallen: int
) -> list[ClusterTexts]:
    """The clusters of these survivors, sizes given, each with at most so many that fell, as found in some shards.

    The shards of the survivors are looked into besides: copies lie beside each other. Raises OSError.
    """
    homes = [shard for survivor in largest for shard in _home(library, survivor)]
    receipts = _receipts(library, one, dict.fromkeys([*homes, *shards]))
    found = largest_clusters(library.folder, receipts, len(largest), survivors=largest.keys())
    members = {cluster.survivor: cluster.fallen for cluster in found}
    clusters = [Cluster(survivor, size, members.get(survivor, ())) for survivor, size in largest.items()]
    return [_with_texts(library, one, cluster, fallen) for cluster in clusters]


def _receipts(library: Library, one: Round, shards: dict[str, None]) -> Iterator[Receipt]:
    for shard in shards:
        receipt = read_receipt(library.folder, one.name, shard)
        if receipt is not None:
            yield receipt


def _with_texts(library: Library, one: Round, cluster: Cluster, fallen: int) -> ClusterTexts:
    falls = [find_fall(library, one, shard, name) for name in cluster.fallen[:fallen] for shard in _home(library, name)]
    return ClusterTexts(cluster, tuple(compare(library, fall) for fall in falls if fall is not None))


def _home(library: Library, identifier: str) -> list[str]:
    found = library.find(identifier)
    return [] if found is None else [found[0]]


def compare(library: Library, fall: Fall) -> Comparison:
    """A document that fell beside the one that stayed."""
    stayed = text_of_survivor(library, fall.round, fall.survivor, fall.size)
    fell = library.texts([fall.identifier]).get(fall.identifier)
    pieces = shortened(differences(stayed, fell)) if stayed is not None and fell is not None else []
    return Comparison(fall.survivor, fall.identifier, fall.pairs, tuple(pieces))


def text_of_survivor(library: Library, one: Round, survivor: str, size: int) -> str | None:
    """The text of a document that stayed for so many; None where it is of an earlier run."""
    if home_of_survivor(library, one, survivor, size) is None:
        return None
    return library.texts([survivor])[survivor]
