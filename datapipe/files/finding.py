"""The files of a source: by path, folder or glob, local, on object stores and behind URLs, or from a list of these.

Of local folders links are followed, each folder and each file once (`local_tree`). What is no regular file (pipes,
devices, sockets) is passed over. A glob stands for itself in a URL: web servers have no listings.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeAlias

from pyarrow import fs

from datapipe import storage
from datapipe.files.file_systems import is_local
from datapipe.files.globs import WILDCARD, glob_regex
from datapipe.files.http_files import CONNECTIONS, HttpInfo, http_info, is_http
from datapipe.files.local_tree import LocalFile, local_file, local_files
from datapipe.loading.located_yaml import RecipeError
from datapipe.loading.places import error_at
from datapipe.readers.archives import is_archive
from datapipe.recipe import Recipe, Source, resolved

Answer: TypeAlias = "fs.FileInfo | HttpInfo | None"
"""What storage says of a path without wildcards."""


@dataclass(frozen=True)
class Found:
    """A file of a source."""

    path: str
    relative: str
    """Below the root of the source, with forward slashes."""
    size: int
    stamp: str
    is_archive: bool
    has_ranges: bool = True


def find(source: Source, recipe: Recipe) -> Iterator[Found]:
    """All files, each once. Raises RecipeError for a path that matches nothing, OSError where storage fails."""
    places = _patterns(source, recipe)
    patterns = list(places)
    answers = _answers(places)
    root = resolved(source.root, recipe.folder) if source.root else _common_folder(patterns, answers)
    seen: set[str] = set()
    for pattern, place in places.items():
        try:
            matched = list(_match(pattern, answers.get(pattern), source.reader.suffixes))
        except re.error as error:
            raise place.error(f"{pattern}: not a glob: {error}") from None
        except UnicodeEncodeError as error:
            name = error.object.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            raise place.error(f"{pattern}: the name of a file is not UTF-8: {name}") from None
        except OSError as error:
            raise place.of_storage(error) from None
        if not matched:
            why = ": URLs have no globs" if is_http(pattern) and "*" in pattern else ""
            raise place.error(f"{pattern} matches no file{why}")
        for one in matched:
            if one.path not in seen:
                seen.add(one.path)
                relative = _relative(one.path, root)
                yield Found(one.path, relative, one.size, one.stamp, is_archive(pattern), one.has_ranges)


@dataclass(frozen=True)
class _Place:
    """Where a path is named: in a recipe, or on a line of a list that the recipe names."""

    recipe: Recipe
    place: tuple[str | int, ...]
    line: str = ""
    """`LIST:LINE: `"""

    def error(self, message: str) -> RecipeError:
        """The recipe's error here."""
        return error_at(self.recipe, self.place, f"{self.line}{message}")

    def of_storage(self, error: OSError) -> OSError:
        """The same error, which also says where its file is named."""
        return OSError(error.errno, f"{error.strerror or error} ({self.error('named here')})", error.filename)


def _patterns(source: Source, recipe: Recipe) -> dict[str, _Place]:
    """Paths, folders, globs and URLs, each once, with the place that names it first."""
    own = ("sources", recipe.sources.index(source))
    found: dict[str, _Place] = {}
    for number, path in enumerate(source.paths):
        found.setdefault(resolved(path, recipe.folder), _Place(recipe, (*own, "paths", number)))
    if source.paths_from is None:
        return found
    place = _Place(recipe, (*own, "paths_from"))
    try:
        listed = storage.read_bytes(resolved(source.paths_from, recipe.folder)).decode("utf-8", "surrogateescape")
    except OSError as error:
        raise place.of_storage(error) from None
    for number, line in enumerate(listed.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            inner = dataclasses.replace(place, line=f"{source.paths_from}:{number}: ")
            found.setdefault(resolved(line.strip(), recipe.folder), inner)
    if not found:
        raise place.error(f"{source.paths_from} lists no paths")
    return found


def _answers(places: Mapping[str, _Place]) -> Mapping[str, Answer]:
    """What storage says of every path without wildcards: many at once, since each may be a request."""
    plain = [(pattern, place) for pattern, place in places.items() if is_http(pattern) or not WILDCARD.search(pattern)]
    if not any("://" in pattern for pattern, _ in plain):
        return {pattern: _answer((pattern, place)) for pattern, place in plain}
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return dict(zip((pattern for pattern, _ in plain), pool.map(_answer, plain), strict=True))


def _answer(named: tuple[str, _Place]) -> Answer:
    path, place = named
    try:
        return http_info(path) if is_http(path) else storage.info_of(path)
    except OSError as error:
        raise place.of_storage(error) from None


def _relative(path: str, root: str) -> str:
    prefix = root.rstrip("/") + "/"
    return path.removeprefix(prefix) if path.startswith(prefix) else path


def _common_folder(patterns: Sequence[str], answers: Mapping[str, Answer]) -> str:
    """The deepest folder above all patterns; what follows the first wildcard does not count."""
    folders = [_fixed_folder(pattern, answers.get(pattern)).split("/") for pattern in patterns]
    common = folders[0]
    for folder in folders[1:]:
        length = next((i for i, (a, b) in enumerate(zip(common, folder, strict=False)) if a != b), None)
        common = common[: min(len(common), len(folder)) if length is None else length]
    return "/".join(common)


def _fixed_folder(pattern: str, answer: Answer = None) -> str:
    wildcard = WILDCARD.search(pattern)
    if is_http(pattern):
        return pattern.partition("?")[0].rpartition("/")[0]
    if wildcard:
        return pattern[: wildcard.start()].rpartition("/")[0]
    is_folder = isinstance(answer, fs.FileInfo) and answer.type == fs.FileType.Directory
    return pattern.rstrip("/") if is_folder else pattern.rpartition("/")[0]


@dataclass(frozen=True)
class _Matched:
    path: str
    size: int
    stamp: str
    has_ranges: bool = True


def _match(pattern: str, answer: Answer, suffixes: tuple[str, ...]) -> Iterator[_Matched]:
    """Files that a path, a folder, a glob or a URL names, in order of their names."""
    if is_http(pattern):
        if isinstance(answer, HttpInfo):
            yield _Matched(pattern, answer.size or 0, answer.stamp, answer.has_ranges)
        return
    scheme = pattern.partition("://")[0] + "://" if "://" in pattern else ""
    wildcard = WILDCARD.search(pattern)
    folder = _fixed_folder(pattern) if wildcard else pattern.rstrip("/")
    filesystem, inner = storage.locate(folder or "/")
    if isinstance(answer, fs.FileInfo) and answer.type == fs.FileType.File:
        yield _matched(scheme, local_file(inner) if is_local(filesystem) else answer)
        return
    below = pattern[len(folder) + 1 :]
    wanted = glob_regex(below) if wildcard else None
    # A listing that stops at one folder is one request on an object store, where a whole tree may be millions of keys.
    is_deep = wanted is None or "/" in below or "**" in below
    files = local_files(inner, is_deep) if is_local(filesystem) else storage.infos_in(folder, is_deep)
    for one in sorted(files, key=lambda file: file.path):
        name = one.path[len(inner.rstrip("/")) + 1 :]
        if wanted.fullmatch(name) if wanted else _is_wanted(name, suffixes):
            yield _matched(scheme, one)


def _matched(scheme: str, file: LocalFile | fs.FileInfo) -> _Matched:
    return _Matched(scheme + file.path, file.size, str(file.mtime_ns))


def _is_wanted(name: str, suffixes: tuple[str, ...]) -> bool:
    """Of a folder: files with the reader's endings, no hidden ones."""
    is_hidden = any(part.startswith(".") for part in PurePosixPath(name).parts)
    return not is_hidden and (not suffixes or name.lower().endswith(suffixes))
