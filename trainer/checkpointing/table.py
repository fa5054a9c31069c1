"""`trainer checkpoints`: those of a run, how large they are, why they stay, and whether they are sound."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table

from datapipe.output import RunError
from datapipe.report.words import number, size
from trainer.checkpointing.finding import check_name
from trainer.checkpointing.folders import DIVERGED, FOLDER, all_checkpoints_in
from trainer.checkpointing.record import Record
from trainer.checkpointing.retention import reasons
from trainer.checkpointing.state_file import FILE, Damaged, check_files, read_record
from trainer.schedule import stretch_at

if TYPE_CHECKING:
    from rich.console import Console


def print_checkpoints(output: Path, console: "Console", verify: bool = False) -> None:
    """Print them, from the first to the last; with `verify` every byte of them is read.

    Raises RunError where there are none, and behind the table where some are damaged.
    """
    folders = all_checkpoints_in(output)
    if not folders:
        raise RunError(f"{output / FOLDER}: no checkpoints; expected the output folder of a run")
    records: dict[Path, Record] = {}
    damages: dict[Path, Damaged] = {}
    for folder in folders:
        try:
            records[folder] = _checked(folder, verify)
        except Damaged as damage:
            damages[folder] = damage
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("samples", "step", "tokens", "phase", "size", "kept"):
        table.add_column(title, justify="left" if title in ("phase", "kept") else "right")
    why = _why(records)
    for folder in folders:
        if folder in records:
            table.add_row(*_row(folder, records[folder]), why[folder])
        else:
            table.add_row(folder.name, "", "", "", "", "damaged")
    console.print(table)
    if damages:
        raise RunError(f"{len(damages)} of {len(folders)} are damaged: {'; '.join(map(str, damages.values()))}")


def _checked(folder: Path, verify: bool) -> Record:
    record = read_record(folder)
    check_files(folder, record, sizes_only=not verify)
    check_name(folder)
    return record


def _row(folder: Path, record: Record) -> list[str]:
    """All but why it stays."""
    seen, course = record.samples_seen, record.course
    phase = stretch_at(course, max(0, seen - 1)).phase if course.stretches else "elsewhere"
    files = sum(one.bytes for one in record.files.values()) + (folder / FILE).stat().st_size
    return [number(seen), number(record.step), number(seen * course.seq_len), phase, size(files)]


def _why(records: dict[Path, Record]) -> dict[Path, str]:
    """By the rule of the last one."""
    sound = {record.samples_seen: folder for folder, record in records.items() if not folder.name.endswith(DIVERGED)}
    why = dict.fromkeys(records, "diverged: nothing goes on from it by itself")
    if sound:
        last = records[sound[max(sound)]]
        stays = reasons(sorted(sound), last)
        why |= {folder: stays[samples_seen] or "until the next is saved" for samples_seen, folder in sound.items()}
    return why
