"""The runs that duplicates are compared with: found, and refused where they are not finished or compared otherwise."""

import json
import os
from pathlib import Path
from typing import Any

from datapipe import storage
from datapipe.dedup.indexes import EarlierRun, earlier_run, read_page
from datapipe.loading.located_yaml import RecipeError
from datapipe.passes.rounds import Round
from datapipe.recipe import Recipe


def against_folder(named: str, root: str | None) -> str:
    """Absolute folder of an earlier run: stands where outputs stand."""
    base = root or os.environ.get("CORPUSMILL_ROOT")
    if "://" in named or Path(named).is_absolute():
        return named.rstrip("/")
    if base is not None and "://" in base:
        return storage.join(base, named.rstrip("/"))
    return str(Path(base or ".").absolute() / named)


def find_earlier(recipe: Recipe, one: Round, folder: str, root: str | None) -> list[EarlierRun]:
    """The indexes of the runs that a round is compared with. Raises RecipeError, which says what is wrong with one."""
    found = []
    for named in one.against:
        place = f"{recipe.file}: pass {one.pass_name!r}: {one.key}.against: {named}"
        earlier = against_folder(named, root)
        if earlier == folder:
            raise RecipeError(f"{place}: this is the run's own output")
        found.append(_find(earlier, one, place))
    return found


def _find(folder: str, one: Round, place: str) -> EarlierRun:
    try:
        indexes: dict[str, Any] = json.loads(storage.read_bytes(storage.join(folder, "run.json"))).get("indexes", {})
    except (FileNotFoundError, ValueError):
        raise RecipeError(f"{place}: not the output folder of a finished run ({folder})") from None
    others = []
    for name, sha256 in reversed(indexes.items()):
        page = read_page(folder, name, sha256)
        if page is None:
            raise RecipeError(f"{place}: the run is not finished: run its recipe to the end")
        if page["settings"] == one.settings:
            return earlier_run(folder, page, sha256)
        others.append(_words(page["settings"]))
    found = f"that run compared {' and '.join(others)}" if others else "that run compared no documents"
    raise RecipeError(f"{place}: expected {_words(one.settings)}, {found}")


def _words(settings: dict[str, str | None]) -> str:
    """`exact (normalize: white_space, scope: global)`."""
    options = ", ".join(f"{key}: {value}" for key, value in settings.items() if key != "key" and value is not None)
    return f"{settings['key']} ({options})"
