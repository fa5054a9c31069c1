"""YAML -> Recipe, with everything that can be wrong found before a byte is read.

`load` resolves names (stages, readers, rule sets), checks keys, types and columns, and touches no storage but the
recipe and the files it is made of. Every failure is a RecipeError of one line.
"""

import dataclasses
import functools
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from os.path import normpath
from pathlib import Path
from typing import Any

from datapipe.dedup.passages import RepeatedPassages
from datapipe.files.http_files import is_http
from datapipe.loading.column_checks import check_columns
from datapipe.loading.located_yaml import LocatedYaml, is_file, read_text, shown, suggest
from datapipe.loading.rule_files import check_reasons, parse_rule, rule_set
from datapipe.loading.settings import parse_recipe
from datapipe.loading.validation import Place, build, check_keys
from datapipe.passes.rounds import with_hashes
from datapipe.reader import READERS
from datapipe.recipe import IMPORT_PREFIX, Pass, Recipe, Step, resolved
from datapipe.rules import RuleSet
from datapipe.stage import STAGES
from datapipe.where import Where, parse_where

WEIGHT_TOLERANCE = 1e-6
BUILT_IN_PASSES = ("split", "decide", "gather", "pack")
THEIR_ERRORS = (
    ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, NameError, OSError, RuntimeError,
    SyntaxError, TypeError, ValueError,
)  # fmt: skip
"""What a user's own module may fail with on import."""
NOT_KEYS = {"folder", "file", "text", "settings"}
"""Fields of a Recipe that the loader sets."""
KEYS = [field.name for field in dataclasses.fields(Recipe) if field.name not in NOT_KEYS]


def load(path: str | Path, settings: Iterable[str] = ()) -> Recipe:
    """The recipe in the file `path`, with `settings` (`path.to.key=value`) applied. Raises RecipeError."""
    return loads(read_text(Path(path)), str(path), settings)


def loads(text: str, file: str = "recipe.yaml", settings: Iterable[str] = ()) -> Recipe:
    """The recipe in `text`; its relative paths stand against the folder of `file`."""
    changes = tuple(settings)
    document = parse_recipe(text, file, changes, KEYS)
    folder = Path(file).resolve().parent
    register_all()
    _register(document.data.get("imports"), folder, document)
    converters: dict[str, Convert] = {
        "sources": _source,
        "passes": functools.partial(_pass, folder),
        "domains": functools.partial(_domain, folder),
    }
    data = {
        key: _each(value, converters[key], document, (key,)) if key in converters else value
        for key, value in document.data.items()
    }
    recipe = build(Recipe, data, document)
    _check_names(recipe, document)
    _check_duplicate_passes(recipe, document)
    recipe = dataclasses.replace(recipe, passes=tuple(map(with_hashes, recipe.passes)))
    recipe = dataclasses.replace(recipe, passes=tuple(map(_with_removal, recipe.passes)))
    _check_weights(recipe, document)
    _check_sources(recipe, document)
    _check_output(recipe, document)
    check_columns(recipe, document)
    return dataclasses.replace(recipe, folder=folder, file=file, text=text, settings=changes)


Convert = Callable[[dict[str, Any], LocatedYaml, Place], dict[str, Any]]
"""Resolves the names in a mapping: what they name, in their place."""


def _each(items: Any, convert: Convert, document: LocatedYaml, place: Place) -> Any:
    """Convert the items of a list of mappings; other shapes are left for the type check to refuse."""
    if not isinstance(items, list):
        return items
    return [
        convert(item, document, (*place, index)) if isinstance(item, dict) else item for index, item in enumerate(items)
    ]


def _source(data: dict[str, Any], document: LocatedYaml, place: Place) -> dict[str, Any]:
    if "reader" not in data:
        return data
    name, options = _named(data["reader"], document, (*place, "reader"))
    if name not in READERS:
        raise document.error((*place, "reader"), f"unknown reader {shown(name)}; {suggest(name, READERS)}")
    return {**data, "reader": build(READERS[name], options, document, (*place, "reader", name))}


def _pass(folder: Path, data: dict[str, Any], document: LocatedYaml, place: Place) -> dict[str, Any]:
    check_keys(data, [field.name for field in dataclasses.fields(Pass)], document, place)
    steps = data.get("steps")
    given = [key for key in ("repeated", "url", "exact", "near") if key in data]
    for key in given:
        if data[key] is None:
            raise document.error((*place, key), f"expected a mapping, found null; without options write `{key}: {{}}`")
    if steps is None and not given:
        message = "expected `steps`, or what is done with what repeats: `repeated`, `url`, `exact`, `near`"
        raise document.error(place, message)
    repeated = data.get("repeated")
    if isinstance(repeated, dict) and "where" in repeated:
        where = _where(repeated["where"], document, (*place, "repeated", "where"))
        data = {**data, "repeated": {**repeated, "where": where}}
    if not isinstance(steps, list):
        return data
    name = str(data.get("name", "pass"))
    built = [_step(item, name, folder, document, (*place, "steps", index)) for index, item in enumerate(steps)]
    return {**data, "steps": built}


def _with_removal(one: Pass) -> Pass:
    """The pass with the step that removes repeated passages in front of its own."""
    options = one.repeated
    if options is None:
        return one
    stage = RepeatedPassages(options.unit, options.span, options.keep, options.min_characters, options.scope)
    return dataclasses.replace(one, steps=(Step("repeated", stage, options.where), *one.steps))


def _step(item: Any, pass_name: str, folder: Path, document: LocatedYaml, place: Place) -> Step:
    name, options = _named(item, document, place)
    if name not in STAGES:
        raise document.error(place, f"unknown stage {shown(name)}; {suggest(name, STAGES)}")
    inner = (*place, name)
    if "early" in options and name != "select":
        raise document.error((*inner, "early"), "only `select` drops documents and so can be early")
    own = [field.name for field in dataclasses.fields(STAGES[name])]
    check_keys(options, [*own, "where", *(("early",) if name == "select" else ())], document, inner)
    where = _where(options.pop("where", None), document, (*inner, "where"))
    early = options.pop("early", False)
    if not isinstance(early, bool):
        raise document.error((*inner, "early"), f"expected true or false, found {shown(early)}")
    if name == "select" and "rules" in options:
        options["rules"] = _rules(options["rules"], pass_name, folder, document, (*inner, "rules"))
    for key in getattr(STAGES[name], "files", ()):
        if isinstance(options.get(key), str):
            options[key] = resolved(options[key], folder)
    return Step(name, build(STAGES[name], options, document, inner), where, early)


def _domain(folder: Path, data: dict[str, Any], document: LocatedYaml, place: Place) -> dict[str, Any]:
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
    raise document.error(place, f"expected a name or {{name: {{option: value}}}}, found {shown(item)}")


def _where(data: Any, document: LocatedYaml, place: Place) -> Where:
    try:
        return parse_where(data)
    except ValueError as error:
        raise document.error(place, str(error)) from None


def _rules(items: Any, owner: str, folder: Path, document: LocatedYaml, place: Place) -> list[RuleSet]:
    """A rule set per item: one by name, or a rule written out as a set named after its owner."""
    if not isinstance(items, list):
        raise document.error(place, f"expected a list of rule sets and rules, found {shown(items)}")
    sets: list[RuleSet] = []
    for index, item in enumerate(items):
        here = (*place, index)
        if item in items[:index]:
            raise document.error(here, f"{shown(item)} is given twice")
        try:
            sets.append(
                rule_set(item, folder) if isinstance(item, str) else RuleSet(owner, (parse_rule(item, document, here),))
            )
        except KeyError as error:
            raise document.error(here, error.args[0]) from None
        check_reasons(sets, document, here)
    return sets


def register_all() -> None:
    """Import all stages and readers that ship, which registers them."""
    import datapipe.readers
    import datapipe.stages  # noqa: F401


def _register(imports: Any, folder: Path, document: LocatedYaml) -> None:
    """Import the user's own files, which register their stages and readers."""
    stems: set[str] = set()
    for index, name in enumerate(imports if isinstance(imports, list) else ()):
        path = folder / str(name)
        if path.stem in stems:
            raise document.error(("imports", index), f"two imports are called {path.stem!r}: rename one of the files")
        stems.add(path.stem)
        if not is_file(path):
            raise document.error(("imports", index), f"no such file: {path}")
        module_name = IMPORT_PREFIX + path.stem
        spec = importlib.util.spec_from_file_location(module_name, path)
        if spec is None or spec.loader is None:
            raise document.error(("imports", index), f"not a Python file: {path}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        try:
            spec.loader.exec_module(module)
        except THEIR_ERRORS as error:
            message = f"{path}:{_line_of(error, path)}: {type(error).__name__}: {error}"
            raise document.error(("imports", index), message) from error


def _line_of(error: BaseException, path: Path) -> int:
    """The line of the user's file that failed."""
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return lines[-1] or 1 if lines else 1


def _check_names(recipe: Recipe, document: LocatedYaml) -> None:
    groups: dict[str, Sequence[Any]] = {"sources": recipe.sources, "passes": recipe.passes, "domains": recipe.domains}
    for key, items in groups.items():
        names = [item.name for item in items]
        for index, name in enumerate(names):
            if name in names[:index]:
                raise document.error((key, index, "name"), f"the name {name!r} is given twice")
    for index, one in enumerate(recipe.passes):
        if one.name in BUILT_IN_PASSES:
            raise document.error(("passes", index, "name"), f"{one.name!r} is the name of a built-in pass")
        if index == 0 and one.repeated is not None:
            message = "the first pass reads the sources: remove repeated passages in a pass behind it"
            raise document.error(("passes", index, "repeated"), message)
        for number, step in enumerate(one.steps):
            if step.early and not (index == 0 or one.writes_text):
                message = "early drops need a pass that writes documents: the first one, or one that rewrites text"
                raise document.error(("passes", index, "steps", number, step.name, "early"), message)


def _check_duplicate_passes(recipe: Recipe, document: LocatedYaml) -> None:
    repeating = [index for index, one in enumerate(recipe.passes) if one.near is not None and one.near.repeat]
    if len(repeating) > 1:
        message = f"pass {recipe.passes[repeating[0]].name!r} says already how often to repeat"
        raise document.error(("passes", repeating[1], "near", "repeat"), message)
    for index, one in enumerate(recipe.passes):
        place = ("passes", index)
        if not one.drops_duplicates:
            if one.keep:
                raise document.error(
                    (*place, "keep"), "it chooses among duplicates: the pass needs `url`, `exact` or `near`"
                )
            continue
        _check_against(recipe, one, document, place)
        if one.repeated is not None:
            message = "passages are removed before documents are compared: give `repeated` a pass before"
            raise document.error((*place, "repeated"), message)
        if one.steps:
            raise document.error(
                (*place, "steps"), "`url`, `exact` and `near` make their own steps: give these a pass before"
            )
        if index == 0:
            message = "the first pass reads the sources: give it `steps`, and duplicates a pass behind it"
            raise document.error(place, message)
        later = next((other.name for other in recipe.passes[index + 1 :] if other.writes_text), None)
        if later is not None:
            message = f"pass {later!r} rewrites the text that is compared here: put this one behind it"
            raise document.error(place, message)


def _check_against(recipe: Recipe, one: Pass, document: LocatedYaml, place: Place) -> None:
    """Earlier runs are others, each named once; whether they are finished, storage knows."""
    for key, options in (("url", one.url), ("exact", one.exact), ("near", one.near)):
        folders = [folder if "://" in folder else normpath(folder) for folder in options.against] if options else []
        for number, folder in enumerate(folders):
            here = (*place, key, "against", number)
            if folder in (recipe.output, normpath(recipe.output)):
                raise document.error(here, f"{folder}: this is the run's own output")
            if folder in folders[:number]:
                raise document.error(here, f"{folder}: the folder is given twice")


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


def _check_output(recipe: Recipe, document: LocatedYaml) -> None:
    if is_http(recipe.output):
        raise document.error(("output",), f"{recipe.output!r}: URLs are read only; expected a folder, s3:// or gs://")


def _check_sources(recipe: Recipe, document: LocatedYaml) -> None:
    for index, source in enumerate(recipe.sources):
        if not source.paths and source.paths_from is None:
            raise document.error(("sources", index), "expected `paths` or `paths_from`")
        for key in ("fields", "extra_columns"):
            if getattr(source, key) and not source.reader.has_fields:
                raise document.error(("sources", index, key), "this reader's records have no fields")
