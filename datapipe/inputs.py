"""Which files a source has, their numbers for ever, and the groups that are read together.

A file gets its number once, in order of names; new files get the next numbers. Small files are grouped by size, a large
file is a group of its own and is cut while it is read. What was decided is kept in `plan.json`, so that shards keep
their names when files are added.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import xxhash
from pyarrow import fs

from datapipe import storage
from datapipe.fingerprints import digest
from datapipe.located_yaml import RecipeError
from datapipe.reader import SourceFile
from datapipe.readers.archives import is_archive
from datapipe.recipe import Recipe, Source, resolved

WILDCARD = re.compile(r"[*?\[]")
MAX_GROUP_FILES = 20_000
"""Keeps the payload of one task small when files are tiny."""


def name_hash(relative: str) -> str:
    """16 hex digits of a file's relative path: the middle part of every id of its documents."""
    return xxhash.xxh3_64_hexdigest(relative.encode())


@dataclass(frozen=True)
class InputFile:
    """A file of a source, as it was when the plan was made."""

    number: int
    path: str
    relative: str
    size: int
    stamp: str
    """When it was last changed (local: nanoseconds; object stores: their time of the object)."""
    is_archive: bool = False
    """Whether its members are read: paths and globs that end like archives name such files."""

    @property
    def name_hash(self) -> str:
        """Of the relative path."""
        return name_hash(self.relative)

    def opened(self) -> SourceFile:
        """The file as readers take it."""
        return SourceFile(self.path, self.relative, self.size, lambda: storage.open_raw(self.path))


@dataclass(frozen=True)
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
    found = sorted(_find(source, recipe), key=lambda file: file.relative)
    # A number once given is never given again, even when its file is gone.
    following = max(numbers.values(), default=-1) + 1
    for file in found:
        if file.relative not in numbers:
            numbers[file.relative] = following
            following += 1
    files = {numbers[file.relative]: file for file in found}
    numbered = {
        number: InputFile(number, file.path, file.relative, file.size, file.stamp, file.is_archive)
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
        if not groups or size + file.size > limit or len(groups[-1]) >= MAX_GROUP_FILES:
            groups.append([])
            size = 0
        groups[-1].append(file.number)
        size += file.size
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


@dataclass(frozen=True)
class _Found:
    path: str
    relative: str
    size: int
    stamp: str
    is_archive: bool


def _find(source: Source, recipe: Recipe) -> Iterator[_Found]:
    place = f"{recipe.file}: source {source.name!r}"
    patterns = [resolved(path, recipe.folder) for path in source.paths]
    if source.paths_from is not None:
        listed = storage.read_bytes(resolved(source.paths_from, recipe.folder)).decode("utf-8", "surrogateescape")
        patterns += [resolved(line.strip(), recipe.folder) for line in listed.splitlines() if line.strip()]
    if not patterns:
        raise RecipeError(f"{place}: {source.paths_from} lists no paths")
    root = resolved(source.root, recipe.folder) if source.root else _common_folder(patterns)
    seen: set[str] = set()
    for pattern in patterns:
        try:
            matched = list(_match(pattern, source.reader.suffixes))
        except re.error as error:
            raise RecipeError(f"{place}: {pattern}: not a glob: {error}") from None
        except UnicodeDecodeError as error:
            name = error.object.decode("utf-8", "backslashreplace")
            raise RecipeError(f"{place}: {pattern}: the name of a file is not UTF-8: {name}") from None
        if not matched:
            raise RecipeError(f"{place}: {pattern} matches no file")
        for path, info in matched:
            if path not in seen:
                seen.add(path)
                yield _Found(path, _relative(path, root), info.size, str(info.mtime_ns), is_archive(pattern))


def _relative(path: str, root: str) -> str:
    prefix = root.rstrip("/") + "/"
    return path.removeprefix(prefix) if path.startswith(prefix) else path


def _common_folder(patterns: list[str]) -> str:
    """The deepest folder above all patterns; what follows the first wildcard does not count."""
    folders = []
    for pattern in patterns:
        fixed = _fixed_folder(pattern)
        folders.append(fixed.split("/"))
    common = folders[0]
    for folder in folders[1:]:
        length = next((i for i, (a, b) in enumerate(zip(common, folder, strict=False)) if a != b), None)
        common = common[: min(len(common), len(folder)) if length is None else length]
    return "/".join(common)


def _fixed_folder(pattern: str) -> str:
    match = WILDCARD.search(pattern)
    if match:
        return pattern[: match.start()].rpartition("/")[0]
    return pattern.rstrip("/") if _is_folder(pattern) else pattern.rpartition("/")[0]


def _is_folder(path: str) -> bool:
    filesystem, inner = storage.locate(path)
    return bool(filesystem.get_file_info(inner.rstrip("/")).type == fs.FileType.Directory)


def _match(pattern: str, suffixes: tuple[str, ...]) -> Iterator[tuple[str, fs.FileInfo]]:
    """Files that a path, a folder or a glob names, in order of their names."""
    scheme = pattern.partition("://")[0] + "://" if "://" in pattern else ""
    wildcard = WILDCARD.search(pattern)
    folder = _fixed_folder(pattern) if wildcard else pattern.rstrip("/")
    filesystem, inner = storage.locate(folder or "/")
    if not wildcard:
        info = filesystem.get_file_info(inner)
        if info.type == fs.FileType.File:
            yield scheme + info.path, info
            return
    below = pattern[len(folder) + 1 :]
    wanted = glob_regex(below) if wildcard else None
    # A listing that stops at one folder is one request on an object store, where a whole tree may be millions of keys.
    is_deep = wanted is None or "/" in below or "**" in below
    selector = fs.FileSelector(inner, recursive=is_deep, allow_not_found=True)
    for info in sorted(filesystem.get_file_info(selector), key=lambda one: one.path):
        if info.type != fs.FileType.File:
            continue
        name = info.path[len(inner.rstrip("/")) + 1 :]
        if wanted.fullmatch(name) if wanted else _is_wanted(name, suffixes):
            yield scheme + info.path, info


def _is_wanted(name: str, suffixes: tuple[str, ...]) -> bool:
    """Of a folder: files with the reader's endings, no hidden ones."""
    is_hidden = any(part.startswith(".") for part in PurePosixPath(name).parts)
    return not is_hidden and (not suffixes or name.lower().endswith(suffixes))


GLOB_PART = re.compile(r"(\*\*/|\*\*|\*|\?|\[[!^]?\]?[^\]]*\])")


def glob_regex(pattern: str) -> re.Pattern[str]:
    """`*` and `?` within one folder, `**/` over any number of them, `[abc]`, `[a-c]`, `[!abc]`. Raises re.error."""
    return re.compile("".join(_part_regex(part) for part in GLOB_PART.split(pattern)))


def _part_regex(part: str) -> str:
    known = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if part in known:
        return known[part]
    if not GLOB_PART.fullmatch(part):
        return re.escape(part)
    negated = "^" if part[1] in "!^" else ""
    members = re.sub(r"([\\\[\]&|~^])", r"\\\1", part[1 + len(negated) : -1])
    return f"(?!/)[{negated}{members}]"
