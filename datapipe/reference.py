"""The reference of recipe keys, stages, readers and rule sets, generated from the code.

`recipes/REFERENCE.md` is `python -m datapipe.reference`; a test fails when it is out of date.
"""

import inspect
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from rich.console import Console
from rich.markdown import Markdown

from datapipe.loading import NOT_KEYS, register_all
from datapipe.located_yaml import RecipeError, suggest
from datapipe.reader import READERS
from datapipe.recipe import Domain, Holdout, Pass, Recipe, Sampling, Source, Unimax
from datapipe.rule_files import SHIPPED, rule_set
from datapipe.rules import Rule
from datapipe.schema import options_schema
from datapipe.stage import STAGES

INTRODUCTION = """# Reference

Generated from the code by `python -m datapipe.reference`; do not edit. Keys without a default are required.
"""


def reference() -> str:
    """The whole page, in Markdown."""
    register_all()
    parts = [INTRODUCTION, "## Recipe keys\n"]
    for title, cls in (
        ("recipe", Recipe), ("sources", Source), ("passes", Pass), ("domains", Domain), ("sampling", Sampling),
        ("unimax", Unimax), ("holdout", Holdout), ("rules", Rule),
    ):  # fmt: skip
        parts += [f"### {title}\n", inspect.cleandoc(cls.__doc__ or "") + "\n", *_keys(cls)]
    parts.append("\n## Stages\n")
    parts += [part for name in sorted(STAGES) for part in _entry(name, STAGES[name])]
    parts.append("\n## Readers\n")
    parts += [part for name in sorted(READERS) for part in _entry(name, READERS[name])]
    parts.append("\n## Rule sets\n")
    parts += [part for path in sorted(SHIPPED.glob("*.yaml")) for part in _rules(path.stem)]
    return "\n".join(parts).replace("\n\n\n", "\n\n").strip() + "\n"


def _entry(name: str, cls: type[Any]) -> Iterator[str]:
    yield f"### {name}\n"
    yield inspect.cleandoc(cls.__doc__ or "") + "\n"
    if isinstance(getattr(cls, "reads", None), tuple):
        yield f"Reads: {', '.join(f'`{column}`' for column in cls.reads) or 'nothing'}.\n"
    written = getattr(cls, "writes", None) or getattr(cls, "columns", None)
    if isinstance(written, pa.Schema) and len(written):
        yield f"Writes: {', '.join(f'`{field.name}` ({field.type})' for field in written)}.\n"
    if getattr(cls, "suffixes", ()):
        yield f"Of a folder it takes: {', '.join(f'`{suffix}`' for suffix in cls.suffixes)}.\n"
    yield from _keys(cls)


def _keys(cls: type[Any]) -> Iterator[str]:
    schema = options_schema(cls)
    keys = {
        key: value for key, value in schema.get("properties", {}).items() if not (cls is Recipe and key in NOT_KEYS)
    }
    if not keys:
        return
    yield "| key | type | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for key, value in keys.items():
        default = (
            ""
            if key in schema.get("required", ())
            else f"`{_plain(value.get('default'))}`"
            if "default" in value
            else ""
        )
        meaning = " ".join(str(value.get("description", "")).split()).replace("|", "\\|")
        yield f"| `{key}` | {_type(value)} | {default} | {meaning} |"
    yield ""


def _plain(value: Any) -> str:
    words = {None: "none", True: "true", False: "false"}
    return words[value] if value is None or isinstance(value, bool) else str(value)


def _type(value: dict[str, Any]) -> str:
    if "enum" in value:
        return " \\| ".join(f"`{one}`" for one in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    if "anyOf" in value:
        return " \\| ".join(dict.fromkeys(_type(one) for one in value["anyOf"] if one.get("type") != "null"))
    if value.get("type") == "array":
        return f"list of {_type(value.get('items', {}))}".removesuffix(" of any")
    names = {
        "integer": "integer",
        "number": "number",
        "string": "text",
        "boolean": "true or false",
        "object": "mapping",
    }
    return names.get(str(value.get("type")), "mapping" if "$ref" in value else "any")


def _rules(name: str) -> Iterator[str]:
    rules = rule_set(name, SHIPPED)
    yield f"### {name}\n"
    yield rules.about + "\n"
    yield "| drop reason | keeps | limit from |"
    yield "| --- | --- | --- |"
    for check in rules.checks():
        if check.kind != "missing":
            limit = "per language" if check.limit(None) is None else check.limit(None)
            where = f" where {dict(check.rule.where)}" if check.rule.where else ""
            yield f"| `{check.reason}` | {check.kind} {limit}{where} | {check.rule.source or ''} |"
    if rules.overrides:
        languages = len({override.language for override in rules.overrides})
        yield f"\nWith limits of their own for {languages} languages.\n"
    yield ""


def print_stages(name: str | None) -> None:
    """Show the reference, or one entry of it, on the terminal."""
    register_all()
    if name is None:
        text = reference()
    elif name in STAGES or name in READERS:
        text = "\n".join(_entry(name, {**STAGES, **READERS}[name]))
    else:
        raise RecipeError(f"no stage or reader {name!r}; {suggest(name, [*STAGES, *READERS])}")
    Console().print(Markdown(text))


if __name__ == "__main__":
    print(reference(), end="")
