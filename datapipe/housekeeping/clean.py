"""What of an output folder nobody needs any more, and its removal: `datapipe clean`.

Only files with the names that runs give theirs are looked at; everything else is not ours and stays. What the latest
run stands on is named by its manifests (`datapipe.housekeeping.manifests`); a pass without one keeps all that its
receipts name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from pyarrow import fs

from datapipe import storage
from datapipe.housekeeping.manifests import FOLDER as MANIFESTS
from datapipe.housekeeping.manifests import PassManifest, read_manifests
from datapipe.observing.event_log import read_records
from datapipe.observing.events import RunFinished
from datapipe.observing.run_log import RunSums, last_change
from datapipe.output import RunError, locked, owner, read_plan
from datapipe.receipts import read_receipt, receipt_path

SHARD = r"[^/]+-\d{6,}-\d{4,}\.parquet"
OURS = re.compile(
    rf"(documents|annotations|decisions|evidence)/[^/]+/{SHARD}|quarantine/([^/]+/)?{SHARD}|survivors/{SHARD}"
    r"|(shards|validation)/[^/]+/[^/]+/\d{6,}\.parquet|(exchange|indexes)/[^/]+/.+\.records"
)
"""Outputs, by the names that runs give them."""
RECORDS = re.compile(
    r"plan\.json|run\.json|(run|readers)\.lock|report\.html|card\.md|mixture\.json|events\.jsonl|events/[^/]+\.jsonl"
    r"|(receipts|verdicts)/.+\.json|passes/[^/]+\.json|indexes/[^/]+\.json"
)
"""What a run writes about itself."""
TOKENS = "tokens"
"""Folder whose folders are other commands' own: `tokenizer encode` has a lock and receipts in each."""
TEMPORARY = re.compile(rf"(.*/)?\.[^/]+{re.escape(storage.TEMPORARY)}")
AT_ONCE = 32
"""Requests side by side: an object store takes its time for each."""


@dataclass
class Category:
    """Files that can go for one reason."""

    name: str
    cost: str
    """What a later run has to do again without them."""
    files: list[str] = field(default_factory=list)
    """Relative to the folder."""
    bytes: int = 0

    def add(self, path: str, size: int) -> None:
        """Add a file."""
        self.files.append(path)
        self.bytes += size


@dataclass
class Leftovers:
    """What there is to clean in a folder."""

    folder: str
    categories: list[Category]
    foreign: list[str]
    """Files that no run has written: they stay."""
    tokens: dict[str, int]
    """Bytes in each folder of tokens, which stays as it is: nothing in it was looked at."""
    kept_bytes: int
    notes: list[str]
    """Why there may be more to clean later."""

    @property
    def bytes(self) -> int:
        """Of all that can go."""
        return sum(one.bytes for one in self.categories)


NOTHING = "nothing"


def find_leftovers(folder: str, intermediates: bool = False) -> Leftovers:
    """What can go from the folder of a run. `intermediates`: also what a finished run can make again.

    Raises RunError while a run is on, or where there is no run; OSError.
    """
    folder = folder.rstrip("/")
    holder = owner(folder)
    if holder:
        raise RunError(f"a run is writing {folder}: {holder}; wait for its end")
    sums, later = last_change(read_records(folder))
    has_plan = bool(read_plan(folder))
    if sums is None and not has_plan:
        raise RunError(f"{folder}: not the output folder of a run (`datapipe runs {folder}` lists those below it)")
    if not has_plan:
        raise RunError(f"{folder}: no plan.json: written by `tokenizer`, not `datapipe run`? Nothing there is cleaned")
    if sums is None:
        raise RunError(f"{folder}: no event log: run the recipe once more, then what is current is known")
    is_finished = isinstance(sums.end, RunFinished)
    if intermediates and not is_finished:
        raise RunError(f"{folder}: the latest run has not finished: it still needs its intermediates")
    inventory = dict(_inventory(folder))
    tokens = _taken_out(TOKENS, inventory)
    manifests = read_manifests(folder)
    kept = _Kept(folder, inventory, manifests, sums, later)
    categories = _sorted_out(inventory, kept)
    if intermediates:
        left = {path: size for path, size in inventory.items() if path in kept.files}
        categories += _intermediates(left, manifests, list(sums.begin.fingerprints))
    names = {path for one in categories for path in one.files}
    foreign = [path for path in inventory if not (OURS.fullmatch(path) or RECORDS.fullmatch(path) or path in names)]
    kept_bytes = sum(size for path, size in inventory.items() if path not in names)
    notes = [] if is_finished else ["the latest run has not finished: what it has not come to yet stays"]
    if later:
        notes.append("a later run failed before it changed anything: this goes by the one before")
    return Leftovers(folder, [one for one in categories if one.files], foreign, tokens, kept_bytes, notes)


def remove(leftovers: Leftovers) -> None:
    """Delete them, receipts first: a file that no receipt names is nothing, should this be interrupted."""
    folder = leftovers.folder
    with locked(folder):
        paths = [path for one in leftovers.categories for path in one.files]
        paths.sort(key=lambda path: not path.startswith(("receipts/", f"{MANIFESTS}/")))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in pool.map(storage.remove, (storage.join(folder, path) for path in paths)):
                pass
        if "://" not in folder:
            _remove_empty_folders(Path(folder), paths)


def _inventory(folder: str) -> Iterator[tuple[str, int]]:
    """Every file of the folder, relative, with its size."""
    filesystem, inner = storage.locate(folder)
    found = filesystem.get_file_info(fs.FileSelector(inner, recursive=True, allow_not_found=True))
    for one in sorted(found, key=lambda one: one.path):
        if one.type == fs.FileType.File and one.base_name:
            yield one.path[len(inner) + 1 :], one.size


def _taken_out(folder: str, inventory: dict[str, int]) -> dict[str, int]:
    """Bytes of the files of each folder below `folder`, which leave the inventory."""
    sizes: dict[str, int] = {}
    for path in [path for path in inventory if path.startswith(f"{folder}/")]:
        name = "/".join(path.split("/")[:2])
        sizes[name] = sizes.get(name, 0) + inventory.pop(path)
    return sizes


class _Kept:
    """What stays: the receipts that count, and the files they name."""

    def __init__(
        self,
        folder: str,
        inventory: Iterable[str],
        manifests: Mapping[str, PassManifest],
        sums: RunSums,
        later: frozenset[str],
    ) -> None:
        """`later`: runs that changed nothing, whose manifests name what they found."""
        is_finished = isinstance(sums.end, RunFinished)
        current = {name: one for name, one in manifests.items() if one.run == sums.run or one.run in later}
        self.gone = manifests.keys() - current.keys() - sums.passes.keys() if is_finished else set()
        """Passes that the latest run did without."""
        self.receipts = {receipt_path(name, shard) for name, one in current.items() for shard in one.shards}
        self.files = {path for one in current.values() for path in one.files}
        self.named_by: dict[str, str] = {}
        """Files of receipts that do not count, with the pass of the receipt."""
        others = [path for path in inventory if path.startswith("receipts/") and path not in self.receipts]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for path, files in zip(others, pool.map(lambda path: _files_of(folder, path), others), strict=True):
                name = path.split("/")[1]
                if name in current or name in self.gone:
                    self.named_by.update(dict.fromkeys(files, name))
                else:  # no manifest tells anything final about this pass
                    self.receipts.add(path)
                    self.files.update(files)


def _files_of(folder: str, path: str) -> list[str]:
    """What a receipt names."""
    _, name, shard = path.split("/", 2)
    receipt = read_receipt(folder, name, shard.removesuffix(".json"))
    return [output.path for output in receipt.outputs] if receipt else []


def _sorted_out(inventory: Mapping[str, int], kept: _Kept) -> list[Category]:
    temporary = Category("half-written files of killed processes", NOTHING)
    passes = Category("passes that the recipe has no more", "those passes, should they come back")
    shards = Category("shards of files or units that are gone", "those shards, should the files come back")
    unnamed = Category("outputs that no receipt names", NOTHING)
    for path, size in inventory.items():
        if TEMPORARY.fullmatch(path):
            temporary.add(path, size)
        elif path.startswith("receipts/") and RECORDS.fullmatch(path):
            if path not in kept.receipts:
                (passes if path.split("/")[1] in kept.gone else shards).add(path, size)
        elif path.startswith(f"{MANIFESTS}/"):
            if path.removeprefix(f"{MANIFESTS}/").removesuffix(".json") in kept.gone:
                passes.add(path, size)
        elif OURS.fullmatch(path) and path not in kept.files:
            name = kept.named_by.get(path)
            (unnamed if name is None else passes if name in kept.gone else shards).add(path, size)
    return [temporary, passes, shards, unnamed]


def _intermediates(
    inventory: Mapping[str, int], manifests: Mapping[str, PassManifest], order: list[str]
) -> list[Category]:
    """Of the files that count, what a finished run can do without. Their receipts stay: they hold the accounts."""
    writers = [name for name in order if name in manifests and manifests[name].stored_bytes["documents"]]
    earlier = {f"documents/{name}/": name for name in writers[:-1]}
    survivors = Category("survivors (ordered by unit, before packing)", "gather: the next run makes them anew")
    exchanges = Category("exchanges", "what finds duplicates and repeated passages")
    documents = Category(
        "documents of earlier generations",
        f"{', '.join(earlier.values())}: {'the sources are read again' if writers[:1] else NOTHING}",
    )
    for path, size in inventory.items():
        top = path.partition("/")[0]
        if top == "survivors":
            survivors.add(path, size)
        elif top == "exchange":
            exchanges.add(path, size)
        elif any(path.startswith(prefix) for prefix in earlier):
            documents.add(path, size)
    return [survivors, exchanges, documents]


def _remove_empty_folders(folder: Path, removed: Iterable[str]) -> None:
    """The folders that the removal has left empty, deepest first."""
    above = {parent for path in removed for parent in Path(path).parents} - {Path()}
    for one in sorted(above, key=lambda one: -len(one.parts)):
        if not any((folder / one).iterdir()):
            (folder / one).rmdir()
