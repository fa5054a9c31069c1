"""The runs below a folder: `datapipe runs`. A folder with a `plan.json` is a run; nobody looks into it any further."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyarrow import fs

from datapipe import storage
from datapipe.housekeeping.manifests import read_manifests
from datapipe.observing.event_log import last_record
from datapipe.observing.status import State, state_of
from datapipe.output import owner

MAX_DEPTH = 4
"""Folders below the one asked for; runs lie at the top of a tree, and what lies deeper is somebody's data."""


@dataclass(frozen=True)
class FoundRun:
    """A run's folder, and what it says of itself."""

    folder: str
    recipe: str
    state: State | None
    """None without an event log."""
    owner: str
    """Who writes it now, "" for nobody."""
    started: str
    """UTC; "" where unknown."""
    documents: int | None
    """Kept by the last finished run, without those held out; None when none has finished."""
    stored_bytes: int
    """Of the outputs of the passes that have ended."""
    sample: float | None
    max_shards: int | None


def find_runs(folder: str) -> Iterator[FoundRun]:
    """The runs at or below a folder, in order of their paths. Raises OSError when storage fails."""
    for path in _folders(folder.rstrip("/"), MAX_DEPTH):
        yield _look(path)


def _folders(folder: str, depth: int) -> Iterator[str]:
    filesystem, inner = storage.locate(folder)
    found = filesystem.get_file_info(fs.FileSelector(inner, allow_not_found=True))
    if any(one.base_name == "plan.json" and one.type == fs.FileType.File for one in found):
        yield folder
    elif depth:
        for one in sorted(found, key=lambda one: one.base_name):
            if one.type == fs.FileType.Directory and not one.base_name.startswith("."):
                yield from _folders(storage.join(folder, one.base_name), depth - 1)


def _look(folder: str) -> FoundRun:
    plan, done = _read(folder, "plan.json"), _read(folder, "run.json")
    last = last_record(folder)
    holder = owner(folder)
    state = None if last is None else state_of(last.event, holder)
    kept = done.get("kept", {}).values()
    return FoundRun(
        folder,
        str(plan.get("name", "")),
        state,
        holder or "",
        f"{last.run[:4]}-{last.run[4:6]}-{last.run[6:8]} {last.run[9:11]}:{last.run[11:13]}" if last else "",
        sum(int(unit["documents"]) for units in kept for unit in units.values()) if done else None,
        sum(one.stored_bytes.total() for one in read_manifests(folder).values()),
        plan.get("sample"),
        plan.get("max_shards"),
    )


def _read(folder: str, name: str) -> dict[str, Any]:
    """A JSON file of the folder, {} where there is none or it is damaged."""
    try:
        return dict(json.loads(storage.read_bytes(storage.join(folder, name))))
    except (FileNotFoundError, ValueError, TypeError):
        return {}
