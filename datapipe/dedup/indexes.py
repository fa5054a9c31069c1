"""What a finished round leaves for runs to come: an index of everything seen, and the page that names its files."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
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


def shingles_folder(round_name: str) -> str:
    """Name of the folder with the shingles of an index, where a round keeps them: by file of the index itself."""
    return f"{round_name}.shingles"


def write_page(
    folder: str, round_name: str, settings: dict[str, Any], sources: Sequence[str], receipts: Sequence[Receipt]
) -> str:
    """Write the page of a finished round; its sha256.

    A receipt names the files of the index, and beside each, where the round keeps them, that of its shingles; if there
    are several, `figures["index"]` tells the records of each.
    """
    files = [entry for receipt in receipts for entry in _entries(round_name, receipt)]
    page = {"version": VERSION, "settings": settings, "sources": list(sources), "files": files}
    data = json.dumps(page, ensure_ascii=False, indent=1).encode()
    return storage.write_bytes(storage.join(folder, page_path(round_name)), data).sha256


def _entries(round_name: str, receipt: Receipt) -> list[dict[str, Any]]:
    """What the page says of every file that a receipt names."""
    told = {one.path: {"path": one.path, "bytes": one.bytes, "sha256": one.sha256} for one in receipt.outputs}
    records = receipt.figures.get("index", {})
    entries: list[dict[str, Any]] = []
    for path, entry in told.items():
        shard = PurePath(path).stem
        if path == index_path(round_name, shard):
            beside = told.get(index_path(shingles_folder(round_name), shard))
            more = {} if beside is None else {"shingles": beside}
            entries.append({**entry, "records": records.get(path, receipt.rows_out), **more})
    return entries


def read_page(folder: str, round_name: str, sha256: str) -> dict[str, Any] | None:
    """The page, None when it is not the one with this sum: damaged, or the run is being changed or was not finished."""
    try:
        data = storage.read_bytes(storage.join(folder, page_path(round_name)))
    except FileNotFoundError:
        return None
    if hashlib.sha256(data).hexdigest() != sha256:
        return None
    page: dict[str, Any] = json.loads(data)
    return page if page["version"] == VERSION else None


def earlier_run(folder: str, page: dict[str, Any], sha256: str) -> EarlierRun:
    """The index that a page names."""
    files = tuple((_slice(folder, one), int(one["records"])) for one in page["files"])
    shingles = tuple(_slice(folder, one["shingles"]) if "shingles" in one else None for one in page["files"])
    return EarlierRun(folder, sha256, tuple(page["sources"]), files, shingles)


def _slice(folder: str, entry: dict[str, Any]) -> Slice:
    return Slice(storage.join(folder, entry["path"]), 0)
