"""Which checkpoint a path means: the one that it is, or the last sound one of a run. No torch here."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from datapipe.output import RunError
from trainer.checkpointing.folders import FOLDER, checkpoints_in, name_of
from trainer.checkpointing.record import Record
from trainer.checkpointing.state_file import FILE, Damaged, check_files, read_record

Found = TypeVar("Found")
Read = Callable[[Path], Found]
"""Read a checkpoint, or what is needed of it. Raises Damaged."""
Warn = Callable[[str], None]


def start_at(path: str, read: Read[Found], warn: Warn) -> tuple[Path, Found] | None:
    """The checkpoint that `start.checkpoint` names; None where there is none yet. `plan` and `run` choose the same one.

    Raises RunError for a damaged one that is named itself, and for a run that has no sound one.
    """
    folder = Path(path)
    return (folder, read(folder)) if is_checkpoint(path) else last_sound(folder, read, warn)


def is_checkpoint(path: str) -> bool:
    """Whether `start.checkpoint` names one itself, not a run. Raises RunError for an object store."""
    if "://" in path:
        raise RunError(f"start.checkpoint: {path}: checkpoints are read from local or mounted folders")
    return (Path(path) / FILE).exists()


def last_sound(
    output: Path,
    read: Read[Found],
    warn: Warn,
    folders: Sequence[Path] | None = None,
    check: Callable[[Path], None] | None = None,
) -> tuple[Path, Found] | None:
    """The last sound checkpoint of a run, None where there is no checkpoint at all.

    `warn` hears of every one that is passed over. Raises RunError where there are some and none is sound: a run that
    began anew then would go over what others paid for. Several processes that look together look at the same `folders`,
    and `read` and `check` (`check_name` where nothing is said) raise on all of them or on none.
    """
    check = check or check_name
    damages: list[Damaged] = []
    for folder in reversed(checkpoints_in(output) if folders is None else folders):
        try:
            found = read(folder)
            check(folder)
            return folder, found
        except Damaged as damage:
            warn(f"damaged checkpoint passed over: {damage}")
            damages.append(damage)
    if damages:
        raise RunError(
            f"{output / FOLDER}: none of its checkpoints ({len(damages)}) is sound; the last: {damages[0]}; "
            "put one back from elsewhere, or remove the folder to begin anew"
        )
    return None


def check_name(folder: Path) -> None:
    """Raise Damaged where a folder of a run says other samples than the checkpoint in it."""
    record = read_record(folder)
    if folder.name not in (name_of(record.samples_seen), name_of(record.samples_seen, is_diverged=True)):
        raise Damaged(f"{folder / FILE}: samples_seen is {record.samples_seen:,}, not what its folder says")


def sized_record(folder: Path) -> Record:
    """What a checkpoint says of itself; of its other files only the sizes are checked. Raises Damaged."""
    record = read_record(folder)
    check_files(folder, record, sizes_only=True)
    return record
