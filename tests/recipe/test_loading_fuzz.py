"""Whatever stands in the file, loading ends with a recipe that can be planned, or with one line of error."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.fingerprints import pass_fingerprints
from datapipe.loading.located_yaml import RecipeError, parse
from datapipe.passes.planning import decide_upstream, gather_upstream, packed_schema, plan_passes, read_schema
from datapipe.recipe import Recipe
from tests.recipe.small_recipe import RECIPE, loaded

EVERYTHING = (
    RECIPE.replace("by: language", "by: topic\n    sampling: {weights: {a: 1}}\n    where: {topic: {not: [x, y]}}")
    + """\
seed: 3
budget_tokens: 1000
imports: []
holdout: {fraction: 0.1, min_documents: 5, max_fraction: 0.2}
columns: [heat, stars, url_domain]
cut_bytes: 65536
shard_bytes: 65536
max_error_fraction: 0.5
"""
)
DATA: Any = parse(EVERYTHING, "recipe.yaml").data


def ends_well(text: str) -> None:
    """Loading gives a recipe whose passes, columns and fingerprints can be worked out, or a RecipeError of one line."""
    try:
        recipe = loaded(text)
        assert isinstance(recipe, Recipe)
        assert set(pass_fingerprints(recipe)) >= {one.name for one in recipe.passes}
        for work_out in (plan_passes, read_schema, packed_schema, decide_upstream, gather_upstream):
            assert work_out(recipe) is not None
    except RecipeError as error:
        assert len(str(error).splitlines()) == 1
        assert len(str(error)) < 2000


TEXT = st.text(max_size=8) | st.sampled_from(
    [
        "name",
        "text",
        "url",
        "no",
        "select",
        "language",
        "gopher",
        "x.yaml",
        "source",
        "heat",
        "stars",
        "spam",
        "en",
        "*",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
NESTED = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=8
)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(found for key, value in items for found in places(value, (*path, key)))]


@st.composite
def changed_recipes(draw: st.DrawFn) -> str:
    """A recipe that loads, with up to three values replaced, removed, repeated, swapped or given another key."""
    data = json.loads(json.dumps(DATA))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(data)[1:] or [()]))
        if not path:
            return json.dumps(data)
        *above, key = path
        holder = data
        for part in above:
            holder = holder[part]
        match draw(st.sampled_from(["replace", "remove", "rename", "copy"])):
            case "replace":
                holder[key] = draw(NESTED)
            case "remove":
                del holder[key]
            case "rename" if isinstance(holder, dict):
                holder[draw(TEXT)] = holder.pop(key)
            case _ if isinstance(holder, list):
                holder.append(holder[key])
            case _:
                other = draw(st.sampled_from(sorted(holder)))
                holder[key] = holder[other]
    return json.dumps(data, ensure_ascii=False)


@given(NESTED)
def test_random_data(data: Any) -> None:
    ends_well(json.dumps(data, ensure_ascii=False))


@given(st.dictionaries(st.sampled_from(sorted(DATA)), NESTED | st.sampled_from(list(DATA.values()))))
def test_random_values_of_the_right_keys(data: Any) -> None:
    ends_well(json.dumps(data, ensure_ascii=False))


@settings(max_examples=250, deadline=None)
@given(changed_recipes())
def test_a_recipe_changed_at_random(text: str) -> None:
    ends_well(text)


@given(st.data())
def test_a_text_changed_at_random(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(EVERYTHING)))
    end = data.draw(st.integers(start, min(start + 5, len(EVERYTHING))))
    ends_well(
        EVERYTHING[:start]
        + data.draw(st.text(max_size=5) | st.sampled_from(list("[]{}:,-&*!'\"\n #")))
        + EVERYTHING[end:]
    )


def test_the_recipe_that_is_changed_loads() -> None:
    assert loaded(EVERYTHING).columns == ("heat", "stars", "url_domain")
