"""The connected parts of all ties: by one task while a number per document fits into its memory, else by rounds."""

from collections.abc import Sequence
from dataclasses import dataclass

from datapipe import storage
from datapipe.dedup.near.labels import MOST_DOCUMENTS, Holders, LabelTask, label_documents
from datapipe.exchange_files import Slice
from datapipe.passes.near_exchange import NearExchange
from datapipe.passes.partitions import Partition
from datapipe.relays import MapFile


@dataclass(frozen=True)
class Ties:
    """All ties of a round, and the documents they are of."""

    files: Sequence[MapFile]
    count: int
    holders: Holders
    bounds: Sequence[int]
    """Lowest row key of every group of shards and, behind them, of earlier files."""


def find_labels(exchange: NearExchange, fingerprint: str, ties: Ties) -> list[Partition]:
    """The labels of every group (`datapipe.dedup.near.labels`), with the number of its labelled documents."""
    if ties.holders.documents > MOST_DOCUMENTS:
        raise NotImplementedError(f"more than {MOST_DOCUMENTS:,} documents, {ties.count:,} ties")
    key = exchange.key("labels", 0, fingerprint, [ties.holders, ties.bounds, [one.sha256 for one in ties.files]])
    task = LabelTask(key, tuple(Slice(one.path, 0) for one in ties.files), ties.holders, tuple(ties.bounds))
    (receipt,) = exchange.map("labels", label_documents, [task])
    return [
        Partition((Slice(storage.join(exchange.run.folder, one.path), 0),), one.sha256, labelled)
        for one, labelled in zip(receipt.outputs, receipt.figures["labelled"].values(), strict=True)
    ]
