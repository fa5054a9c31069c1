"""`datapipe runs` on the terminal."""

import dataclasses
import json

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from datapipe.observing.runs import FoundRun, find_runs
from datapipe.output import RunError


def print_runs(folder: str, as_json: bool = False) -> None:
    """List the runs below a folder. Raises RunError when there is none, OSError."""
    runs = list(find_runs(folder))
    if not runs:
        raise RunError(f"{folder}: no run at or below it (a run's folder holds a plan.json)")
    if as_json:
        print(json.dumps([dataclasses.asdict(one) for one in runs], ensure_ascii=False))
        return
    console = Console()
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("folder", "recipe", "state", "started (UTC)"):
        table.add_column(title, overflow="fold")
    for title in ("documents", "MB stored"):
        table.add_column(title, justify="right", no_wrap=True)
    prefix = folder.rstrip("/") + "/"
    for one in runs:
        documents = "" if one.documents is None else f"{one.documents:,}"
        name = one.folder.removeprefix(prefix)
        table.add_row(
            escape(name),
            escape(one.recipe),
            escape(_state(one)),
            one.started,
            documents,
            f"{one.stored_bytes / 1e6:,.1f}",
        )
    console.print(table)


def _state(one: FoundRun) -> str:
    words: list[str] = [one.state or "no event log"]
    if one.sample is not None:
        words.append(f"sample {one.sample:g}")
    if one.max_shards is not None:
        words.append(f"{one.max_shards} groups per source")
    return ", ".join(words) + (f" ({one.owner})" if one.owner else "")
