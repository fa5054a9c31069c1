"""Where the checkpoints of a run stand, and what a killed process left of them. No torch here.

checkpoints/000000012345/            by samples seen
checkpoints/000000012345-diverged/   the state of a run that had diverged: taken only by who names it
checkpoints/.000000012345.HEX.tmp/   being written, or being removed
checkpoints/.000000012345.old/       about to be replaced by a new one of the same name
"""

import contextlib
import errno
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from datapipe.storage import TEMPORARY

FOLDER = "checkpoints"
DIVERGED = "-diverged"
OLD = ".old"
WITHOUT_SYNC = (errno.EINVAL, errno.ENOTSUP)
"""What mounted file systems answer that sync files only."""
NAME = re.compile(r"[0-9]{12,}")


def name_of(samples_seen: int, is_diverged: bool = False) -> str:
    """What the folder of a checkpoint is called."""
    return f"{samples_seen:012}{DIVERGED if is_diverged else ''}"


def checkpoints_in(output: Path) -> list[Path]:
    """The checkpoints of a run's output, sound or not, from the first to the last; without the diverged ones."""
    return [one for one in all_checkpoints_in(output) if not one.name.endswith(DIVERGED)]


def all_checkpoints_in(output: Path) -> list[Path]:
    """The same, with them."""
    try:
        below = list((output / FOLDER).iterdir())
    except FileNotFoundError:
        return []
    named = [one for one in below if NAME.fullmatch(one.name.removesuffix(DIVERGED)) and one.is_dir()]
    return sorted(named, key=lambda one: (int(one.name.removesuffix(DIVERGED)), one.name))


@contextlib.contextmanager
def placing(target: Path) -> Iterator[Path]:
    """A hidden folder that becomes `target`, in one moment, if the block ends well, and goes if it does not.

    Files are the block's to bring down to the disk. Raises OSError.
    """
    temporary = begun(target)
    try:
        yield temporary
        place(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def begun(target: Path) -> Path:
    """A new hidden folder for what is to be `target`. Raises OSError."""
    if not target.parent.exists():
        target.parent.mkdir(parents=True)
        _sync(target.parent.parent)
    temporary = _hidden(target)
    temporary.mkdir()
    return temporary


def place(temporary: Path, target: Path) -> None:
    """Let the hidden folder become `target`, in one moment. Raises OSError."""
    _sync(temporary)
    _replace(temporary, target)
    _sync(target.parent)


def _replace(temporary: Path, target: Path) -> None:
    """Folders cannot be exchanged in one step: what stood there stands under a name that `clean` knows meanwhile."""
    old = target.with_name(f".{target.name}{OLD}")
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)  # of a replacement that is long done
        target.rename(old)
    temporary.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def remove(folder: Path) -> None:
    """Remove a checkpoint: it is gone in one moment, its bytes soon after. Raises OSError.

    What another process still reads cannot go at once on NFS: the next run tries again.
    """
    hidden = _hidden(folder)
    folder.rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def clean(output: Path) -> None:
    """Remove what killed processes left, and put back what one of them was about to replace. Needs the lock."""
    below = output / FOLDER
    for found in sorted(below.glob(".*")):
        target = below / found.name.removeprefix(".").removesuffix(OLD)
        if found.name.endswith(OLD) and not target.exists():
            found.rename(target)
        elif found.name.endswith((OLD, TEMPORARY)):
            shutil.rmtree(found, ignore_errors=True)


def _hidden(target: Path) -> Path:
    """Not told by the process id: two containers that share a folder may both have it."""
    return target.with_name(f".{target.name}.{uuid.uuid4().hex[:12]}{TEMPORARY}")


def _sync(folder: Path) -> None:
    """Bring a folder's entries down to the disk, where the file system can be asked to."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in WITHOUT_SYNC:
            raise
    finally:
        os.close(opened)
