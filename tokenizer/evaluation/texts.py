"""The texts that tokenizers are measured on: validation documents of a run, or files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from datapipe.output import RunError
from tokenizer.evaluation.text_files import read_documents, read_parquet, table_of
from tokenizer.shards import read_mixture, text_shards

FILES_DOMAIN = "files"
"""The domain of texts that are given as files; the file's name is the unit."""


@dataclass(frozen=True)
class Cell:
    """Documents of one unit that have the same language: what is counted together."""

    domain: str
    unit: str
    language: str | None
    """None where the data has none, as for code."""
    is_code: bool
    """Whether the documents have a programming language."""
    texts: pa.LargeStringArray


@dataclass(frozen=True)
class Texts:
    """All of them."""

    cells: tuple[Cell, ...]
    weights: dict[tuple[str, str], float]
    """Share of training tokens by (domain, unit); empty without a mixture."""
    sampled: tuple[str, ...] = ()
    """Units of which `max_bytes` did not take all."""


def of_run(data: str, max_bytes: int) -> Texts:
    """Of the validation documents of the run in folder `data` the first of each unit, whole, up to `max_bytes`.

    Their order is that of the shards, which is random but fixed. A first document that is larger is cut.
    """
    cells: list[Cell] = []
    sampled = []
    by_unit: dict[tuple[str, str], list[str]] = {}
    for shard in text_shards(data, split="validation"):
        by_unit.setdefault((shard.domain, shard.unit), []).append(shard.path)
    for (domain, unit), paths in by_unit.items():
        table, is_whole = _first((table for path in paths for table in read_parquet(path)), max_bytes)
        cells += _cells(domain, unit, table)
        sampled += [] if is_whole else [f"{domain}/{unit}"]
    return Texts(tuple(cells), _weights(data), tuple(sampled))


def of_files(paths: Iterable[str], max_bytes: int) -> Texts:
    """Text files (each one document), JSONL and Parquet with a column `text`, plain, gz or zst. Raises RunError."""
    cells: list[Cell] = []
    sampled = []
    for path in paths:
        table, is_whole = _first(read_documents(path), max_bytes)
        if is_whole and not pc.sum(pc.binary_length(table["text"])).as_py():
            raise RunError(f"{path}: no text in it to measure tokenizers on")
        unit = path.rpartition("/")[2]
        cells += _cells(FILES_DOMAIN, unit, table)
        sampled += [] if is_whole else [f"{FILES_DOMAIN}/{unit}"]
    return Texts(tuple(cells), {}, tuple(sampled))


def _weights(data: str) -> dict[tuple[str, str], float]:
    domains = read_mixture(data).get("domains", {}).items()
    return {(name, unit): one["weight"] for name, domain in domains for unit, one in domain["units"].items()}


def _first(tables: Iterator[pa.Table], max_bytes: int) -> tuple[pa.Table, bool]:
    """The first documents of `tables` that fit into `max_bytes`, and whether those are all."""
    taken: list[pa.Table] = []
    left = max_bytes
    for table in tables:
        sizes = pc.binary_length(table["text"]).to_numpy()
        fitting = int((sizes.cumsum() <= left).sum())
        taken.append(table.slice(0, fitting))
        left -= int(sizes[:fitting].sum())
        if fitting < len(sizes):
            if not sum(len(one) for one in taken):
                taken.append(_cut(table.slice(0, 1), max_bytes))
            return pa.concat_tables(taken), False
    return (pa.concat_tables(taken) if taken else table_of([])), True


def _cut(table: pa.Table, max_bytes: int) -> pa.Table:
    """One document, cut between two characters."""
    text = table["text"][0].as_py().encode()[:max_bytes].decode(errors="ignore")
    return table.set_column(table.schema.get_field_index("text"), "text", pa.array([text], pa.large_string()))


def _cells(domain: str, unit: str, table: pa.Table) -> Iterator[Cell]:
    """The documents of a unit by language, and code apart."""
    is_code = pc.is_valid(table["programming_language"])
    keys = sorted(
        {*zip(table["language"].to_pylist(), is_code.to_pylist(), strict=True)}, key=lambda one: (one[0] or "", one[1])
    )
    for language, with_code in keys:
        same = pc.is_null(table["language"]) if language is None else pc.equal(table["language"], language)
        chosen = pc.and_(pc.fill_null(same, False), pc.equal(is_code, with_code))
        texts = pa.concat_arrays(table["text"].filter(chosen).chunks)
        yield Cell(domain, unit, language, with_code, texts)


def local(path: str, folder: Path) -> str:
    """A path of a recipe, against the folder of the recipe."""
    return path if "://" in path or Path(path).is_absolute() else str(folder / path)
