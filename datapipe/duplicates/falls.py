"""Why a document fell in a round of duplicates: what stayed instead, and what was found when the two were compared."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow.compute as pc

from datapipe import storage
from datapipe.locating import Library, row_of
from datapipe.passes.rounds import Round
from datapipe.receipts import read_receipt
from datapipe.shard_files import Upstream, open_aligned, opened, read_here

SAME = {"url": "address", "exact": "text"}
"""By key of a round: what the documents of a cluster have in common."""


@dataclass(frozen=True)
class Pair:
    """Two documents that were compared. `id` is the worse one in the recipe's order."""

    id: str
    other_id: str
    bands: int
    """Equal ones."""
    estimated_jaccard: float
    jaccard: float | None
    containment: float | None
    is_accepted: bool
    reason: str

    def __str__(self) -> str:
        """`alike: Jaccard similarity 0.912 (estimated 0.893), containment 0.954, 11 bands equal`."""
        found = [f"estimated {self.estimated_jaccard:.3f}"]
        if self.jaccard is not None:
            found = [f"{self.jaccard:.3f} (estimated {self.estimated_jaccard:.3f})"]
        found += [f"containment {self.containment:.3f}"] if self.containment is not None else []
        bands = "1 band" if self.bands == 1 else f"{self.bands} bands"
        return f"{self.reason}: Jaccard similarity {', '.join(found)}, {bands} equal"


@dataclass(frozen=True)
class Fall:
    """What took a document."""

    round: Round
    identifier: str
    survivor: str
    size: int
    """Documents that the survivor stands for."""
    pairs: tuple[Pair, ...] = field(default=(), compare=False)
    """It with the survivor: of near-duplicates."""

    @property
    def words(self) -> str:
        """`duplicates.exact: SURVIVOR stayed, of 3 with the same text`."""
        if self.round.key in SAME:
            return f"{self.round.name}: {self.survivor} stayed, of {self.size:,} with the same {SAME[self.round.key]}"
        return f"{self.round.name}: {self.survivor} stayed and stands for {self.size:,} documents"

    def __str__(self) -> str:
        """The same with what was found of the pair."""
        return "; ".join([self.words, *map(str, self.pairs)])


def find_fall(library: Library, one: Round, shard: str, identifier: str) -> Fall | None:
    """Why a document of a shard fell in a round; None where it did not."""
    receipt = read_receipt(library.folder, one.name, shard)
    row = row_of(library.folder, receipt, "decisions", identifier) if receipt else None
    if row is None:
        return None
    survivor = row["duplicate_of"]
    pairs = [pair for pair in pairs_of(library, one, shard, identifier) if pair.other_id == survivor]
    if not pairs and one.near is not None:  # it fell as the better one, being contained in the other
        pairs = [
            pair
            for home in library.shards_of(survivor)
            for pair in pairs_of(library, one, home, survivor)
            if pair.other_id == identifier
        ]
    return Fall(one, identifier, survivor, row["cluster_size"], tuple(pairs[:1]))


def pairs_of(library: Library, one: Round, shard: str, identifier: str) -> Iterator[Pair]:
    """What was found of a document of a shard and each better one that it was compared with."""
    receipt = read_receipt(library.folder, one.name, shard)
    output = receipt.output("evidence") if receipt else None
    if output is not None:
        with opened([storage.join(library.folder, output.path)]) as (file,):
            table = read_here(file)
        rows: list[dict[str, Any]] = table.filter(pc.equal(table["id"], identifier)).to_pylist()
        yield from (Pair(**row) for row in rows)


def home_of_survivor(library: Library, one: Round, survivor: str, size: int) -> str | None:
    """The shard of a document that stayed in a round for so many; None where it is of an earlier run.

    An earlier run may have given the same id to another document, of a file that has changed since: the one of this run
    does not stand for as many.
    """
    found = library.find(survivor)
    if found is None or (one.against and stands_for(library, one, found[0], survivor) != size):
        return None
    return found[0]


def stands_for(library: Library, one: Round, shard: str, identifier: str) -> int | None:
    """How many documents one of a shard that stayed in a round stands for; None where it was not compared."""
    upstream = (
        Upstream("documents", library.home, ("id",)),
        Upstream("annotations", one.name, (one.size_column,)),
    )
    for batch in open_aligned(library.folder, shard, upstream):
        row = pc.index(batch["id"], identifier).as_py()
        if row >= 0:
            size: int | None = batch[one.size_column][row].as_py()
            return size
    return None
