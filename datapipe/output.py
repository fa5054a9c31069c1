"""The output folder of a run: where it is, who writes it, what was planned for it."""

import contextlib
import errno
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from datapipe import storage
from datapipe.files.http_files import is_http
from datapipe.files.lease import FILE as LOCK
from datapipe.files.lease import holder, leased
from datapipe.recipe import Recipe

WITHOUT_LOCKS = (errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK)
"""What file systems answer that know no locks, such as Lustre mounted without them."""


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
        is_ours = _lock(file, folder)
        if is_ours:
            storage.remove_temporaries(folder, LOCK)
        file.truncate(0)
        file.write(f"process {os.getpid()} on {os.uname().nodename} since {time.strftime('%Y-%m-%d %H:%M:%S')}\n")
        file.flush()
        try:
            yield
        finally:
            if is_ours:  # of workers that were killed while this run went on
                storage.remove_temporaries(folder, LOCK)


def _lock(file: TextIO, folder: str) -> bool:
    """Take the lock; False where the file system has none to give. Raises RunError while another run holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        raise RunError(f"another run is writing {folder}: {file.read().strip() or 'owner unknown'}") from None
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
