"""Plain data becomes the dataclass it describes, or one error that says where, what, and what else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from datapipe.loading.located_yaml import RecipeError, parse
from datapipe.loading.validation import build


@dataclass(frozen=True)
class Wheel:
    """Part of a mill."""

    radius: Annotated[float, Field(gt=0)]
    kind: Literal["overshot", "undershot"] = "overshot"

    def __post_init__(self) -> None:
        if self.kind == "undershot" and self.radius > 9:
            raise ValueError("an undershot wheel is at most 9 m")


@dataclass(frozen=True)
class Mill:
    """Something with parts of every type."""

    name: Annotated[str, Field(pattern="^[a-z]+$")]
    wheels: tuple[Wheel, ...] = ()
    spare: Wheel | None = None
    crew: Annotated[tuple[str, ...], Field(min_length=1)] = ("miller",)
    stones: Annotated[int, Field(ge=1, le=6)] = 2
    is_running: bool = False
    loads: Mapping[str, Annotated[float, Field(ge=0)]] = field(default_factory=dict)
    marks: tuple[str | int | bool, ...] | None = None


def mill(text: str) -> Mill:
    document = parse(text, "mill.yaml")
    return build(Mill, document.data, document)


def refused(text: str) -> str:
    with pytest.raises(RecipeError) as caught:
        mill(text)
    return str(caught.value)


def test_everything_is_built_from_the_inside_out() -> None:
    text = """
        name: old
        wheels: [{radius: 2}, {radius: 3.5, kind: undershot}]
        spare: {radius: 1}
        loads: {rye: 1, oat: 0.5}
    """
    expected = Mill(
        "old", wheels=(Wheel(2.0), Wheel(3.5, "undershot")), spare=Wheel(1.0), loads={"rye": 1.0, "oat": 0.5}
    )
    assert mill(text) == expected


def test_whole_numbers_become_floats_where_floats_are_meant() -> None:
    assert type(mill("{name: a, wheels: [{radius: 2}]}").wheels[0].radius) is float


def test_values_of_several_types_keep_their_own() -> None:
    assert mill("{name: a, marks: [1, true, x]}").marks == (1, True, "x")
    assert [type(mark) for mark in mill("{name: a, marks: [1, true, '1']}").marks or ()] == [int, bool, str]


def test_null_is_none_only_where_none_is_allowed() -> None:
    assert mill("{name: a, spare: null}").spare is None
    assert refused("{name: null}").endswith("name: expected text, found null")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a]", 'expected a mapping, found ["a"]; keys: name, wheels, spare'),
        ("nme: a", "nme: unknown key; did you mean 'name'? possible: crew, is_running, loads, marks, name"),
        ("{stones: 1}", "key 'name' is missing"),
        ("{name: Old}", "name: expected text that matches ^[a-z]+$, found 'Old'"),
        ("{name: 5}", "name: expected text, found 5"),
        ("{name: a, stones: '1'}", "stones: expected an integer, found '1'"),
        ("{name: a, stones: 1.0}", "stones: expected an integer, found 1.0"),
        ("{name: a, stones: true}", "stones: expected an integer, found true"),
        ("{name: a, stones: 0}", "stones: expected at least 1, found 0"),
        ("{name: a, stones: 7}", "stones: expected at most 6, found 7"),
        ("{name: a, is_running: 1}", "is_running: expected true or false, found 1"),
        ("{name: a, is_running: yes}", "is_running: expected true or false, found 'yes'"),
        ("{name: a, crew: miller}", "crew: expected a list, found 'miller'"),
        ("{name: a, crew: []}", "crew: expected at least 1 of them, found []"),
        ("{name: a, crew: [b, 5]}", "crew.1: expected text, found 5"),
        ("{name: a, loads: [b]}", 'loads: expected a mapping, found ["b"]'),
        ("{name: a, loads: {rye: x}}", "loads.rye: expected a number, found 'x'"),
        ("{name: a, loads: {rye: true}}", "loads.rye: expected a number, found true"),
        ("{name: a, loads: {rye: -1}}", "loads.rye: expected at least 0, found -1"),
        ("{name: a, loads: {rye: 1e999}}", "loads.rye: expected a finite number, found Infinity"),
        ("{name: a, spare: 4}", "spare: expected a mapping, found 4"),
        ("{name: a, spare: [{radius: 1}]}", 'spare: expected a mapping, found [{"radius": 1}]'),
        ("{name: a, spare: {}}", "spare: key 'radius' is missing"),
        ("{name: a, wheels: {radius: 1}}", 'wheels: expected a list, found {"radius": 1}'),
        ("{name: a, wheels: [{radius: 1}, 5]}", "wheels.1: expected a mapping, found 5"),
        ("{name: a, wheels: [{radius: 1}, {radius: 0}]}", "wheels.1.radius: expected more than 0, found 0"),
        ("{name: a, wheels: [{radius: 1, kidn: x}]}", "wheels.0.kidn: unknown key; did you mean 'kind'?"),
        ("{name: a, wheels: [{radius: 1, kind: x}]}", "wheels.0.kind: expected 'overshot' or 'undershot', found 'x'"),
        ("{name: a, wheels: [{radius: 10, kind: undershot}]}", "wheels.0: an undershot wheel is at most 9 m"),
        ("{name: a, marks: [1, 0.5]}", "marks.1: expected text or an integer or true or false, found 0.5"),
        ("{name: a, marks: [null]}", "marks.0: expected text or an integer or true or false, found null"),
        ("{name: a, marks: 5}", "marks: expected a list, found 5"),
    ],
)
def test_a_wrong_value_is_told_with_its_place_and_what_was_expected(text: str, message: str) -> None:
    assert refused(text).startswith(f"mill.yaml:1: {message}")


def test_the_line_is_that_of_the_value() -> None:
    assert refused("name: a\nwheels:\n  - radius: 1\n  - kind: overshot\n    radius: x").startswith(
        "mill.yaml:5: wheels.1"
    )


def test_a_long_value_is_cut() -> None:
    assert len(refused(f"{{name: a, crew: {['x' * 50] * 50}, stones: {list(range(999))}}}")) < 200


def test_nothing_that_can_be_changed_is_kept() -> None:
    document = parse("{name: a, crew: [b]}", "mill.yaml")
    built: Any = build(Mill, document.data, document)
    document.data["crew"].append("c")
    assert built.crew == ("b",)
