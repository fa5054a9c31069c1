"""What two runs made of their input, side by side."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from datapipe import storage
from datapipe.loading.located_yaml import RecipeError


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


def documents(run: dict[str, Any], which: str = "kept") -> dict[str, int]:
    """Training (or `held_out`) documents of the units of all domains, as `domain/unit`, whatever the weights."""
    return {
        f"{domain}/{name}": unit["documents"] for domain, units in run[which].items() for name, unit in units.items()
    }


def weights(run: dict[str, Any]) -> dict[str, float]:
    """Their shares of the training tokens, in percent."""
    domains = run["mixture"].get("domains", {})
    return {
        f"{domain}/{name}": 100 * unit["weight"]
        for domain, one in domains.items()
        for name, unit in one["units"].items()
    }


def print_diff(left: str, right: str) -> None:
    """Show what differs: totals, drops, units."""
    runs = (read_run(left), read_run(right))
    console = Console()
    totals = Table("", "left", "right", title=escape(f"{left}  |  {right}"))
    read = [next(iter(run["passes"].values()))["rows_in"] for run in runs]
    kept = [sum(documents(run).values()) + sum(documents(run, "held_out").values()) for run in runs]
    for label, values in (("documents read", read), ("documents kept", kept)):
        totals.add_row(label, *(f"{value:,}" for value in values))
    console.print(totals)
    _print_changes(console, "dropped by", reasons(runs[0]), reasons(runs[1]))
    _print_changes(console, "documents of unit", documents(runs[0]), documents(runs[1]))
    _print_changes(console, "weight of unit, %", weights(runs[0]), weights(runs[1]), ".2f")


def _print_changes(
    console: Console, title: str, left: Mapping[str, float], right: Mapping[str, float], form: str = ","
) -> None:
    table = Table(Column(title, overflow="fold"), "left", "right", "change")
    for name in sorted(left.keys() | right.keys()):
        values = (left.get(name, 0), right.get(name, 0))
        before, after = (format(value, form) for value in values)
        if before != after:
            table.add_row(escape(name), before, after, format(values[1] - values[0], f"+{form}"))
    console.print(table if table.row_count else f"{title}: no difference")
