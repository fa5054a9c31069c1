"""The runs that duplicates are compared with: found, and refused where they are not finished or compared otherwise."""

import json
import os
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Any

from pyarrow import fs

from datapipe import storage
from datapipe.dedup.indexes import EarlierRun, earlier_run, page_path, read_page, shingles_folder
from datapipe.loading.places import error_at
from datapipe.passes.rounds import Round, rounds_of
from datapipe.recipe import Recipe

FEW_SETTINGS = 3
"""That a message tells all of."""


def against_folder(named: str, root: str | None) -> str:
    """Absolute folder of an earlier run: stands where outputs stand."""
    base = root or os.environ.get("CORPUSMILL_ROOT")
    if "://" in named or Path(named).is_absolute():
        return named.rstrip("/")
    if base is not None and "://" in base:
        return storage.join(base, named.rstrip("/"))
    return str(Path(base or ".").absolute() / named)


class _Unfit(Exception):
    """Why a folder cannot be compared with."""


def check_earlier(recipe: Recipe, folder: str, root: str | None) -> None:
    """Raise RecipeError for the first `against` that names no run to compare with: before the work of days."""
    for one in rounds_of(recipe):
        find_earlier(recipe, one, folder, root)


def find_earlier(recipe: Recipe, one: Round, folder: str, root: str | None) -> list[EarlierRun]:
    """The indexes of the runs that a round is compared with. Raises RecipeError, which says what is wrong with one."""
    number = next(number for number, owner in enumerate(recipe.passes) if owner.name == one.pass_name)
    found: list[EarlierRun] = []
    for position, named in enumerate(one.against):
        place = ("passes", number, one.key, "against", position)
        earlier = against_folder(named, root)
        try:
            if _plain(earlier) == _plain(folder):
                raise _Unfit("this is the run's own output")
            if _plain(earlier) in [_plain(other.folder) for other in found]:
                raise _Unfit("the folder is given twice")
            found.append(_find(earlier, one))
        except _Unfit as why:
            raise error_at(recipe, place, f"{named}: {why}") from None
    return found


def _plain(folder: str) -> str:
    """Without `.`, `..` and slashes too many."""
    return folder if "://" in folder else os.path.normpath(folder)


def _find(folder: str, one: Round) -> EarlierRun:
    try:
        indexes: dict[str, Any] = json.loads(storage.read_bytes(storage.join(folder, "run.json"))).get("indexes", {})
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise _Unfit(f"not the output folder of a finished run ({folder})") from None
    others: list[dict[str, Any]] = []
    for name, sha256 in reversed(indexes.items()):
        page = read_page(folder, name, sha256)
        if page is None:
            raise _Unfit(_without_page(folder, name))
        if page["settings"] == one.settings:
            run = earlier_run(folder, page, sha256)
            _check_files(folder, name, run)
            return run
        others.append(page["settings"])
    raise _Unfit(_otherwise(one.settings, others))


def _without_page(folder: str, name: str) -> str:
    page = storage.join(folder, page_path(name))
    if storage.info_of(page).type == fs.FileType.NotFound:
        return f"{page} is gone: the run's recipe, run once more, makes it again"
    return "a later run of its recipe was not finished, or its index is damaged: run it to the end"


def _check_files(folder: str, name: str, run: EarlierRun) -> None:
    """One listing of each folder; what the files hold is checked when they are read."""
    beside = [one for one in run.shingles if one is not None]
    for below, files in ((name, [one for one, _ in run.files]), (shingles_folder(name), beside)):
        if not files:
            continue
        there = {PurePath(one.path).name for one in storage.infos_in(storage.join(folder, f"indexes/{below}"))}
        gone = [one.path for one in files if PurePath(one.path).name not in there]
        if gone:
            raise _Unfit(f"{gone[0]} is gone: the run's recipe, run once more, makes it again")


def _otherwise(settings: dict[str, Any], others: list[dict[str, Any]]) -> str:
    """That a run compared by other settings than these: of many only those that differ."""
    if not others:
        return f"expected {_words(settings, settings)}, that run compared no documents"
    alike = [one for one in others if one["key"] == settings["key"]]
    names = [name for name in settings if any(one.get(name) != settings[name] for one in alike)]
    told = names if len(settings) > FEW_SETTINGS and alike else list(settings)
    found = " and ".join(_words(one, told if one in alike else one) for one in others)
    return f"expected {_words(settings, told)}, that run compared {found}"


def _words(settings: dict[str, Any], names: Iterable[str]) -> str:
    """`exact (normalize: white_space, scope: global)`."""
    told = {name: settings.get(name) for name in names if name != "key"}
    options = ", ".join(f"{name}: {_as_written(value)}" for name, value in told.items() if value is not None)
    return f"{settings['key']} ({options})"


def _as_written(value: object) -> object:
    """As a recipe has it: a scope without columns is `global`."""
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]" if value else "global"
    return str(value).lower() if isinstance(value, bool) else value
