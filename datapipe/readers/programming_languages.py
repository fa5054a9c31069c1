"""Which programming language a source file is in: by its name and extension, and its content where they leave a choice.

The languages, and what tells those apart that share an extension, are tables beside this file.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

HINT_BYTES = 64 << 10
"""How much of a file is searched for hints."""

_INTERPRETER = re.compile(rb"#![ \t]*(?:\S{0,200}/)?(?:env[ \t]+(?:-\S{0,20}[ \t]+)?)?([A-Za-z]+)")


@dataclass(frozen=True)
class Hint:
    """A language, and what in a file speaks for it; nothing: it is for the files that are left."""

    language: str
    pattern: re.Pattern[bytes] | None


@dataclass(frozen=True)
class Languages:
    """Languages by what a path and a first line show."""

    by_name: Mapping[str, str]
    by_extension: Mapping[str, str]
    by_interpreter: Mapping[str, str]
    hints: Mapping[str, tuple[Hint, ...]]


def programming_language(path: str, data: bytes) -> str | None:
    """Linguist's name of the language of a file, or None for one that nothing tells."""
    known = languages()
    name = PurePosixPath(path).name
    if name in known.by_name:
        return known.by_name[name]
    for extension in _extensions(name):
        if extension in known.hints:
            return _hinted(known.hints[extension], data[:HINT_BYTES])
        if extension in known.by_extension:
            return known.by_extension[extension]
    # Makefile.am, Dockerfile.production
    stem = name.partition(".")[0]
    if stem in known.by_name:
        return known.by_name[stem]
    interpreter = _INTERPRETER.match(data)
    return known.by_interpreter.get(interpreter[1].decode()) if interpreter else None


@cache
def languages() -> Languages:
    """The tables, read once."""
    by_name: dict[str, str] = {}
    by_extension: dict[str, str] = {}
    by_interpreter: dict[str, str] = {}
    for row in table("programming_languages.csv"):
        for column, known in (("names", by_name), ("extensions", by_extension), ("interpreters", by_interpreter)):
            for word in row[column].split():
                known.setdefault(word, row["language"])
    hints: dict[str, tuple[Hint, ...]] = {}
    for row in table("programming_language_hints.csv"):
        pattern = re.compile(row["pattern"].encode(), re.MULTILINE) if row["pattern"] else None
        hints[row["extension"]] = (*hints.get(row["extension"], ()), Hint(row["language"], pattern))
    return Languages(by_name, by_extension, by_interpreter, hints)


def table(name: str) -> Iterator[dict[str, str]]:
    """Rows of a table beside this file, by the names of its columns; lines that begin with # are comments."""
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(line for line in file if not line.startswith("#"))


def _extensions(name: str) -> Iterator[str]:
    """`.blade.php` and `.php` of `a.blade.php`, in lower case; a leading dot makes no extension."""
    parts = name.lower().lstrip(".").split(".")[1:]
    for begin in range(max(0, len(parts) - 2), len(parts)):
        yield "." + ".".join(parts[begin:])


def _hinted(hints: tuple[Hint, ...], head: bytes) -> str | None:
    return next((one.language for one in hints if one.pattern is None or one.pattern.search(head)), None)
