"""What a finished round leaves for runs to come: an index of everything seen, and the page that names its files."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datapipe import storage
from datapipe.exchange_files import Slice
from datapipe.receipts import Receipt

VERSION = 1


@dataclass(frozen=True)
class EarlierRun:
    """The index of an earlier run."""

    folder: str
    digest: str
    """Of the page that names its files, and their sums."""
    sources: tuple[str, ...]
    """That the ranks of its ids stand for."""
    files: tuple[tuple[Slice, int], ...]
    """Each with the number of its records."""
    shingles: tuple[Slice | None, ...] = ()
    """Of near-duplicates: of every file the one of its shingles, if the run kept them."""

    @property
    def records(self) -> int:
        """Of all files."""
        return sum(records for _, records in self.files)


def index_path(round_name: str, shard: str) -> str:
    """Path of one file of an index in the output folder."""
    return f"indexes/{round_name}/{shard}.records"


def page_path(round_name: str) -> str:
    """Path of the page that names the files of an index."""
    return f"indexes/{round_name}.json"


def write_page(
    folder: str, round_name: str, settings: dict[str, Any], sources: Sequence[str], receipts: Sequence[Receipt]
) -> str:
    """Write the page of a finished round; its sha256."""
    files = [
        {"path": output.path, "bytes": output.bytes, "sha256": output.sha256, "records": receipt.rows_out}
        for receipt in receipts
        for output in receipt.outputs
        if output.path.startswith("indexes/")
    ]
    page = {"version": VERSION, "settings": settings, "sources": list(sources), "files": files}
    data = json.dumps(page, ensure_ascii=False, indent=1).encode()
    return storage.write_bytes(storage.join(folder, page_path(round_name)), data).sha256


def read_page(folder: str, round_name: str, sha256: str) -> dict[str, Any] | None:
    """The page, None when it is not the one with this sum: the run is being changed, or was not finished."""
    try:
        data = storage.read_bytes(storage.join(folder, page_path(round_name)))
    except FileNotFoundError:
        return None
    page: dict[str, Any] = json.loads(data)
    return page if hashlib.sha256(data).hexdigest() == sha256 and page["version"] == VERSION else None


def earlier_run(folder: str, page: dict[str, Any], sha256: str) -> EarlierRun:
    """The index that a page names."""
    files = tuple((Slice(storage.join(folder, one["path"]), 0), int(one["records"])) for one in page["files"])
    return EarlierRun(folder, sha256, tuple(page["sources"]), files)
