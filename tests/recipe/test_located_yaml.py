"""YAML that remembers its lines: which words mean what, what is refused, and that errors are one line."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from datapipe.loading.located_yaml import LocatedYaml, RecipeError, parse, read_text, shown, suggest


def refused(text: str) -> str:
    with pytest.raises(RecipeError) as caught:
        parse(text, "f.yaml")
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("n", "n"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("17", 17),
        ("-17", -17),
        ("+17", 17),
        ("0", 0),
        ("10_000_000", 10_000_000),
        ("9" * 30, int("9" * 30)),
        ("9" * 31, "9" * 31),
        ("010", "010"),
        ("0x1f", "0x1f"),
        ("1:30", "1:30"),
        ("2024-05-31", "2024-05-31"),
        ("0.5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("-0.25", -0.25),
        ("1e-5", 1e-5),
        ("2E3", 2000.0),
        ("1_000.5", 1000.5),
        (".", "."),
        ("1.2.3", "1.2.3"),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("=", "="),
        ("'17'", "17"),
        ('"true"', "true"),
        ("|\n 1\n 2\n", "1\n2\n"),
    ],
)
def test_a_word_is_what_yaml_1_2_says(text: str, value: Any) -> None:
    found = parse(f"key: {text}", "f.yaml").data["key"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_always_text() -> None:
    text = "{2024: a, no: b, true: c, ~: d, 1: e, 1.0: f, <<: {name: g}}"
    keys = ["2024", "no", "true", "~", "1", "1.0", "<<"]
    assert list(parse(text, "f.yaml").data) == keys


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_file_is_no_document(text: str) -> None:
    assert parse(text, "f.yaml").data is None


NESTED = """\
name: tiny
steps:
  - one
  - two: {a: 1,
      b: 2}
  -
    three:

      c: 3
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("name",), 1),
        (("steps",), 2),
        (("steps", 0), 3),
        (("steps", 1), 4),
        (("steps", 1, "two", "b"), 5),
        (("steps", 2), 7),
        (("steps", 2, "three", "c"), 9),
        (("steps", 9), 2),
        (("nowhere", 3), 1),
        (("steps", 2, "three", "nowhere"), 7),
        (("steps", "a word of the schema", 1, "two", "b"), 5),
    ],
)
def test_a_path_has_a_line_or_that_of_its_deepest_part(path: tuple[str | int, ...], line: int) -> None:
    assert parse(NESTED, "f.yaml").line(path) == line


def test_an_error_says_file_line_place_and_message() -> None:
    document = parse(NESTED, "dir/f.yaml")
    assert str(document.error(("steps", 1, "two", "b"), "too big")) == "dir/f.yaml:5: steps.1.two.b: too big"
    assert str(document.error((), "too big")) == "dir/f.yaml:1: too big"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "f.yaml:3: key 'a' is given twice"),
        ("a: {b: 1,\n b: 2}", "f.yaml:2: key 'b' is given twice"),
        ("1: a\n'1': b", "f.yaml:2: key '1' is given twice"),
        ("a: &x [1]\nb: *x", "f.yaml:1: aliases (&name, *name) are not supported in recipes"),
        ("&a [*a]", "f.yaml:1: aliases (&name, *name) are not supported in recipes"),
        ("a: &x b\n*x : 1", "f.yaml:1: aliases (&name, *name) are not supported in recipes"),
        ("a: *x", "f.yaml:1: not valid YAML: found undefined alias 'x'"),
        ("a: 1\n? [b]\n: c", "f.yaml:2: a key must be a word"),
        ("a: 1\n? {b: 1}\n: c", "f.yaml:2: a key must be a word"),
        ("a:\n\tb: 1", "f.yaml:2: not valid YAML: while scanning for the next token: found character '\\t'"),
        ("a: 1\n b: 2", "f.yaml:2: not valid YAML: mapping values are not allowed here"),
        ("a: [1, 2", "f.yaml:1: not valid YAML: while parsing a flow sequence: expected ',' or ']'"),
        ("a: 1\n---\nb: 2", "f.yaml:2: not valid YAML: expected a single document in the stream"),
        ("a: 1\nb: x\0y", "f.yaml:2: not valid YAML: character U+0000"),
        ("a: 1\nb: \x1b[0m", "f.yaml:2: not valid YAML: character U+001B"),
        ('a: "\\0"', "f.yaml:1: '\\x00' holds NUL or half a pair of surrogates"),
        ('a: 1\n"\\ud800": 1', "f.yaml:2: '\\ud800' holds NUL or half a pair of surrogates"),
        ("a: !!int x", "f.yaml:1: tags (tag:yaml.org,2002:int) are not supported"),
        ("a: !!str 5", "f.yaml:1: tags (tag:yaml.org,2002:str) are not supported"),
        ("a: !!bool x", "f.yaml:1: tags (tag:yaml.org,2002:bool) are not supported"),
        ("a: !!binary x", "f.yaml:1: tags (tag:yaml.org,2002:binary) are not supported"),
        ("a: !!set {b}", "f.yaml:1: tags (tag:yaml.org,2002:set) are not supported"),
        ("a: !!timestamp x", "f.yaml:1: tags (tag:yaml.org,2002:timestamp) are not supported"),
        ("a: !!python/object/apply:os.system [x]", "f.yaml:1: tags (tag:yaml.org,2002:python/object"),
        ("a: !own x", "f.yaml:1: tags (!own) are not supported"),
        ("[" * 2000, "f.yaml:1: not valid YAML: nested too deeply"),
        ("- " * 2000, "f.yaml:1: not valid YAML: nested too deeply"),
    ],
)
def test_what_recipes_do_not_use_is_refused_in_one_line(text: str, message: str) -> None:
    assert refused(text).startswith(message)


def test_a_bomb_of_aliases_is_refused_before_it_is_built() -> None:
    bomb = "a: &a [x, x]\n" + "\n".join(
        f"{b}: &{b} [*{a}, *{a}, *{a}]" for a, b in zip("abcdefg", "bcdefgh", strict=True)
    )
    assert "aliases" in refused(bomb)


def test_an_anchor_that_nobody_uses_does_no_harm() -> None:
    assert parse("a: &x 1", "f.yaml").data == {"a": 1}


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Cn")), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
@example({"a": [-0.0, 1e300, 5e-324, 10**22, "no", "1_0", "null"]})
def test_json_is_read_as_json(data: Any) -> None:
    assert parse(json.dumps(data, ensure_ascii=False), "f.yaml").data == data


@given(st.text(max_size=60) | st.text(alphabet="ab:-[]{}&*!|>'\"#%@`?,. \n\t01", max_size=60))
def test_any_text_is_a_document_or_one_line_of_error(text: str) -> None:
    try:
        assert isinstance(parse(text, "f.yaml"), LocatedYaml)
    except RecipeError as error:
        assert len(str(error).splitlines()) == 1
        assert str(error).startswith("f.yaml:")


def test_a_message_of_several_lines_becomes_one() -> None:
    error = RecipeError("one:\n  two\r\n three\u2028four")
    assert str(error) == "one: two three four"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a'b", '"a\'b"'),
        ("two\nlines", r"'two\nlines'"),
        (True, "true"),
        (None, "null"),
        (0.5, "0.5"),
        (["a", 1], '["a", 1]'),
        (("a", "b"), '["a", "b"]'),
        ({"a": None}, '{"a": null}'),
        ("x" * 200, "'" + "x" * 78 + "…"),
    ],
)
def test_a_value_is_shown_in_the_words_of_yaml_and_cut(value: Any, text: str) -> None:
    assert shown(value) == text


def test_the_nearest_name_is_suggested_before_all_of_them() -> None:
    assert suggest("weigth", ["weight", "where"]) == "did you mean 'weight'? possible: weight, where"
    assert suggest("x", ["b", "a"], "there are") == "there are: a, b"
    assert suggest("x", []) == "possible: none"


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"PK\x03\x04\xff\xfe")
    for name, reason in (
        ("binary", "not UTF-8 text"),
        ("missing", "No such file or directory"),
        ("", "Is a directory"),
    ):
        with pytest.raises(RecipeError, match=f"cannot be read: {reason}$"):
            read_text(tmp_path / name)
