"""The connected parts of all ties: by one task while a number per document fits into its memory, else by rounds."""

from collections.abc import Sequence
from dataclasses import dataclass

from datapipe import storage
from datapipe.dedup.near.labels import MOST_DOCUMENTS, Holders, LabelTask, label_documents
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Sizes
from datapipe.exchange_files import Slice
from datapipe.executors import Resources
from datapipe.fingerprints import digest
from datapipe.passes.partitions import Partition
from datapipe.relays import MapFile
from datapipe.running import Run, map_tasks


@dataclass(frozen=True)
class Ties:
    """All ties of a round, and the documents they are of."""

    files: Sequence[MapFile]
    count: int
    holders: Holders
    bounds: Sequence[int]
    """Lowest row key of every group of shards and, behind them, of earlier files."""


def find_labels(
    run: Run, name: str, fingerprint: str, ties: Ties, sizes: Sizes, resources: Resources
) -> list[Partition]:
    """The labels of every group (`datapipe.dedup.near.labels`), with the number of its labelled documents."""
    if ties.holders.documents > MOST_DOCUMENTS:
        raise NotImplementedError(f"more than {MOST_DOCUMENTS:,} documents, {ties.count:,} ties, {sizes}")
    made_of = digest([ties.holders, ties.bounds, [one.sha256 for one in ties.files]])
    key = TaskKey(run.folder, f"{name}.labels", "000000", fingerprint, made_of, run.verify)
    task = LabelTask(key, tuple(Slice(one.path, 0) for one in ties.files), ties.holders, tuple(ties.bounds))
    (receipt,) = map_tasks(run, key.pass_name, label_documents, [task], resources)
    return [
        Partition((Slice(storage.join(run.folder, one.path), 0),), one.sha256, labelled)
        for one, labelled in zip(receipt.outputs, receipt.figures["labelled"].values(), strict=True)
    ]
