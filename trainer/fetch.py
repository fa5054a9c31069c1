"""`trainer fetch`: tokens copied to where training can read them at random, from an object store or a slower mount.

Every file is compared with its sum in the manifest while it is copied, and stands under its name only when it agrees.
What has been copied is noted in `fetched.jsonl`, so that a copy that broke off goes on where it stopped; the manifest
is written last, so that nobody trains on half a copy.
"""

import json
import shutil
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from datapipe import storage
from datapipe.output import RunError, locked, placed
from tokenizer.encoding.manifest import FILE, read_manifest
from trainer.load import load
from trainer.tokens.fetch_progress import FetchProgress
from trainer.tokens.manifest_files import AT_ONCE, ManifestFile, files_of, sha256_of
from trainer.tokens.token_folder import folder_of_plan

if TYPE_CHECKING:
    from rich.console import Console

FETCHED = "fetched.jsonl"
MIXTURE = "mixture.json"
PORTION = 8 << 20
"""Bytes that a file is copied in: times AT_ONCE, that is what is in memory."""


def fetch(
    source: str, target: str, root: str | None = None, verify: bool = False, console: "Console | None" = None
) -> str:
    """Copy the tokens of a plan, or of a folder `.../tokens/NAME`, with their mixture, to the local folder `target`.

    Returns the folder of the tokens there. `verify`: what was copied before is read once more. Raises RunError where
    files are not what the manifest says, or the disk is too small.
    """
    from rich.console import Console

    remote = _tokens(source, root)
    if "://" in target:
        raise RunError(f"{target}: expected a local or mounted folder: that is what training reads")
    manifest = read_manifest(remote)
    wanted = list(files_of(manifest, remote))
    local = Path(target).absolute() / "tokens" / PurePosixPath(remote).name
    if str(local) == remote:
        raise RunError(f"{local} would be copied onto itself")
    with locked(str(local)):
        _forget_another(local, remote)
        done = _done(local, wanted, verify)
        missing = [one for one in wanted if one.path not in done]
        _check_room(local, missing)
        with FetchProgress(missing, len(done), console or Console(stderr=True)) as progress:
            _copy_all(remote, local, missing, progress)
        _copy_mixture(remote.rpartition("/tokens/")[0], local.parents[1])
        storage.write_bytes(str(local / FILE), storage.read_bytes(storage.join(remote, FILE)))
    return str(local)


def _tokens(source: str, root: str | None) -> str:
    """The folder of tokens that is meant. Raises RunError where it is none."""
    if source.endswith((".yaml", ".yml")) and "://" not in source:
        return folder_of_plan(load(source), root)
    folder = placed("SOURCE", source, root)
    if folder.rpartition("/")[0].rpartition("/")[2] != "tokens":
        raise RunError(f"{source}: expected a plan, or a folder of tokens such as s3://bucket/out/tokens/NAME")
    return folder


def _forget_another(local: Path, remote: str) -> None:
    """Remove the manifest of other tokens: files that it names are about to change."""
    path = local / FILE
    if path.exists() and path.read_bytes() != storage.read_bytes(storage.join(remote, FILE)):
        path.unlink()


def _done(local: Path, wanted: Iterable[ManifestFile], verify: bool) -> set[str]:
    """Paths of the files that an earlier call has copied, and that are still of the same size."""
    sums = {one.path: one.sha256 for one in wanted}
    noted: dict[str, tuple[str, int]] = {}
    log = local / FETCHED
    for line in log.read_text("utf-8").splitlines() if log.exists() else ():
        try:
            one = json.loads(line)
            noted[one["path"]] = (one["sha256"], one["bytes"])
        except (ValueError, KeyError, TypeError):
            continue  # the end of a call that was killed
    found = {path for path, (sha256, size) in noted.items() if sums.get(path) == sha256 and _size(local / path) == size}
    return {path for path in found if sha256_of(local / path) == sums[path]} if verify else found


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.exists() else None


def _check_room(local: Path, missing: Iterable[ManifestFile]) -> None:
    needed, free = sum(one.bytes or 0 for one in missing), shutil.disk_usage(local).free
    if needed > free:
        raise RunError(f"{local}: {needed / 1e9:,.1f} GB are to be copied, {free / 1e9:,.1f} GB are free there")


def _copy_mixture(remote: str, local: Path) -> None:
    """A plan may name all its weights itself: then there need be none."""
    path = storage.join(remote, MIXTURE)
    if storage.exists(path):
        storage.write_bytes(str(local / MIXTURE), storage.read_bytes(path))


def _copy_all(remote: str, local: Path, missing: Iterable[ManifestFile], progress: FetchProgress) -> None:
    """Copy the files, several side by side, and note each. The first error ends all."""
    with (local / FETCHED).open("a", encoding="utf-8") as log, ThreadPoolExecutor(AT_ONCE, "fetch") as pool:
        stop = threading.Event()
        copies = {pool.submit(_copy, remote, local, one, progress, stop): one for one in missing}
        try:
            for copy in as_completed(copies):
                one = copies[copy]
                log.write(json.dumps({"path": one.path, "sha256": one.sha256, "bytes": copy.result()}) + "\n")
                log.flush()
                progress.add_file()
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _copy(remote: str, local: Path, one: ManifestFile, progress: FetchProgress, stop: threading.Event) -> int:
    """Copy a file, and say how many bytes it has. Raises RunError where they are not those of the manifest."""
    source = storage.join(remote, one.path)
    with storage.open_reading(source) as stream, storage.open_writing(str(local / one.path)) as sink:
        while portion := stream.read(PORTION):
            sink.write(portion)
            progress.add_bytes(len(portion))
            if stop.is_set():
                raise RunError(f"{source}: another file could not be copied")
        found = sink.digest.hexdigest()
        if found != one.sha256:
            raise RunError(f"{source}: its sum is {found}, the manifest's {one.sha256}: it is damaged, or has changed")
    return sink.size
