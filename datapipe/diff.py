"""What two runs made of their input, side by side."""

import json
from collections import Counter
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from datapipe import storage
from datapipe.located_yaml import RecipeError


def read_run(folder: str) -> dict[str, Any]:
    """`run.json` of an output folder. Raises RecipeError when there is none or it is damaged."""
    try:
        return dict(json.loads(storage.read_bytes(storage.join(folder, "run.json"))))
    except FileNotFoundError:
        raise RecipeError(f"{folder}: no run.json: not the output folder of a finished run") from None
    except (ValueError, TypeError):
        raise RecipeError(f"{folder}: run.json is damaged; run the recipe again") from None


def reasons(run: dict[str, Any]) -> Counter[str]:
    """Documents dropped, by step and reason."""
    found: Counter[str] = Counter()
    for account in run["passes"].values():
        for _, _, step, reason, rows, _ in account["counts"]:
            if reason:
                found[f"{step}: {reason}"] += rows
    return found


def units(run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Units of all domains, as `domain/unit`."""
    domains = run["mixture"].get("domains", {})
    return {f"{name}/{unit}": data for name, domain in domains.items() for unit, data in domain["units"].items()}


def print_diff(left: str, right: str) -> None:
    """Show what differs: totals, drops, units."""
    runs = (read_run(left), read_run(right))
    console = Console()
    totals = Table("", "left", "right", title=escape(f"{left}  |  {right}"))
    for label, pass_name, key in (("documents read", None, "rows_in"), ("documents kept", "decide", "rows_out")):
        values = [run["passes"][pass_name or next(iter(run["passes"]))][key] for run in runs]
        totals.add_row(label, *(f"{value:,}" for value in values))
    console.print(totals)
    _print_changes(console, "dropped by", reasons(runs[0]), reasons(runs[1]))
    documents = [Counter({name: unit["documents"] for name, unit in units(run).items()}) for run in runs]
    _print_changes(console, "documents of unit", documents[0], documents[1])


def _print_changes(console: Console, title: str, left: Counter[str], right: Counter[str]) -> None:
    table = Table(title, "left", "right", "change")
    for name in sorted(left.keys() | right.keys()):
        if left[name] != right[name]:
            table.add_row(escape(name), f"{left[name]:,}", f"{right[name]:,}", f"{right[name] - left[name]:+,}")
    console.print(table if table.row_count else f"{title}: no difference")
