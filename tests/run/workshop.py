"""A small recipe in a folder of its own, with documents that tests write, and what came out of it."""

import io
import random
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console

from datapipe import load, run
from datapipe.receipts import Receipt, read_receipt
from datapipe.recipe import Recipe
from tests.same_bytes import digests

LETTERS = Path(__file__).parent / "letters"
Line = tuple[str, str, str]
"""Kind, language, text."""


@dataclass(frozen=True)
class Workshop:
    """The recipe of `letters/`, copied to a folder where tests write its input."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> "Workshop":
        """A new one."""
        shutil.copytree(LETTERS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        return cls(folder)

    @property
    def out(self) -> Path:
        """Folder of the output."""
        return self.folder / "out"

    def write(self, name: str, lines: Iterable[Line | str]) -> Path:
        """An input file; a line given as a string stands as it is."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join((line if isinstance(line, str) else "\t".join(line)) + "\n" for line in lines))
        return path

    def recipe(self, *settings: str) -> Recipe:
        """The recipe with `path.to.key=value` changed."""
        return load(self.folder / "recipe.yaml", settings)

    def run(self, *settings: str, **options: Any) -> str:
        """Run it, quietly, and return what it printed."""
        printed = io.StringIO()
        run(self.recipe(*settings), root=str(self.folder), console=Console(file=printed, width=200), **options)
        return printed.getvalue()

    def receipt(self, pass_name: str, shard: str) -> Receipt:
        """A receipt of the output."""
        receipt = read_receipt(str(self.out), pass_name, shard)
        assert receipt is not None, f"{pass_name}/{shard} has no receipt"
        return receipt


def rows(folder: Path, pattern: str) -> list[dict[str, Any]]:
    """All rows of the Parquet files that match, in order of their names."""
    return [row for path in sorted(folder.glob(pattern)) for row in pq.read_table(path, partitioning=None).to_pylist()]


def texts(folder: Path, pattern: str) -> list[str]:
    """Their texts."""
    return [row["text"] for row in rows(folder, pattern)]


def tree(folder: Path) -> dict[str, str]:
    """Digest of every output file that must always come out the same, by relative path."""
    return digests(folder)


def written(folder: Path) -> dict[str, int]:
    """When each receipt was written, by relative path: what a rerun redid is what differs."""
    receipts = folder / "receipts"
    return {str(path.relative_to(receipts)): path.stat().st_mtime_ns for path in receipts.rglob("*.json")}


def redone(before: dict[str, int], after: dict[str, int]) -> set[str]:
    """Receipts written anew, or for the first time."""
    return {name for name, moment in after.items() if before.get(name) != moment}


def many(count: int, seed: int, languages: tuple[str, ...] = ("en", "de", "th", "qq", "xx", "")) -> list[Line]:
    """Lines of 10 to 600 characters of every language, with a few that no rule lets through."""
    chance = random.Random(seed)
    words = ["stone", "river", "of", "mill", "and", "a", "wheat", "aeiou", "grinds", "slowly", "the", "xyz"]
    kinds = ["tale", "song", "C++", "a/b", ""]
    return [
        (chance.choice(kinds), chance.choice(languages), " ".join(chance.choices(words, k=chance.randrange(2, 120))))
        for _ in range(count)
    ]
