"""A recipe whose documents are given as rows, and what plain Python says of their duplicates."""

import dataclasses
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console

from datapipe import run
from datapipe.loading.load import loads
from datapipe.recipe import Pass, Recipe
from datapipe.stages.url_hash import common_form

Row = dict[str, Any]
TEXT = """\
name: catalogue
output: {output}
holdout: {{fraction: 0}}
sources:
{sources}
passes:
  - {{name: extract, steps: []}}
{duplicates}
domains:
  - {{name: all, weight: 1, rules: [{{column: stars, min: 0, missing: keep}}]}}
columns: {columns}
"""
SOURCE = """\
  - name: {name}
    reader: jsonl
    paths: ["{folder}/{name}/*.jsonl"]
    extra_columns: {{stars: int, score: float, good: bool, language: string}}
"""
EXACT = "  - {name: duplicates, exact: {}}"
SPACES = re.compile("[ \t\n\v\f\r\x85\xa0]+")


def write_rows(folder: Path, source: str, rows: Sequence[Row], file: str = "a") -> None:
    """Input of a source."""
    path = folder / "input" / source / f"{file}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def recipe(
    folder: Path, sources: Sequence[str], duplicates: str = EXACT, output: str = "out", columns: str = "[]"
) -> Recipe:
    """The recipe over the input in `folder`, in shards of a few rows."""
    listed = "".join(SOURCE.format(name=name, folder=folder / "input") for name in sources)
    text = TEXT.format(output=output, sources=listed.rstrip("\n"), duplicates=duplicates, columns=columns)
    return dataclasses.replace(loads(text, str(folder / "recipe.yaml")), cut_bytes=300)


def run_quietly(recipe: Recipe, folder: Path, **options: Any) -> Path:
    """Run it; the output folder."""
    return Path(run(recipe, root=str(folder), console=Console(file=io.StringIO()), **options))


def table(folder: Path, pattern: str) -> list[Row]:
    """Rows of all Parquet files that match."""
    return [row for path in sorted(folder.glob(pattern)) for row in pq.read_table(path, partitioning=None).to_pylist()]


def kept_ids(output: Path) -> set[str]:
    """Documents of the shards."""
    return {row["id"] for row in table(output, "shards/**/*.parquet")}


def duplicates_of(output: Path) -> dict[str, tuple[str, int]]:
    """Every duplicate with the document that stayed and the size of the cluster."""
    rows = table(output, "decisions/duplicates.*/*.parquet")
    return {row["id"]: (row["duplicate_of"], row["cluster_size"]) for row in rows}


def documents(output: Path) -> dict[str, Row]:
    """All documents that were read."""
    return {row["id"]: row for row in table(output, "documents/extract/*.parquet")}


def naive(rows: dict[str, Row], one: Pass) -> dict[str, tuple[str, int]]:
    """The duplicates among documents that the rules keep, worked out in plain Python."""
    found: dict[str, tuple[str, int]] = {}
    left = {identifier: row for identifier, row in rows.items() if row["stars"] is None or row["stars"] >= 0}
    hashes: list[tuple[str, Callable[[Row], object]]] = []
    if one.url is not None:
        hashes.append((one.url.scope, lambda row: common_form(row["url"] or "") or None))
    if one.exact is not None:
        forms = {"none": lambda row: row["text"], "white_space": lambda row: SPACES.sub(" ", row["text"]).strip(" ")}
        hashes.append((one.exact.scope, forms[one.exact.normalize]))
    for scope, form in hashes:
        clusters = defaultdict(list)
        for identifier, row in left.items():
            if form(row) is not None:
                clusters[form(row), row[scope] or "" if scope != "global" else None].append(identifier)
        for members in clusters.values():
            best = min(members, key=lambda identifier: order_of(rows[identifier], one, identifier))
            found |= {member: (best, len(members)) for member in members if member != best}
        left = {identifier: row for identifier, row in left.items() if identifier not in found}
    return found


def order_of(row: Row, one: Pass, identifier: str) -> tuple[object, ...]:
    """The place of a document among duplicates: the least one stays."""
    keys: list[object] = []
    for preference in one.keep:
        value = row[preference.column]
        if isinstance(value, str):
            value = tuple(value.encode()[:24].ljust(24, b"\0"))
        sign = -1 if preference.order == "descending" else 1
        signed = tuple(sign * byte for byte in value) if isinstance(value, tuple) else value and sign * value
        keys.append((value is None, 0 if value is None else signed))
    return (*keys, identifier)
