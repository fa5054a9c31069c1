"""Fingerprints: 128-bit digests of what determines an output. They chain from pass to pass.

A pass is told by its steps (names, versions, options, conditions, the digests of files they name, the versions of the
libraries they wrap) and by the fingerprints of the passes whose columns it reads: a moved threshold changes the
deciding pass and the shards, nothing before.
"""

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import xxhash

from datapipe import storage
from datapipe.loading.columns import Columns, columns_before
from datapipe.loading.located_yaml import RecipeError
from datapipe.reader import Reader, name_of
from datapipe.recipe import IMPORT_PREFIX, Domain, Recipe, Source, Step, options_of
from datapipe.rules import RuleSet
from datapipe.stage import Stage
from datapipe.where import where_data

FORMAT = 1
"""Raised when the layout of the output changes: everything is made anew."""


def digest(data: object) -> str:
    """32 hex digits of plain data."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return xxhash.xxh3_128_hexdigest(text.encode("utf-8", "surrogatepass"))


def _plain(value: object) -> Any:
    if isinstance(value, RuleSet):
        return rules_data([value])
    if isinstance(value, Mapping):
        return dict(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise TypeError(f"no fingerprint of {value!r}")


def rules_data(rule_sets: Iterable[RuleSet]) -> list[Any]:
    """What rule sets decide by: their words about it left out."""
    data = []
    for rule_set in rule_sets:
        rules = [{k: v for k, v in dataclasses.asdict(rule).items() if k != "source"} for rule in rule_set.rules]
        data.append([rule_set.name, rules, [dataclasses.astuple(override) for override in rule_set.overrides]])
    return data


def step_data(step: Step) -> list[Any]:
    """What determines the output of a step."""
    from importlib.metadata import version  # 20 ms that `import datapipe` need not pay

    options = options_of(step.stage)
    # A file is told by what it holds: where it lies changes with every job's copy of the working directory.
    named = {key: options.pop(key) for key in getattr(step.stage, "files", ())}
    files = {key: _file_digest(step.name, path) for key, path in named.items() if path is not None}
    libraries = {name: version(name) for name in getattr(step.stage, "libraries", ())}
    libraries |= _own_source(step.stage)
    return [step.name, step.stage.version, options, where_data(step.where), step.early, files, libraries]


def _file_digest(step: str, path: str) -> str:
    """Digest of the file an option names. Raises RecipeError when there is none."""
    if not storage.exists(path):
        raise RecipeError(f"step {step!r}: no such file: {path}")
    return xxhash.xxh3_128_hexdigest(storage.read_bytes(path))


def _own_source(item: Stage | Reader) -> dict[str, str]:
    """Digest of the user's file that an imported stage or reader comes from: nobody remembers to raise a version."""
    module = sys.modules[type(item).__module__]
    if not module.__name__.startswith(IMPORT_PREFIX) or module.__file__ is None:
        return {}
    return {module.__name__: xxhash.xxh3_128_hexdigest(storage.read_bytes(module.__file__))}


def source_fingerprint(source: Source) -> str:
    """How a source is read: everything but which files."""
    reader = source.reader
    read = [name_of(reader), reader.version, options_of(reader), _own_source(reader)]
    return digest([FORMAT, source.name, read, source.fields, source.extra_columns, source.max_record_bytes])


def pass_fingerprints(recipe: Recipe, sample: float | None = None) -> dict[str, str]:
    """The fingerprint of every pass, by name, with those of the built-in passes `decide` and `pack`."""
    found: dict[str, str] = {}
    for index, one in enumerate(recipe.passes):
        columns = columns_before(recipe, index)
        reads = {name for step in one.sweep for name in (*step.stage.reads, *(c.column for c in step.where))}
        upstream = _upstream(columns, {"text", *reads} if index else set(), found)
        own = [recipe.cut_bytes, sample, _names(columns)] if index == 0 else []
        found[one.name] = digest([FORMAT, one.name, [step_data(step) for step in one.sweep], own, upstream])
    columns = columns_before(recipe, len(recipe.passes))
    selections = [[one.name, step_data(step)] for one in recipe.passes for step in one.late_selections]
    domains = [_routing(domain) for domain in recipe.domains]
    every_pass = sorted(found.items())  # a quarantine in any of them drops a document
    found["decide"] = digest([FORMAT, selections, domains, every_pass, recipe.seed, recipe.holdout])
    carried = _upstream(columns, {"text", *recipe.columns}, found)
    repeats = [sorted(one.near.repeat.items()) for one in recipe.passes if one.near is not None and one.near.repeat]
    found["gather"] = digest([FORMAT, found["decide"], recipe.columns, carried, *repeats])
    found["pack"] = digest([found["gather"], recipe.shard_bytes])
    return found


def _names(columns: Columns) -> list[Any]:
    return [[name, str(column.field.type)] for name, column in columns.items()]


def _upstream(columns: Columns, reads: set[str], found: Mapping[str, str]) -> list[str]:
    homes = {columns[name].home for name in reads if name in columns}
    return [found[home] for home in sorted(homes)]


def _routing(domain: Domain) -> list[Any]:
    return [domain.name, where_data(domain.where), rules_data(domain.rules), domain.by]
