"""Which files a source has, their numbers for ever, and the groups that are read together.

A file gets its number once, in order of names; new files get the next numbers. Small files are grouped by size, a large
file is a group of its own and is cut while it is read. What was decided is kept in `plan.json`, so that shards keep
their names when files are added.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import xxhash

from datapipe.files.finding import find
from datapipe.files.versions import Version, check_version, open_version
from datapipe.fingerprints import digest
from datapipe.reader import SourceFile
from datapipe.recipe import Recipe, Source

MAX_GROUP_FILES = 20_000
"""Keeps the payload of one task small when files are tiny."""


def name_hash(relative: str) -> str:
    """16 hex digits of a file's relative path: the middle part of every id of its documents."""
    return xxhash.xxh3_64_hexdigest(relative.encode())


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file of a source, as it was when the plan was made."""

    number: int
    path: str
    relative: str
    size: int
    stamp: str
    """When it was last changed (local: nanoseconds; object stores: their time of the object); ETag of a URL."""
    is_archive: bool = False
    """Whether its members are read: paths and globs that end like archives name such files."""
    has_ranges: bool = True
    """Whether any part of it can be asked for: false of some web servers, which may not even know its size (then 0)."""

    @property
    def name_hash(self) -> str:
        """Of the relative path."""
        return name_hash(self.relative)

    def opened(self) -> SourceFile:
        """The file as readers take it."""
        return SourceFile(self.path, self.relative, self.size, lambda: open_version(self.path, self.version))

    def check(self) -> None:
        """Raise OSError when it is gone, or another one by now."""
        check_version(self.path, self.version)

    @property
    def version(self) -> Version:
        """What the plan was made for: another version under the same name is not read."""
        return Version(self.size, self.stamp, self.has_ranges)


@dataclass(frozen=True, slots=True)
class Group:
    """Files of a source that one task reads."""

    source: str
    number: int
    """Number of its first file when the group was made, even if that file is gone."""
    files: tuple[InputFile, ...]

    @property
    def name(self) -> str:
        """First part of the names of its shards."""
        return f"{self.source}-{self.number:06}"

    @property
    def size(self) -> int:
        """Stored bytes."""
        return sum(file.size for file in self.files)

    @property
    def fingerprint(self) -> str:
        """Of the files: relative paths, sizes, stamps."""
        return digest([_told(file) for file in self.files])

    def shard(self, cut: int) -> str:
        """Name of one of its shards."""
        return f"{self.name}-{cut:04}"


def _told(file: InputFile) -> list[object]:
    """What tells a file from another, or from itself read otherwise."""
    return [file.number, file.relative, file.size, file.stamp, *(["archive"] if file.is_archive else [])]


def find_groups(recipe: Recipe, known: Mapping[str, Any]) -> dict[str, list[Group]]:
    """The groups of every source. `known` is the `sources` part of an earlier `plan.json`, or empty.

    Raises RecipeError when a path matches nothing, OSError when storage fails.
    """
    return {source.name: _groups(source, recipe, known.get(source.name, {})) for source in recipe.sources}


def _groups(source: Source, recipe: Recipe, known: Mapping[str, Any]) -> list[Group]:
    numbers: dict[str, int] = {relative: int(number) for relative, number in known.get("numbers", {}).items()}
    found = sorted(find(source, recipe), key=lambda file: file.relative)
    # A number once given is never given again, even when its file is gone.
    following = max(numbers.values(), default=-1) + 1
    for file in found:
        if file.relative not in numbers:
            numbers[file.relative] = following
            following += 1
    files = {numbers[file.relative]: file for file in found}
    numbered = {
        number: InputFile(number, file.path, file.relative, file.size, file.stamp, file.is_archive, file.has_ranges)
        for number, file in files.items()
    }
    groups: list[list[int]] = [list(group) for group in known.get("groups", [])]
    grouped = {number for group in groups for number in group}
    groups += _group_by_size([numbered[n] for n in sorted(numbered) if n not in grouped], recipe.cut_bytes)
    present = [(group[0], tuple(numbered[number] for number in group if number in numbered)) for group in groups]
    return [Group(source.name, number, members) for number, members in present if members]


def _group_by_size(files: list[InputFile], limit: int) -> list[list[int]]:
    groups: list[list[int]] = []
    size = 0
    for file in files:
        known = file.size if file.size or file.has_ranges else limit
        if not groups or size + known > limit or len(groups[-1]) >= MAX_GROUP_FILES:
            groups.append([])
            size = 0
        groups[-1].append(file.number)
        size += known
    return groups


def plan_data(groups: Mapping[str, list[Group]], known: Mapping[str, Any]) -> dict[str, Any]:
    """The `sources` part of `plan.json`: numbers and groups, also of files that are gone."""
    data: dict[str, Any] = dict(known)
    for source, of_source in groups.items():
        numbers = dict(data.get(source, {}).get("numbers", {}))
        numbers.update({file.relative: file.number for group in of_source for file in group.files})
        earlier = [list(group) for group in data.get(source, {}).get("groups", [])]
        placed = {number for group in earlier for number in group}
        added = [[file.number for file in group.files] for group in of_source if group.number not in placed]
        data[source] = {"numbers": numbers, "groups": earlier + added}
    return data
