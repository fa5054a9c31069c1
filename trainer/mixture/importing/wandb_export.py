"""An export of Weights & Biases: runs with their config and summary, as CSV or JSON.

Four forms: the CSV of the table in the web page (`Name, ID, State`, config and summary as columns, nested keys with
dots); the CSV of the documented snippet of its public API (`summary, config, name`, cells that are dictionaries of
Python); a JSON array, or JSON lines, of objects with `config` and `summary`. Which keys are weights and which are
metrics is for patterns to say.
"""

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datapipe.output import RunError
from trainer.mixture.importing.imported import ROUNDED, Imported, component_names
from trainer.mixture.importing.table import matched, number, read_table, read_utf8

NAMES = ("id", "ID", "run_id", "name", "Name")
"""Keys that tell runs apart: the first that is there."""
STATES = ("state", "State")
FINISHED = ("", "finished")

Flat = dict[str, str]


def read_wandb(files: list[Path], weights: str | None, metrics: str | None) -> tuple[list[Imported], list[str]]:
    """The runs of an export. Raises RunError that says which keys there are where a pattern is missing."""
    if len(files) != 1:
        raise RunError(f"{len(files)} files: expected one export")
    path = files[0]
    runs = _from_json(path) if path.suffix in (".json", ".jsonl") else _from_csv(path)
    keys = tuple(dict.fromkeys(key for _, found in runs for key in found))
    if weights is None:
        raise RunError(f"{path}: say which keys are weights: --weights 'PREFIX.*'; {_guess(runs, keys)}")
    if metrics is None:
        numbers = [key for key in keys if _is_number(runs, key) and key not in matched(weights, keys)]
        raise RunError(f"{path}: say which keys are metrics: --metrics 'PREFIX/*'; numbers: {', '.join(numbers[:30])}")
    names = component_names(_some(path, weights, keys, "--weights"))
    targets = _some(path, metrics, keys, "--metrics")
    return [_imported(place, found, names, targets) for place, found in runs], []


def _imported(place: str, found: Flat, names: Mapping[str, str], targets: Mapping[str, str]) -> Imported:
    name = next((found[key] for key in NAMES if found.get(key)), "")
    if not name:
        raise RunError(f"{place}: no key that names the run: expected one of {', '.join(NAMES)}")
    state = next((found[key] for key in STATES if key in found), "").lower()
    said = {component: number(found.get(key) or "0", place, key) for key, component in names.items()}
    told = {target: number(found.get(key, ""), place, key) for key, target in targets.items()}
    return Imported(name, place, said, told, "" if state in FINISHED else f"is {' '.join(state.split())}")


def _some(path: Path, pattern: str, keys: tuple[str, ...], option: str) -> dict[str, str]:
    found = matched(pattern, keys)
    if not found:
        raise RunError(f"{path}: {option} {pattern}: no such key; there are {', '.join(keys[:30])}")
    return found


def _from_csv(path: Path) -> list[tuple[str, Flat]]:
    runs = []
    for row in read_table(path).rows:
        found: Flat = {}
        for column, cell in row.cells.items():
            if column in ("config", "summary"):
                found |= _flat(_dictionary(cell, f"{row.place}, column {column}"))
            elif column:
                found[column] = cell
        runs.append((row.place, found))
    return runs


def _from_json(path: Path) -> list[tuple[str, Flat]]:
    text = read_utf8(path)
    lines = text.splitlines() if path.suffix == ".jsonl" else [text]
    values: list[Any] = []
    for place, line in enumerate(lines, 1):
        try:
            values += [json.loads(line)] if line.strip() else []
        except json.JSONDecodeError as failure:
            raise RunError(f"{path}, line {place + failure.lineno - 1}: no JSON: {failure.msg}") from None
        except RecursionError:
            raise RunError(f"{path}, line {place}: no JSON of runs: nested too deeply") from None
    if path.suffix != ".jsonl":
        values = values[0] if values else []
    if not isinstance(values, list) or not values or not all(isinstance(one, dict) for one in values):
        raise RunError(f"{path}: expected an array of runs, objects with config and summary")
    runs = []
    for count, value in enumerate(values, 1):
        top = {key: one for key, one in value.items() if key not in ("config", "summary")}
        nested: dict[str, Any] = {}
        for key in ("config", "summary"):
            inner = value.get(key) or {}
            if not isinstance(inner, dict):
                raise RunError(f"{path}, run {count}, {key}: expected an object, found {str(inner)[:40]!r}")
            nested |= inner
        runs.append((f"{path}, run {count}", _flat(nested) | _flat(top)))
    return runs


def _dictionary(cell: str, place: str) -> dict[str, Any]:
    """A cell of JSON, or of Python as its `repr` has it, whose `nan` and `inf` are no literals."""
    try:
        value = json.loads(cell)
    except json.JSONDecodeError:
        try:
            value = ast.literal_eval(
                re.sub(r"(?<=[\s\[(:,-])(nan|inf)(?=[\s\]),}])", "None", cell).replace("-None", "None")
            )
        except (ValueError, SyntaxError):
            raise RunError(f"{place}: neither JSON nor a dictionary of Python: {cell[:40]!r}") from None
    if not isinstance(value, dict):
        raise RunError(f"{place}: expected a dictionary, found {cell[:40]!r}")
    return value


def _flat(value: Mapping[str, Any], prefix: str = "") -> Flat:
    """Nested keys with dots between them; `{"value": x, "desc": ...}`, as W&B's own files have it, is x."""
    found: Flat = {}
    for key, one in value.items():
        if isinstance(one, dict) and "value" in one and one.keys() <= {"value", "desc"}:
            one = one["value"]
        if isinstance(one, dict):
            found |= _flat(one, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = "" if one is None else str(one)
    return found


def _is_number(runs: list[tuple[str, Flat]], key: str) -> bool:
    try:
        return any(number(found.get(key, ""), "", key) is not None for _, found in runs)
    except RunError:
        return False


def _guess(runs: list[tuple[str, Flat]], keys: tuple[str, ...]) -> str:
    """Prefixes of keys whose numbers sum to 1 in every run."""
    prefixes: dict[str, list[str]] = {}
    for key in keys:
        head = re.match(r"(.*[./])[^./]+$", key)
        if head and _is_number(runs, key):
            prefixes.setdefault(head[1], []).append(key)
    fitting = [
        f"'{prefix}*'"
        for prefix, members in prefixes.items()
        if len(members) > 1 and all(_sums_to_one(found, members) for _, found in runs)
    ]
    return f"these sum to 1 in every run: {', '.join(fitting) or 'none'}"


def _sums_to_one(found: Flat, members: list[str]) -> bool:
    return abs(sum(number(found.get(key, ""), "", key) or 0.0 for key in members) - 1) <= ROUNDED
