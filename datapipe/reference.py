"""The reference of recipe keys, stages, readers and rule sets, generated from the code.

`recipes/REFERENCE.md` is `python -m datapipe.reference`; a test fails when it is out of date.
"""

import inspect
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

import datapipe.where
from datapipe.key_tables import about, key_table, link, print_reference_page, row
from datapipe.loading.load import register_all
from datapipe.loading.rule_files import SHIPPED, RuleFile, rule_set
from datapipe.loading.schema import options_schema, recipe_schema
from datapipe.reader import READERS
from datapipe.recipe import Domain, Holdout, Pass, Recipe, Sampling, Source, Unimax
from datapipe.recipe_duplicates import Exact, Near, Preference, Repeated, Url
from datapipe.report.rules import describe
from datapipe.rules import Rule
from datapipe.stage import STAGES, written_by

INTRODUCTION = """\
# Reference

Every key of a recipe, every stage, reader and rule set. Generated from the code by `python -m datapipe.reference`; do
not edit. `datapipe stages NAME` shows one entry of it, `datapipe schema` has the keys as JSON Schema for editors.
"""
EXAMPLE = """\
name: example
output: out/example
sources:
  - {name: web, reader: warc, paths: ["data/*.warc.gz"]}
passes:
  - name: extract
    steps: [extract_html, normalize_text, identify_language]
  - name: measure
    steps: [text_statistics, repetition: {variant: datatrove}]
domains:
  - name: english
    where: {language: en}
    rules: [gopher, {column: word_count, name: length, min: 100}]
    weight: 0.7
  - {name: others, weight: 0.3, by: language, sampling: {alpha: 2}}
"""
STEPS = """\
A step is the name of a [stage](#stages), or `{name: {option: value}}`. Any step may carry `where:`, the rows it applies
to: the others pass untouched and their measurements are null. `select` may be `early: true`: the documents it drops
leave before they are written; all other selections wait for the deciding pass.
"""
DROP_REASONS = """\
A rule set is named in the `rules` of a domain or of `select`. A drop reason says set, column and limit. A measurement
that is null drops the document too, with `missing` in the place of the limit (`gopher.word_count.missing`).
"""
LINKS = {
    "Source": "[sources](#sources)",
    "Pass": "[passes](#passes)",
    "Repeated": "[repeated](#repeated)",
    "Exact": "[exact](#exact)",
    "Url": "[url](#url)",
    "Near": "[near](#near)",
    "Preference": "[keep](#keep)",
    "Domain": "[domains](#domains)",
    "Step": "[steps](#steps)",
    "Reader": "[reader](#readers)",
    "Rule": "[rules](#rules)",
    "Rules": "list of [rule sets](#rule-sets) and [rules](#rules)",
    "Where": "[where](#where)",
    "Sampling": "[sampling](#sampling)",
    "Unimax": "[unimax](#unimax)",
    "Holdout": "[holdout](#holdout)",
}
COLUMN_TYPES = {
    "int32": "integer",
    "int64": "integer",
    "double": "number",
    "bool": "true or false",
    "string": "text",
    "large_string": "text",
    "list<item: string>": "list of text",
    "fixed_size_binary[16]": "16 bytes",
}


def reference() -> str:
    """The whole page, in Markdown."""
    entries = sections()
    groups = {
        "Recipe keys": [name for name in entries if name not in {*STAGES, *READERS, *_shipped()}],
        "Stages": sorted(STAGES),
        "Readers": sorted(READERS),
        "Rule sets": _shipped(),
    }
    parts = [INTRODUCTION, f"```yaml\n{EXAMPLE}```\n"]
    for group, names in groups.items():
        parts.append(f"**{link(group)}**: {', '.join(link(name) for name in names)}\n")
    for group, names in groups.items():
        parts.append(f"## {group}\n")
        parts += [DROP_REASONS] if group == "Rule sets" else []
        parts += [entries[name] for name in names]
    return "\n".join(parts).strip() + "\n"


def sections() -> dict[str, str]:
    """Every entry of the page by its name: keys, stages, readers, rule sets."""
    register_all()
    entries = dict(_key_sections())
    for registry in (STAGES, READERS):
        entries |= {name: "\n".join([f"### {name}\n", *_entry(name, registry[name])]) for name in sorted(registry)}
    return entries | {name: "\n".join([f"### {name}\n", *_rule_set(name)]) for name in _shipped()}


def _shipped() -> list[str]:
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def _key_sections() -> list[tuple[str, str]]:
    schema = recipe_schema()
    definitions = schema["$defs"]
    where = inspect.cleandoc(datapipe.where.__doc__ or "")
    found = [
        ("recipe", _keys(Recipe, schema)),
        ("sources", _keys(Source, definitions["Source"])),
        ("passes", _keys(Pass, definitions["Pass"])),
        ("steps", [STEPS]),
        ("repeated", _keys(Repeated, definitions["Repeated"])),
        ("exact", _keys(Exact, definitions["Exact"])),
        ("url", _keys(Url, definitions["Url"])),
        ("near", _keys(Near, definitions["Near"])),
        ("keep", _keys(Preference, definitions["Preference"])),
        ("where", [f"{where}\n"]),
        ("domains", _keys(Domain, definitions["Domain"])),
        ("sampling", _keys(Sampling, definitions["Sampling"])),
        ("unimax", _keys(Unimax, definitions["Unimax"])),
        ("holdout", _keys(Holdout, definitions["Holdout"])),
        ("rules", _keys(Rule, definitions["Rule"])),
        ("rule files", _keys(RuleFile, options_schema(RuleFile))),
    ]
    return [(title, "\n".join([f"### {title}\n", *parts])) for title, parts in found]


def _keys(cls: type[Any], schema: dict[str, Any]) -> Iterator[str]:
    yield about(cls)
    yield from key_table(schema, LINKS)


def _entry(name: str, cls: type[Any]) -> Iterator[str]:
    yield about(cls)
    if isinstance(getattr(cls, "reads", None), tuple):
        yield f"Reads {', '.join(f'`{column}`' for column in cls.reads)}.\n"
    written = written_by(cls) or getattr(cls, "columns", None)
    if isinstance(written, pa.Schema) and len(written):
        yield f"Writes {_columns(written)}.\n"
    if getattr(cls, "suffixes", ()):
        yield f"Of a folder it takes {', '.join(f'`{suffix}`' for suffix in cls.suffixes)}.\n"
    schema = options_schema(cls)
    if name == "select":
        schema["properties"]["rules"] = {"$ref": "#/$defs/Rules", **schema["properties"]["rules"]}
    yield from key_table(schema, LINKS)


def _columns(schema: pa.Schema) -> str:
    """The columns of one type after another, in their order."""
    groups: list[tuple[str, list[str]]] = []
    for field in schema:
        kind = COLUMN_TYPES.get(str(field.type), str(field.type))
        if pa.types.is_fixed_size_list(field.type):
            kind = f"list of {field.type.list_size} integers"
        if not groups or groups[-1][0] != kind:
            groups.append((kind, []))
        groups[-1][1].append(f"`{field.name}`")
    return "; ".join(f"{', '.join(names)} ({kind})" for kind, names in groups)


def _rule_set(name: str) -> Iterator[str]:
    rules = rule_set(name, SHIPPED)
    yield rules.about + "\n"
    yield "| drop reason | documents that stay | limit from |"
    yield "| --- | --- | --- |"
    for check in rules.checks():
        if check.kind != "missing":
            yield f"| {row(f'`{check.reason}`', describe(check, in_short=True), check.rule.source or '')} |"
    yield ""
    languages = sorted({override.language for override in rules.overrides})
    if languages:
        yield f"Own limits for {len(languages)} languages: {', '.join(languages)}.\n"


def print_stages(name: str | None) -> None:
    """Show the reference, or one entry of it, on the terminal. Raises RecipeError for a name of nothing."""
    print_reference_page(reference(), sections(), name)


if __name__ == "__main__":
    print(reference(), end="")
