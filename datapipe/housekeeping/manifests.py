"""What each pass of the latest run is made of: `passes/{pass}.json`, written when the pass ends.

Receipts say what is done; a manifest says which of them still count. Whatever no manifest of the latest run names has
been left behind by an earlier one.
"""

import json
from collections import Counter
from dataclasses import dataclass, field

from pydantic_core import to_json

from datapipe import storage
from datapipe.receipts import Receipt

FOLDER = "passes"


@dataclass
class PassManifest:
    """The receipts and files of one pass, as one run has made or found them."""

    run: str
    """Id of the run, as in the event log."""
    name: str
    shards: list[str] = field(default_factory=list)
    """Names of the receipts."""
    files: list[str] = field(default_factory=list)
    """Their outputs, relative to the output folder."""
    stored_bytes: Counter[str] = field(default_factory=Counter)
    """Of the files, by the folder at the top."""
    bytes_read: int = 0
    """Of the sources, as stored."""

    def add(self, receipt: Receipt) -> None:
        """Add a shard."""
        self.shards.append(receipt.shard)
        self.bytes_read += receipt.bytes_read
        for output in receipt.outputs:
            self.files.append(output.path)
            self.stored_bytes[output.path.partition("/")[0]] += output.bytes


def write_manifest(folder: str, manifest: PassManifest) -> None:
    """Write it, whole."""
    # Bytes at once: of a hundred thousand shards a text and its encoded copy would take tens of MB.
    storage.write_bytes(storage.join(folder, FOLDER, f"{manifest.name}.json"), to_json(vars(manifest)))


def read_manifest(folder: str, name: str) -> PassManifest | None:
    """The manifest of a pass, None when there is none or it is damaged. Raises OSError."""
    try:
        data = json.loads(storage.read_bytes(storage.join(folder, FOLDER, f"{name}.json")))
        return PassManifest(**{**data, "stored_bytes": Counter(data["stored_bytes"])})
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None


def read_manifests(folder: str) -> dict[str, PassManifest]:
    """All manifests of an output folder by pass. Raises OSError."""
    names = [path.rpartition("/")[2].removesuffix(".json") for path in storage.files_below(f"{folder}/{FOLDER}")]
    return {name: manifest for name in names if (manifest := read_manifest(folder, name))}
