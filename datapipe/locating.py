"""Where the documents of a run are, by their ids: the shards that may hold one, and the documents themselves."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datapipe import storage
from datapipe.housekeeping.manifests import read_manifest
from datapipe.inputs import name_hash
from datapipe.loading.load import loads
from datapipe.loading.located_yaml import RecipeError
from datapipe.output import read_plan
from datapipe.readers.archives import is_archive
from datapipe.receipts import Receipt, number_behind, read_receipt
from datapipe.recipe import Recipe
from datapipe.shard_files import opened, read_here


@dataclass(frozen=True)
class Library:
    """The documents of a run that has read its sources."""

    folder: str
    recipe: Recipe

    @cached_property
    def plan(self) -> Mapping[str, Any]:
        """The content of `plan.json`."""
        return read_plan(self.folder)

    def all_shards(self) -> Iterator[str]:
        """The shards of the latest run, source by source: the plan remembers files that are gone too."""
        manifest = read_manifest(self.folder, self.recipe.passes[0].name)
        yield from sorted(manifest.shards if manifest else ())

    @cached_property
    def home(self) -> str:
        """The pass that wrote the texts as they are at last."""
        return next(one.name for one in reversed(self.recipe.passes) if one.writes_text or one is self.recipe.passes[0])

    @cached_property
    def _numbers(self) -> dict[str, dict[str, int]]:
        """By source and hash of the file's name: the file's number."""
        return {
            source: {name_hash(name): number for name, number in data["numbers"].items()}
            for source, data in self.plan["sources"].items()
        }

    def groups_of(self, identifier: str) -> list[list[int]]:
        """The groups of files that may hold a document; none for one that this run has not read."""
        source, _, rest = identifier.partition("/")
        if source not in self.plan["sources"]:
            return []
        number = self._numbers[source].get(rest.partition("/")[0])
        data = self.plan["sources"][source]
        if number is not None:
            return [group for group in data["groups"] if number in group]
        # The hash of a member, whose name the plan does not know, can only be in an archive.
        archives = {number for name, number in data["numbers"].items() if is_archive(name)}
        return [group for group in data["groups"] if not archives.isdisjoint(group)]

    def shards_of(self, identifier: str) -> Iterator[str]:
        """The shards that may hold a document."""
        for group in self.groups_of(identifier):
            yield from self._cuts(f"{identifier.partition('/')[0]}-{group[0]:06}")

    def _cuts(self, group: str) -> Iterator[str]:
        """The shards of a group of files, in order."""
        cut = 0
        while (receipt := read_receipt(self.folder, self.recipe.passes[0].name, f"{group}-{cut:04}")) is not None:
            yield receipt.shard
            if receipt.next is None:
                return
            cut = number_behind(cut, receipt.next)

    def find(self, identifier: str) -> tuple[str, pa.RecordBatch] | None:
        """The shard of a document and its row, if there is such a one."""
        for shard in self.shards_of(identifier):
            receipt = read_receipt(self.folder, self.home, shard)
            output = receipt.output("documents") if receipt else None
            if output is not None:
                with opened([storage.join(self.folder, output.path)]) as (file,):
                    row = _row_of(file, identifier)
                if row is not None:
                    return shard, row
        return None

    def texts(self, identifiers: Iterable[str]) -> dict[str, str]:
        """The texts of documents, of those that this run has read."""
        found = {identifier: self.find(identifier) for identifier in identifiers}
        return {identifier: row[1]["text"][0].as_py() for identifier, row in found.items() if row is not None}


def open_run(folder: str) -> Library:
    """The documents of the run in `folder`. Raises RecipeError when it is not the output folder of a run."""
    plan = read_plan(folder)
    if not plan:
        raise RecipeError(f"{folder}: no plan.json: not the output folder of a run")
    recipe = loads(plan["recipe"]["text"], plan["recipe"]["file"], plan["recipe"]["settings"])
    return Library(folder, recipe)


def row_of(folder: str, receipt: Receipt, kind: str, identifier: str) -> dict[str, Any] | None:
    """The row of a document in a file of one kind that a task has left, if it left such a file and row."""
    output = receipt.output(kind)
    if output is None:
        return None
    with opened([storage.join(folder, output.path)]) as (file,):
        table = read_here(file)
    rows: list[dict[str, Any]] = table.filter(pc.equal(table["id"], identifier)).to_pylist()
    return rows[0] if rows else None


def _row_of(file: pq.ParquetFile, identifier: str) -> pa.RecordBatch | None:
    """The document's row: only row groups whose least and greatest id allow it are read."""
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        column = next(k for k in range(group.num_columns) if group.column(k).path_in_schema == "id")
        bounds = group.column(column).statistics
        if bounds is not None and bounds.has_min_max and not bounds.min <= identifier <= bounds.max:
            continue
        row = pc.index(file.read_row_group(number, ["id"], use_threads=False)["id"], identifier).as_py()
        if row >= 0:
            found = file.read_row_group(number, use_threads=False).slice(row, 1)
            return found.combine_chunks().to_batches()[0]
    return None
