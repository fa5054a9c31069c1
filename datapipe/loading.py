"""YAML -> Recipe, with everything that can be wrong found before a byte is read.

`load` resolves names (stages, readers, rule sets), checks keys, types and columns, and touches no storage but the
recipe and the files it is made of. Every failure is a RecipeError of one line.
"""

import importlib.util
import itertools
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from datapipe.columns import check_columns
from datapipe.located_yaml import LocatedYaml, RecipeError, parse, suggest
from datapipe.reader import READERS
from datapipe.recipe import Recipe, Step, resolved
from datapipe.rule_files import check_labels, parse_rule, rule_set
from datapipe.rules import RuleSet
from datapipe.stage import STAGES
from datapipe.validation import Place, build
from datapipe.where import Where, parse_where

WEIGHT_TOLERANCE = 1e-6
NOT_KEYS = {"folder", "file", "text", "settings"}
"""Fields of a Recipe that the loader sets."""


def load(path: str | Path, settings: Iterable[str] = ()) -> Recipe:
    """The recipe in the file `path`, with `settings` (`path.to.key=value`) applied. Raises RecipeError."""
    file = Path(path)
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise RecipeError(f"{file}: cannot read the recipe: {reason}") from None
    return loads(text, str(file), settings)


def loads(text: str, file: str = "recipe.yaml", settings: Iterable[str] = ()) -> Recipe:
    """The recipe in `text`; its relative paths stand against the folder of `file`."""
    document = parse(text, file)
    if not isinstance(document.data, dict):
        raise document.error((), f"expected a mapping of recipe keys, found {type(document.data).__name__}")
    changes = list(settings)
    for setting in changes:
        _apply(setting, document)
    folder = Path(file).resolve().parent
    register_all()
    data = dict(document.data)
    _register(data.get("imports"), folder, document)
    data["sources"] = _each(data.get("sources"), lambda item, place: _source(item, document, (*("sources",), *place)))
    data["passes"] = _each(data.get("passes"), lambda item, place: _pass(item, folder, document, ("passes", *place)))
    data["domains"] = _each(
        data.get("domains"), lambda item, place: _domain(item, folder, document, ("domains", *place))
    )
    for key in NOT_KEYS & data.keys():
        raise document.error((key,), "unknown key")
    data = {
        key: value for key, value in data.items() if value is not None or key not in ("sources", "passes", "domains")
    }
    recipe = build(Recipe, {**data, "folder": folder, "file": file, "text": text, "settings": tuple(changes)}, document)
    _check_names(recipe, document)
    _check_weights(recipe, document)
    _check_sources(recipe, document)
    check_columns(recipe, document)
    return recipe


def _each(items: Any, convert: Any) -> Any:
    """Convert the items of a list of mappings; other shapes are left for the type check to refuse."""
    if not isinstance(items, list):
        return items
    return [convert(item, (index,)) if isinstance(item, dict) else item for index, item in enumerate(items)]


def _source(data: dict[str, Any], document: LocatedYaml, place: Place) -> dict[str, Any]:
    if "reader" not in data:
        return data
    name, options = _named(data["reader"], document, (*place, "reader"))
    if name not in READERS:
        raise document.error((*place, "reader"), f"unknown reader {name!r}; {suggest(name, READERS)}")
    return {**data, "reader": build(READERS[name], options, document, (*place, "reader", name))}


def _pass(data: dict[str, Any], folder: Path, document: LocatedYaml, place: Place) -> dict[str, Any]:
    steps = data.get("steps")
    if not isinstance(steps, list):
        return data
    name = str(data.get("name", "pass"))
    built = [_step(item, name, folder, document, (*place, "steps", index)) for index, item in enumerate(steps)]
    return {**data, "steps": built}


def _step(item: Any, pass_name: str, folder: Path, document: LocatedYaml, place: Place) -> Step:
    name, options = _named(item, document, place)
    if name not in STAGES:
        raise document.error(place, f"unknown stage {name!r}; {suggest(name, STAGES)}")
    inner = (*place, name)
    where = _where(options.pop("where", None), document, (*inner, "where"))
    early = options.pop("early", False)
    if not isinstance(early, bool):
        raise document.error((*inner, "early"), f"expected true or false, found {early!r}")
    if early and name != "select":
        raise document.error((*inner, "early"), "only `select` drops documents and so can be early")
    if name == "select" and "rules" in options:
        options["rules"] = _rules(options["rules"], pass_name, folder, document, (*inner, "rules"))
    for key in getattr(STAGES[name], "files", ()):
        if isinstance(options.get(key), str):
            options[key] = resolved(options[key], folder)
    return Step(name, build(STAGES[name], options, document, inner), where, early)


def _domain(data: dict[str, Any], folder: Path, document: LocatedYaml, place: Place) -> dict[str, Any]:
    converted = dict(data)
    if "where" in data:
        converted["where"] = _where(data["where"], document, (*place, "where"))
    if "rules" in data:
        name = str(data.get("name", "domain"))
        converted["rules"] = _rules(data["rules"], name, folder, document, (*place, "rules"))
    return converted


def _named(item: Any, document: LocatedYaml, place: Place) -> tuple[str, dict[str, Any]]:
    """`name` or `{name: {option: value}}` as a name and its options."""
    if isinstance(item, str):
        return item, {}
    if isinstance(item, dict) and len(item) == 1:
        name, options = next(iter(item.items()))
        if options is None or isinstance(options, dict):
            return str(name), dict(options or {})
    raise document.error(place, f"expected a name or {{name: {{option: value}}}}, found {item!r}")


def _where(data: Any, document: LocatedYaml, place: Place) -> Where:
    try:
        return parse_where(data)
    except ValueError as error:
        raise document.error(place, str(error)) from None


def _rules(items: Any, owner: str, folder: Path, document: LocatedYaml, place: Place) -> list[RuleSet]:
    """Rule sets by name, and runs of rules written out as sets named after their owner."""
    if not isinstance(items, list):
        raise document.error(place, f"expected a list of rule sets, found {items!r}")
    sets: list[RuleSet] = []
    for is_name, run in itertools.groupby(enumerate(items), lambda pair: isinstance(pair[1], str)):
        if is_name:
            for index, name in run:
                try:
                    sets.append(rule_set(name, folder))
                except KeyError as error:
                    raise document.error((*place, index), error.args[0]) from None
        else:
            rules = tuple(parse_rule(rule, document, (*place, index)) for index, rule in run)
            sets.append(check_labels(RuleSet(owner, rules), document, place))
    repeated = [name for name, count in Counter(one.name for one in sets).items() if count > 1]
    if repeated:
        raise document.error(place, f"rule set {repeated[0]!r} is given twice")
    return sets


def register_all() -> None:
    """Import all stages and readers that ship, which registers them."""
    import datapipe.readers
    import datapipe.stages  # noqa: F401


def _register(imports: Any, folder: Path, document: LocatedYaml) -> None:
    """Import the user's own files, which register their stages and readers."""
    for index, name in enumerate(imports if isinstance(imports, list) else ()):
        path = folder / str(name)
        if not path.is_file():
            raise document.error(("imports", index), f"no such file: {path}")
        module_name = f"corpusmill_import_{path.stem}"
        spec = importlib.util.spec_from_file_location(module_name, path)
        if spec is None or spec.loader is None:
            raise document.error(("imports", index), f"not a Python file: {path}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        try:
            spec.loader.exec_module(module)
        except (ImportError, SyntaxError, NameError, TypeError, ValueError, AttributeError) as error:
            raise document.error(("imports", index), f"{path}: {type(error).__name__}: {error}") from error


def _apply(setting: str, document: LocatedYaml) -> None:
    """Set one value of the parsed document in place: list items by position, by `name` or by the step's word."""
    path, separator, text = setting.partition("=")
    if not separator or not path:
        raise RecipeError(f"--set {setting}: expected path.to.key=value")
    value = parse(text, f"--set {setting}").data
    keys = path.split(".")
    target = document.data
    for depth, key in enumerate(keys[:-1]):
        if isinstance(target, dict):
            target = target.setdefault(key, {}) if depth else target.get(key)
        elif isinstance(target, list):
            target = _item(target, key)
        if not isinstance(target, dict | list):
            raise RecipeError(f"--set {setting}: there is no {'.'.join(keys[: depth + 1])!r} in {document.file}")
    if isinstance(target, dict):
        target[keys[-1]] = value
    elif keys[-1].isdigit() and int(keys[-1]) < len(target):
        target[int(keys[-1])] = value
    else:
        raise RecipeError(f"--set {setting}: there is no {path!r} in {document.file}")


def _item(items: list[Any], key: str) -> Any:
    for index, item in enumerate(items):
        if str(index) == key or (isinstance(item, dict) and item.get("name") == key):
            return item
        if item == key:
            items[index] = {key: {}}
            return items[index][key]
        if isinstance(item, dict) and list(item) == [key]:
            item[key] = item[key] if item[key] is not None else {}
            return item[key]
    return None


def _check_names(recipe: Recipe, document: LocatedYaml) -> None:
    groups: dict[str, Sequence[Any]] = {"sources": recipe.sources, "passes": recipe.passes, "domains": recipe.domains}
    for key, items in groups.items():
        names = [item.name for item in items]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise document.error((key, index, "name"), f"the name {name!r} is given twice")
    for index, one in enumerate(recipe.passes):
        if one.name in ("decide", "pack"):
            raise document.error(("passes", index, "name"), f"{one.name!r} is the name of a built-in pass")
        for number, step in enumerate(one.steps):
            if step.early and not (index == 0 or one.writes_text):
                message = "early drops need a pass that writes documents: the first one, or one that rewrites text"
                raise document.error(("passes", index, "steps", number, step.name, "early"), message)


def _check_weights(recipe: Recipe, document: LocatedYaml) -> None:
    total = sum(domain.weight for domain in recipe.domains)
    if abs(total - 1) > WEIGHT_TOLERANCE:
        weights = " + ".join(f"{domain.weight:g}" for domain in recipe.domains)
        raise document.error(("domains",), f"the weights must sum to 1, found {weights} = {total:g}")
    for index, domain in enumerate(recipe.domains):
        shares = domain.sampling.weights
        if shares is not None and abs(sum(shares.values()) - 1) > WEIGHT_TOLERANCE:
            found = sum(shares.values())
            raise document.error(("domains", index, "sampling", "weights"), f"must sum to 1, found {found:g}")
        needs_budget = domain.sampling.unimax is not None or domain.max_epochs is not None
        if needs_budget and recipe.budget_tokens is None:
            raise document.error(("domains", index), "caps on epochs need `budget_tokens`")


def _check_sources(recipe: Recipe, document: LocatedYaml) -> None:
    for index, source in enumerate(recipe.sources):
        if not source.paths and source.paths_from is None:
            raise document.error(("sources", index), "expected `paths` or `paths_from`")
        for key in ("fields", "extra_columns"):
            if getattr(source, key) and not source.reader.has_fields:
                raise document.error(("sources", index, key), "this reader's records have no fields")
