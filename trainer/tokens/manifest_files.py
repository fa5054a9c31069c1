"""The files that a manifest of tokens names, and whether they are still those that it tells of."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from datapipe import storage
from datapipe.output import RunError
from tokenizer.encoding.manifest import FILE, Manifest, read_manifest
from tokenizer.encoding.plan import MODEL

AT_ONCE = 8
"""Files that are read side by side."""


@dataclass(frozen=True)
class ManifestFile:
    """A file of the folder of tokens."""

    path: str
    sha256: str
    bytes: int | None
    """None where the manifest does not tell."""


def files_of(manifest: Manifest, folder: str) -> Iterator[ManifestFile]:
    """All of them. Raises RunError for a path that leads out of the folder."""
    itemsize = {"uint16": 2, "int32": 4}[manifest.dtype]
    yield ManifestFile(MODEL, manifest.model_sha256, None)
    for split in (manifest.units, manifest.validation):
        for shard in (shard for domain in split.values() for unit in domain.values() for shard in unit.shards):
            if ".." in PurePosixPath(shard.path).parts or shard.path.startswith("/"):
                raise RunError(f"{folder}/{FILE}: {shard.path!r} lies elsewhere")
            for suffix, sha256 in shard.sha256.items():
                size = shard.tokens * itemsize if suffix == ".bin" else None
                yield ManifestFile(shard.path + suffix, sha256, size)


def sha256_of(path: Path) -> str:
    """The sum of a local file, in hexadecimal digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_sums(folder: str, say: Callable[[str], None]) -> None:
    """Read every byte of a local folder of tokens. Raises RunError for the first file that has changed, or is gone."""
    if "://" in folder:
        raise RunError(
            f"{folder}: only local or mounted folders are read here: `trainer fetch` compares while it copies"
        )
    files = list(files_of(read_manifest(folder), folder))
    say(f"reading {len(files):,} files of {folder}: --verify")

    def found(one: ManifestFile) -> str | None:
        path = Path(storage.join(folder, one.path))
        return sha256_of(path) if path.exists() else None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for one, sum_ in zip(files, pool.map(found, files), strict=True):
            if sum_ != one.sha256:
                has = "it is gone" if sum_ is None else f"its sum is {sum_}, the manifest's {one.sha256}"
                pool.shutdown(wait=False, cancel_futures=True)
                raise RunError(f"{storage.join(folder, one.path)}: {has}; encode once more, or fetch it again")
