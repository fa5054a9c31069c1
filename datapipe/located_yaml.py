"""YAML that remembers its lines, and the one kind of error a recipe can have.

The YAML is the 1.2 core subset that recipes need: `no` is the language Norwegian and not a boolean, `1e-5` is a number,
dates stay text, `10_000_000` is an integer, and a key given twice is an error instead of a silent overwrite.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

Path = Sequence[str | int]
"""Keys and list positions from the root of the document to a value."""


class RecipeError(ValueError):
    """One line for the user: file, line number, what was found, what is possible."""


class _CoreLoader(yaml.SafeLoader):
    """SafeLoader with YAML 1.2's idea of booleans and floats, and without dates."""


_CoreLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":float", ":timestamp", ":int"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_CoreLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_CoreLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9_]*)$"), list("-+0123456789")
)
_CoreLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9]+|[0-9][0-9_]*(?=[eE]))(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)


def _construct_float(loader: _CoreLoader, node: yaml.ScalarNode) -> float:
    return float(loader.construct_scalar(node).replace("_", ""))


_CoreLoader.add_constructor("tag:yaml.org,2002:float", _construct_float)


@dataclass(frozen=True)
class LocatedYaml:
    """A parsed document, and where each of its values stands."""

    file: str
    data: Any
    root: yaml.Node | None

    def line(self, path: Path) -> int:
        """Line (from 1) of the value at `path`, or of the deepest part of the path that exists."""
        node, line = self.root, 1
        for key in path:
            child = _child(node, key)
            if child is None:
                continue  # a word of the schema that does not stand in the file
            node, line = child
        return line

    def error(self, path: Path, message: str) -> RecipeError:
        """The error at `path`: `FILE:LINE: place: message`."""
        place = ".".join(str(key) for key in path)
        return RecipeError(f"{self.file}:{self.line(path)}: {place + ': ' if place else ''}{message}")


def _child(node: yaml.Node | None, key: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if key_node.value == str(key):
                return value_node, key_node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and 0 <= key < len(node.value):
        return node.value[key], node.value[key].start_mark.line + 1
    return None


def parse(text: str, file: str) -> LocatedYaml:
    """Parse one YAML document. Raises RecipeError for bad syntax, an alias bomb or a repeated key."""
    loader = _CoreLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return LocatedYaml(file, None, None)
        _refuse_repeats(root, file, set())
        return LocatedYaml(file, loader.construct_document(root), root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise RecipeError(f"{file}:{line}: not valid YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise RecipeError(f"{file}:1: not valid YAML: {str(error).splitlines()[0]}") from error
    except RecursionError:
        raise RecipeError(f"{file}:1: not valid YAML: nested too deeply") from None
    finally:
        loader.dispose()


def _refuse_repeats(node: yaml.Node, file: str, seen_nodes: set[int]) -> None:
    if id(node) in seen_nodes:
        raise RecipeError(f"{file}:{node.start_mark.line + 1}: aliases (&name, *name) are not supported in recipes")
    seen_nodes.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise RecipeError(f"{file}:{key_node.start_mark.line + 1}: a key must be a word")
            if key_node.value in keys:
                raise RecipeError(f"{file}:{key_node.start_mark.line + 1}: key {key_node.value!r} is given twice")
            keys.add(key_node.value)
            _refuse_repeats(value_node, file, seen_nodes)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeats(item, file, seen_nodes)


def suggest(found: str, possible: Iterable[str], what: str = "possible") -> str:
    """`did you mean 'x'? possible: ...`: the nearest name first, then all of them."""
    names = sorted(possible)
    nearest = difflib.get_close_matches(found, names, n=1, cutoff=0.6)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    return f"{hint}{what}: {', '.join(names) or 'none'}"
