"""The alarm: a source or language that loses more of its documents than the recipe allows stops the run."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from datapipe.accounts import PassAccount, slim, source_of
from datapipe.duplicates.clusters import Cluster, largest_clusters
from datapipe.duplicates.comparisons import text_of_survivor
from datapipe.loading.columns import columns_before
from datapipe.locating import Library
from datapipe.observing.removal_table import print_removals
from datapipe.observing.voice import Voice
from datapipe.output import RunError
from datapipe.passes.planning import upstream_of
from datapipe.passes.rounds import Round
from datapipe.receipts import Receipt
from datapipe.recipe_duplicates import Near
from datapipe.report.findings import LARGE_DOCUMENTS
from datapipe.running import Run
from datapipe.shard_files import open_aligned

ALARM_DOCUMENTS = 1_000
"""Of smaller sources and languages a large share may be a handful of copies."""
MAX_SHARDS = 50
"""That are looked into for the clusters of a source or language, those first that lose the most of it."""
MAX_TABLES = 5
CLUSTERS = 5
"""In a table."""


@dataclass(frozen=True)
class Loss:
    """What a source or a language loses in a round."""

    kind: Literal["source", "language"]
    name: str
    documents: int
    """Before it."""
    fallen: int

    @property
    def fraction(self) -> float:
        """Of its documents, those that fall."""
        return self.fallen / self.documents

    def __str__(self) -> str:
        """`source 'web' loses 1,200 of 2,000 documents (60.0 %)`."""
        counts = f"{self.fallen:,} of {self.documents:,} documents ({self.fraction:.1%})"
        return f"{self.kind} {self.name!r} loses {counts}"


class FallenShards:
    """Of every source and language the shards that lose the most of it: a few receipts of however many."""

    def __init__(self) -> None:
        """None so far."""
        self._of: dict[tuple[str, str], list[tuple[int, str, Receipt]]] = {}

    def add(self, receipt: Receipt) -> None:
        """Note what has fallen in a shard."""
        lean = slim(receipt)
        by_language: Counter[str] = Counter()
        for count in receipt.counts:
            by_language[count.language] += count.rows if count.reason else 0
        losses = [("source", source_of(receipt.shard), by_language.total())]
        losses += [("language", name, rows) for name, rows in by_language.items()]
        for kind, name, rows in losses:
            if rows and name:
                known = self._of.setdefault((kind, name), [])
                known.append((-rows, receipt.shard, lean))
                known.sort(key=lambda one: one[:2])
                del known[MAX_SHARDS:]

    def of(self, loss: Loss) -> list[Receipt]:
        """The receipts, without their accounts, of at most MAX_SHARDS shards, the greatest loss first."""
        return [receipt for _, _, receipt in self._of.get((loss.kind, loss.name), [])]


def check_removals(run: Run, one: Round, shards: FallenShards) -> None:
    """Raise RunError, after a table of the largest clusters with samples of their texts, where too much has gone.

    Say it loudly where a large corpus gave no pair at all.
    """
    assert one.near is not None, "a round of near-duplicates"
    say = Voice(run.console, run.log)
    account = run.accounts[one.name]
    compared = run.accounts.get(f"{one.name}.pairing", PassAccount()).figures
    if not compared.get("pairs", Counter())["pairs"] and account.rows_in >= LARGE_DOCUMENTS:
        say(
            f"WARNING: {one.name} found no two of {account.rows_in:,} documents to compare: not one band of their "
            "signatures is equal. Nothing was removed; look at bands, rows, ngram and scope"
        )
    too_much = list(excessive(account, one.near))
    known = [loss for loss in too_much if loss.name in one.near.acknowledged]
    for loss in known:
        say(f"{one.name}: {loss}, which the recipe acknowledges")
    stopping = [loss for loss in too_much if loss not in known]
    for loss in stopping[:MAX_TABLES]:
        _show(run, one, loss, shards)
    if stopping:
        names = [*one.near.acknowledged, *(loss.name for loss in stopping)]
        raise RunError(
            f"{one.name}: {'; '.join(map(str, stopping))}: more than max_removed_fraction "
            f"{one.near.max_removed_fraction:g}. If its largest clusters, shown above and by `datapipe duplicates`, "
            f"are right, write acknowledged: [{', '.join(dict.fromkeys(names))}] and run again"
        )


def excessive(account: PassAccount, near: Near) -> Iterator[Loss]:
    """Sources, then languages, that lose more than the recipe allows, the greatest share first."""
    for kind, place in (("source", 0), ("language", 1)):
        before: dict[str, int] = {}
        fallen: dict[str, int] = {}
        for key, rows in account.rows.items():
            before[key[place]] = before.get(key[place], 0) + rows
            fallen[key[place]] = fallen.get(key[place], 0) + (rows if key[3] else 0)
        losses = [Loss(kind, name, before[name], fallen[name]) for name in before if name]  # type: ignore[arg-type]
        for loss in sorted(losses, key=lambda one: (-one.fraction, one.name)):
            if loss.documents >= ALARM_DOCUMENTS and loss.fraction > near.max_removed_fraction:
                yield loss


def _show(run: Run, one: Round, loss: Loss, shards: FallenShards) -> None:
    library = Library(run.folder, run.recipe)
    clusters = find_clusters(run, loss, shards)
    texts = library.texts(name for cluster in clusters for name in cluster.fallen[:1])
    stayed = {cluster.survivor: text_of_survivor(library, one, cluster.survivor, cluster.size) for cluster in clusters}
    print_removals(run.console, str(loss), clusters, stayed | texts)


def find_clusters(run: Run, loss: Loss, shards: FallenShards) -> list[Cluster]:
    """The largest clusters that took documents of this source or language, from the shards that lose the most of it."""
    return largest_clusters(run.folder, shards.of(loss), CLUSTERS, _members(run, loss))


def _members(run: Run, loss: Loss) -> Callable[[Receipt], pa.Array | None]:
    """What tells the ids of a shard that count: all those of its source, or those in the language."""
    columns = upstream_of(columns_before(run.recipe, len(run.recipe.passes)), {"id", "language"})

    def of(receipt: Receipt) -> pa.Array | None:
        if loss.kind == "source":
            return None
        batches = open_aligned(run.folder, receipt.shard, columns)
        found = [batch["id"].filter(pc.equal(batch["language"], loss.name)) for batch in batches]
        return pa.concat_arrays(found) if found else pa.array([], pa.string())

    return of
