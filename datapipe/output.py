"""The output folder of a run: where it is, who writes it, what was planned for it."""

import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from datapipe import storage
from datapipe.files.http_files import is_http
from datapipe.files.lease import FILE as LOCK
from datapipe.files.lease import holder, leased, this_process
from datapipe.recipe import Recipe

WITHOUT_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK)
"""What file systems answer that know no locks, such as Lustre mounted without them."""
READER = "reader: "
"""What the notes of readers begin with in the file of the lock."""


class RunError(RuntimeError):
    """The run cannot go on, with the numbers that say why."""


@dataclass(frozen=True)
class Trial:
    """A run on part of the input, in an output folder of its own."""

    sample: float | None = None
    """Share of the documents, by a hash of the id."""
    max_shards: int | None = None
    """Groups of files read per source."""

    @property
    def suffix(self) -> str:
        """What the output folder's name ends in."""
        parts = [f"-sample-{self.sample:g}" if self.sample is not None else ""]
        parts.append(f"-max-shards-{self.max_shards}" if self.max_shards is not None else "")
        return "".join(parts)


def output_folder(recipe: Recipe, root: str | None = None, trial: Trial | None = None) -> str:
    """Absolute folder of the output. Raises RunError for a folder that a job's end would delete."""
    return placed("output", recipe.output, root) + (trial.suffix if trial else "")


def placed(key: str, path: str, root: str | None = None) -> str:
    """The absolute folder that `path`, the value of a recipe's `key`, stands for. Raises RunError as above."""
    base = root or os.environ.get("CORPUSMILL_ROOT")
    if base is not None and is_http(base):
        raise RunError(f"--root {base}: URLs are read only; expected a folder, s3:// or gs://")
    if "://" in path or Path(path).is_absolute():
        return path.rstrip("/")
    if base is None and "working_dir_files" in Path.cwd().parts:
        raise RunError(
            f"{key} {path!r} is relative and would be lost with this job's copy of the working directory: "
            "give --root FOLDER or set CORPUSMILL_ROOT, on storage that all nodes share"
        )
    if base is not None and "://" in base:
        return storage.join(base, path)
    return str(Path(base or ".").absolute() / path)


@contextlib.contextmanager
def locked(folder: str, warn: Callable[[str], None] = lambda line: None) -> Iterator[None]:
    """One run per output folder at a time, where the file system can tell; on object stores `warn` hears of another."""
    if "://" in folder:
        with leased(folder, warn):
            yield
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    with (Path(folder) / LOCK).open("a+") as file:
        is_ours = _lock(file, folder, fcntl.LOCK_EX)
        if is_ours:
            storage.remove_temporaries(folder, LOCK)
        file.truncate(0)
        file.write(f"{this_process()}\n")
        file.flush()
        try:
            yield
        finally:
            if is_ours:  # of workers that were killed while this run went on
                storage.remove_temporaries(folder, LOCK)


@contextlib.contextmanager
def reading(folder: str, warn: Callable[[str], None] = lambda line: None) -> Iterator[None]:
    """Read a folder that is there, as others may: no run writes it meanwhile, with the exceptions of `locked`."""
    if "://" in folder:
        with leased(folder, warn, only_reads=True):
            yield
        return
    with (Path(folder) / LOCK).open("a+") as file:
        _lock(file, folder, fcntl.LOCK_SH)
        note = f"{READER}{this_process()}\n"
        file.write(note)
        file.flush()
        try:
            yield
        finally:
            _blank(Path(folder) / LOCK, note.encode())


def _blank(path: Path, note: bytes) -> None:
    """Take back what one reader noted. Lines of others stay where they are: they may be doing the same."""
    with path.open("r+b") as file:
        place = file.read().find(note)
        if place >= 0:
            file.seek(place)
            file.write(b"\n" * len(note))


def _lock(file: TextIO, folder: str, kind: int) -> bool:
    """Take the lock; False where the file system has none to give. Raises RunError while others' locks forbid it."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        notes = file.read().split("\n")
        readers = [line.removeprefix(READER) for line in notes if line.startswith(READER)]
        if readers:  # none have been noted since a run began to write
            raise RunError(f"{folder} is being read, so no run may write it: {', '.join(readers)}") from None
        raise RunError(f"another run is writing {folder}: {''.join(notes).strip() or 'owner unknown'}") from None
    except OSError as error:
        if error.errno not in WITHOUT_LOCKS:
            raise
        return False
    return True


def owner(folder: str) -> str | None:
    """Who writes a folder now, as its lock or lease tells; None: nobody, or the file system cannot tell."""
    if "://" in folder:
        return holder(folder)
    try:
        with (Path(folder) / LOCK).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
    except BlockingIOError:
        return (Path(folder) / LOCK).read_text().strip() or "owner unknown"
    except OSError:
        return None


def read_plan(folder: str) -> dict[str, Any]:
    """`plan.json` of an output folder, {} where there is none. Raises RunError when it is damaged."""
    path = storage.join(folder, "plan.json")
    try:
        return dict(json.loads(storage.read_bytes(path)))
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError):
        raise RunError(
            f"{path} is damaged: without it files are numbered anew, and what moves to another number is made again; "
            "delete it if that is all right"
        ) from None
