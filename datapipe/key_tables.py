"""Pages of reference in Markdown: tables of keys, from the JSON Schema of their dataclasses."""

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.markdown import Markdown

from datapipe.loading.located_yaml import RecipeError, shown, suggest

TYPES = {
    "integer": "integer",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "object": "mapping",
    "null": "null",
}
SHORT_DEFAULT = 40
"""Characters of a default that fit into a table; a longer one stands below it."""


def reference_page(introduction: str, example: str, entries: Mapping[str, str]) -> str:
    """A whole page: what it is, an example in YAML, its contents, and the entries by their titles."""
    contents = f"**Contents**: {', '.join(link(title) for title in entries)}\n"
    return "\n".join([introduction, f"```yaml\n{example}```\n", contents, *entries.values()]).strip() + "\n"


def print_reference_page(page: str, entries: Mapping[str, str], name: str | None) -> None:
    """Show the page, or one entry of it, on the terminal. Raises RecipeError for a name of nothing."""
    if name is not None and name not in entries:
        raise RecipeError(f"nothing is called {shown(name)}; {suggest(name, entries)}")
    Console().print(Markdown(page if name is None else entries[name]))


def mapping_entries(
    schema: dict[str, Any], mappings: Mapping[str, type[Any]], links: Mapping[str, str]
) -> dict[str, str]:
    """An entry with its keys for each of the mappings, by title; the first is that whose schema it is."""
    whole = next(iter(mappings.values())).__name__
    schemas = {**schema["$defs"], whole: schema}
    return {
        title: "\n".join([f"## {title}\n", about(cls), *key_table(schemas[cls.__name__], links)])
        for title, cls in mappings.items()
    }


def about(cls: type[Any]) -> str:
    """What a class says of itself, as a paragraph."""
    return inspect.cleandoc(cls.__doc__ or "") + "\n"


def link(title: str) -> str:
    """A link to the heading `title` of the same page."""
    return f"[{title}](#{title.lower().replace(' ', '-')})"


def row(*cells: str) -> str:
    """The cells of a line of a table."""
    return " | ".join(cell.replace("|", "\\|") for cell in cells)


def key_table(schema: dict[str, Any], links: Mapping[str, str]) -> Iterator[str]:
    """The keys of a mapping: what they take, what they are when left out, what they mean."""
    keys: dict[str, dict[str, Any]] = schema.get("properties", {})
    if not keys:
        return
    yield "| key | takes | default | meaning |"
    yield "| --- | --- | --- | --- |"
    below = []
    for key, value in keys.items():
        default = "**required**" if key in schema.get("required", ()) else _default(value.get("default"))
        if len(default) > SHORT_DEFAULT:
            below.append(f"`{key}` by default: {default}\n")
            default = "see below"
        meaning = " ".join(str(value.get("description", "")).split())
        yield f"| {row(f'`{key}`', _type(value, links), default, meaning)} |"
    yield ""
    yield from below


def _default(value: Any) -> str:
    if value in (None, "", {}, []):
        return ""
    if isinstance(value, list):
        return ", ".join(f"`{_plain(one)}`" for one in value)
    return f"`{_plain(value)}`"


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value if value.isprintable() else json.dumps(value)
    return f"{value:_}" if isinstance(value, int) and not isinstance(value, bool) else shown(value)


def _type(value: dict[str, Any], links: Mapping[str, str]) -> str:
    if "$ref" in value:
        return links.get(value["$ref"].rpartition("/")[2], "mapping")
    if "enum" in value:
        return " or ".join(f"`{one}`" for one in value["enum"])
    if "anyOf" in value:
        kinds = [_type(one, links) for one in value["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "prefixItems" in value:
        return f"list of {' and '.join(_type(one, links) for one in value['prefixItems'])}"
    if value.get("type") == "array":
        return f"list of {_type(value['items'], links)}"
    if value.get("type") == "object":
        of_any_key = [value["additionalProperties"]] if isinstance(value.get("additionalProperties"), dict) else []
        inner = [*of_any_key, *value.get("patternProperties", {}).values()]
        return f"mapping to {_type(inner[0], links)}" if inner else TYPES["object"]
    return TYPES[value["type"]]
