"""`datapipe status` on the terminal."""

import json

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from datapipe.accounts import counts_records
from datapipe.observing.status import Status, read_status

SHOWN_SLOWEST = 5
SHOWN_INCIDENTS = 5


def print_status(folder: str, as_json: bool = False) -> None:
    """Read the status and print it. Raises RunError, OSError."""
    status = read_status(folder)
    if as_json:
        print(json.dumps(status.data(), ensure_ascii=False))
        return
    console = Console()
    _print_head(console, status)
    _print_passes(console, status)
    _print_slowest(console, status)
    _print_trouble(console, status)


def duration(seconds: float) -> str:
    """`42 s`, `12 min 5 s`, `3 h 20 min`, `2 d 4 h`."""
    whole = round(seconds)
    for unit, size, smaller, of in (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "s", 1)):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // of} {smaller}"
    return f"{whole} s"


def _one_line(text: str) -> str:
    """Errors may hold line breaks: those of a program that a step has called, of a text that it could not read."""
    return " ".join(line.strip() for line in text.splitlines())


def readable(moment: str) -> str:
    """A record's time as people read it: 2026-11-22 13:04:40 UTC."""
    return f"{moment[:10]} {moment[11:19]} UTC"


def _print_head(console: Console, status: Status) -> None:
    what = {
        "running": f"running for {duration(status.seconds)}, {status.owner}",
        "finished": f"finished after {duration(status.seconds)}, {status.documents_kept or 0:,} documents kept",
        "failed": f"failed after {duration(status.seconds)}: {_one_line(status.error)}",
        "interrupted": f"interrupted after {duration(status.seconds)} by {status.error}",
        "died": f"died: {status.owner} said its last {duration(status.silent_seconds)} ago and holds no lock",
    }[status.state]
    lines = [
        f"[bold]{escape(status.folder)}[/bold]: {escape(what)}",
        f"recipe {escape(status.recipe)}, corpusmill {status.corpusmill}, executor {status.executor}, "
        f"started {readable(status.started)}, last event {duration(status.silent_seconds)} ago",
    ]
    if status.state in ("failed", "interrupted", "died"):
        lines.append("run the same command again to go on: what is finished is not done again")
    if status.disk_free_bytes is not None:
        lines.append(f"free on the disk: {status.disk_free_bytes / 1e9:,.1f} GB")
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)


def _print_passes(console: Console, status: Status) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("pass", overflow="fold")
    for title in ("tasks", "documents", "MB", "MB/s", "kept", "time"):
        table.add_column(title, justify="right", no_wrap=True)
    for one in status.passes:
        table.add_row(
            escape(one.name),
            f"{one.tasks_done:,}/{one.tasks:,}",
            f"{one.documents:,}",
            f"{one.mb:,.1f}" if one.mb else "",  # some passes read no text
            f"{one.mb_per_second:,.1f}" if one.mb else "",
            "" if counts_records(one.name) or not one.documents else f"{100 * one.documents_out / one.documents:.1f} %",
            duration(one.seconds) if one.seconds_left is None else f"{duration(one.seconds_left)} left",
        )
    console.print(table)
    reused = ", ".join(f"{one.name} {one.reused_shards:,}" for one in status.passes if one.reused_shards)
    if reused:
        console.print(f"shards finished before: {reused}", highlight=False, soft_wrap=True, markup=False)


def _print_slowest(console: Console, status: Status) -> None:
    if not status.slowest:
        return
    table = Table("slowest shards", "pass", "node", box=SIMPLE_HEAD, pad_edge=False)
    for title in ("seconds", "MB", "peak MB"):
        table.add_column(title, justify="right")
    for one in status.slowest[:SHOWN_SLOWEST]:
        seconds, size = f"{one.seconds:,.1f}", f"{one.text_bytes / 1e6:,.1f}"
        table.add_row(escape(one.shard), escape(one.name), escape(one.node), seconds, size, f"{one.peak_mb:,.0f}")
    console.print(table)


def _print_trouble(console: Console, status: Status) -> None:
    lines = [f"warning: {_one_line(message)}" for message in status.warnings]
    if status.incident_counts:
        lines.append("incidents: " + ", ".join(f"{name} {count:,}" for name, count in status.incident_counts.items()))
        lines += [
            f"  {one.task} {one.kind} {one.what}: {_one_line(one.error)}" for one in status.incidents[-SHOWN_INCIDENTS:]
        ]
    if status.quarantined:
        lines.append("in quarantine: " + ", ".join(f"{name} {count:,}" for name, count in status.quarantined.items()))
    if status.errors:
        lines.append(f"most frequent errors (in {status.files_of_errors:,} files of the quarantine):")
        lines += [f"  {count:,} x {_one_line(error)}" for count, error in status.errors]
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True, markup=False)
