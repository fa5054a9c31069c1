"""`--set path.to.key=value`: one value of a recipe changed for one run."""

from collections.abc import Collection, Iterable
from typing import Any

from datapipe.loading.located_yaml import LocatedYaml, RecipeError, parse, shown, suggest
from datapipe.loading.validation import check_keys


def parse_recipe(text: str, file: str, settings: Iterable[str], keys: Collection[str]) -> LocatedYaml:
    """The mapping of `keys` in the text of a recipe, with `settings` applied. Raises RecipeError."""
    document = parse(text, file)
    if not isinstance(document.data, dict):
        raise document.error((), f"expected a mapping of recipe keys, found {shown(document.data)}")
    for setting in settings:
        apply_setting(setting, document)
    check_keys(document.data, keys, document)
    return document


def apply_setting(setting: str, document: LocatedYaml) -> None:
    """Set one value of the parsed document in place.

    Items of lists go by their `name`, by the step's word or by position (from 0); keys on the way that are not there
    yet are made. Raises RecipeError.
    """
    path, separator, text = setting.partition("=")
    if not separator or not path:
        raise RecipeError(f"--set {setting}: expected path.to.key=value")
    value = parse(text, f"--set {setting}").data
    *keys, last = path.split(".")
    target = document.data
    try:
        for key in keys:
            target = _inside(target, key)
        _set(target, last, value)
    except LookupError as error:
        raise RecipeError(f"--set {setting}: {error.args[0]}") from None


def _inside(target: Any, key: str) -> Any:
    """The value below `key`. Raises LookupError."""
    if isinstance(target, dict):
        if target.get(key) is None:
            target[key] = {}
        return target[key]
    position = _position(target, key)
    item = target[position]
    if item == key:  # a step without options
        item = target[position] = {key: {}}
    return _inside(item, key) if _word(item) == key and "name" not in item else item


def _set(target: Any, key: str, value: Any) -> None:
    if isinstance(target, dict):
        target[key] = value
        return
    position = _position(target, key)
    is_step = isinstance(target[position], dict) and list(target[position]) == [key]
    target[position] = {key: value} if is_step else value


def _position(items: Any, key: str) -> int:
    if not isinstance(items, list):
        raise LookupError(f"there is no {key!r} in {shown(items)}")
    words = [_word(item) for item in items]
    positions = [str(position) for position in range(len(items))]
    for names in (words, positions):
        if key in names:
            return names.index(key)
    raise LookupError(f"no {key!r} there; {suggest(key, filter(None, words), 'there are')}")


def _word(item: Any) -> str:
    """What an item of a list is called: its `name`, or the word of a step."""
    if isinstance(item, dict):
        return str(item["name"]) if "name" in item else next(iter(item)) if len(item) == 1 else ""
    return item if isinstance(item, str) else ""
