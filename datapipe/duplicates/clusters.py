"""The largest clusters of a round of duplicates, as its decisions tell of them: who stayed and some of those that fell.

Decisions are read of some shards only, each once: a cluster that matters is large, so it shows in any of them.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from datapipe import storage
from datapipe.receipts import Receipt
from datapipe.shard_files import opened, read_here

MEMBERS = 3
"""Documents of a cluster that fell and are named."""
COLUMNS = ("id", "duplicate_of", "cluster_size")


@dataclass(frozen=True)
class Cluster:
    """Some documents of one cluster."""

    survivor: str
    size: int
    """All documents that the survivor stands for, itself among them."""
    fallen: tuple[str, ...]
    """The first ones that were met: at most MEMBERS."""


def largest_clusters(
    folder: str,
    receipts: Iterable[Receipt],
    count: int,
    of: Callable[[Receipt], pa.Array | None] = lambda _: None,
    survivors: Collection[str] | None = None,
) -> list[Cluster]:
    """At most `count` clusters, the largest first, of documents that fell in the shards of these receipts of a round.

    `of`: the ids of a shard that count (None: all); `survivors`: only their clusters. Raises OSError.
    """
    found: dict[str, Cluster] = {}
    for receipt in receipts:
        output = receipt.output("decisions")
        if output is None or receipt.rows_out == receipt.rows_in:
            continue
        with opened([storage.join(folder, output.path)]) as (file,):
            fell = read_here(file, COLUMNS)
        ids = of(receipt)
        if ids is not None:
            fell = fell.filter(pc.is_in(fell["id"], ids))
        if survivors is not None:
            fell = fell.filter(pc.is_in(fell["duplicate_of"], pa.array(list(survivors), pa.string())))
        for one in _largest(fell, count):
            known = found.get(one.survivor, Cluster(one.survivor, one.size, ()))
            found[one.survivor] = Cluster(one.survivor, one.size, (*known.fallen, *one.fallen)[:MEMBERS])
        found = {one.survivor: one for one in _ordered(found.values())[:count]}
    return list(found.values())


def _largest(fell: pa.Table, count: int) -> list[Cluster]:
    sizes = fell.group_by("duplicate_of", use_threads=False).aggregate([("cluster_size", "max")])
    order = [("cluster_size_max", "descending"), ("duplicate_of", "ascending")]
    rows = sizes.sort_by(order).slice(0, count).to_pylist()
    return [Cluster(row["duplicate_of"], row["cluster_size_max"], _first_of(fell, row["duplicate_of"])) for row in rows]


def _first_of(fell: pa.Table, survivor: str) -> tuple[str, ...]:
    return tuple(fell.filter(pc.equal(fell["duplicate_of"], survivor))["id"].slice(0, MEMBERS).to_pylist())


def _ordered(clusters: Iterable[Cluster]) -> list[Cluster]:
    return sorted(clusters, key=lambda one: (-one.size, one.survivor))
