"""YAML that remembers its lines, and the one kind of error a recipe can have.

The YAML is the 1.2 core subset that recipes need: `no` is the language Norwegian and not a boolean, `1e-5` is a number,
dates stay text, `10_000_000` is an integer, keys are always text, and a key given twice is an error instead of a silent
overwrite. Aliases and tags are refused.
"""

import difflib
import json
import pathlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.reader import ReaderError

Path = Sequence[str | int]
"""Keys and list positions from the root of the document to a value."""

NOT_TEXT = re.compile("[\0\ud800-\udfff]")
"""What escapes in quotes can spell though neither file names nor UTF-8 can hold it."""
SHOWN_CHARACTERS = 80
"""How much of a wrong value an error quotes."""


class RecipeError(ValueError):
    """One line for the user: file, line number, what was found, what is possible."""

    def __init__(self, message: str) -> None:
        """Whatever `message` quotes, it becomes one line."""
        super().__init__(" ".join(line.strip() for line in message.splitlines()))


class _CoreLoader(yaml.SafeLoader):
    """SafeLoader with YAML 1.2's idea of what a plain word is."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # PyYAML's own attribute


STRING = "tag:yaml.org,2002:str"
for _tag, _pattern, _first in (
    ("null", r"(?:~|null|)", ["~", "n", ""]),
    ("bool", r"(?:true|false)", list("tf")),
    # 30 digits at most: Python refuses to read integers of thousands.
    ("int", r"[-+]?(?:0|[1-9][0-9_]{0,29})", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9]+|[0-9][0-9_]*(?=[eE]))(?:[eE][-+]?[0-9]+)?",
        list("-+.0123456789"),
    ),
):
    _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^{_pattern}$"), _first)


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


def is_file(path: pathlib.Path) -> bool:
    """Whether there is a file; a name that no file can have is none."""
    try:
        return path.is_file()
    except OSError:  # the name is too long
        return False


def read_text(file: pathlib.Path) -> str:
    """The text of a file of the recipe. Raises RecipeError when it cannot be read."""
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise RecipeError(f"{file}: cannot be read: not UTF-8 text") from None
    except OSError as error:
        raise RecipeError(f"{file}: cannot be read: {error.strerror}") from None


def parse(text: str, file: str) -> LocatedYaml:
    """Parse one YAML document. Raises RecipeError for bad syntax, an alias, a tag or a repeated key."""
    try:
        loader = _CoreLoader(text)
        root = loader.get_single_node()
        if root is None:
            return LocatedYaml(file, None, None)
        _check(root, loader, file, set())
        return LocatedYaml(file, loader.construct_document(root), root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = ": ".join(filter(None, (error.context, error.problem)))
        raise RecipeError(f"{file}:{mark.line + 1 if mark else 1}: not valid YAML: {problem}") from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise RecipeError(f"{file}:{line}: not valid YAML: character U+{error.character:04X}") from error
    except RecursionError:
        raise RecipeError(f"{file}:1: not valid YAML: nested too deeply") from None


def _check(node: yaml.Node, loader: _CoreLoader, file: str, seen_nodes: set[int]) -> None:
    """Refuse what recipes do not use, and make all keys text."""
    place = f"{file}:{node.start_mark.line + 1}"
    if id(node) in seen_nodes:
        raise RecipeError(f"{place}: aliases (&name, *name) are not supported in recipes")
    seen_nodes.add(id(node))
    is_plain = getattr(node, "style", None) is None
    if node.tag != loader.resolve(type(node), node.value, (is_plain, True)):  # type: ignore[no-untyped-call]
        raise RecipeError(f"{place}: tags ({node.tag}) are not supported in recipes; quote what is text")
    if isinstance(node, yaml.MappingNode):
        _check_keys([key for key, _ in node.value], file)
        for pair in node.value:
            for part in pair:
                _check(part, loader, file, seen_nodes)
            pair[0].tag = STRING
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check(item, loader, file, seen_nodes)
    elif NOT_TEXT.search(node.value):
        raise RecipeError(f"{place}: {shown(node.value)} holds NUL or half a pair of surrogates, which no text does")


def _check_keys(keys: list[yaml.Node], file: str) -> None:
    seen: set[str] = set()
    for key in keys:
        place = f"{file}:{key.start_mark.line + 1}"
        if not isinstance(key, yaml.ScalarNode):
            raise RecipeError(f"{place}: a key must be a word")
        if key.value in seen:
            raise RecipeError(f"{place}: key {key.value!r} is given twice")
        seen.add(key.value)


def shown(value: Any) -> str:
    """A value as an error quotes it: in YAML's own words, cut when it is long."""
    text = repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"


def suggest(found: str, possible: Iterable[str], what: str = "possible") -> str:
    """`did you mean 'x'? possible: ...`: the nearest name first, then all of them."""
    names = sorted(possible)
    nearest = difflib.get_close_matches(found, names, n=1, cutoff=0.6)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    return f"{hint}{what}: {', '.join(names) or 'none'}"
