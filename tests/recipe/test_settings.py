"""`--set path.to.key=value` changes one value, finds items by name, word or position, and is checked like the file."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.loading.load import loads
from datapipe.loading.located_yaml import RecipeError, parse
from datapipe.loading.settings import apply_setting
from datapipe.recipe import Recipe
from tests.recipe.small_recipe import RECIPE, error, loaded

STEPS = ("passes", 0, "steps")


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("seed=5", ("seed",), 5),
        ("budget_tokens=8_000_000", ("budget_tokens",), 8_000_000),
        ("name=no", ("name",), "no"),
        ("holdout.fraction=0.1", ("holdout", "fraction"), 0.1),
        ("holdout={fraction: 0.1, min_documents: 5}", ("holdout",), {"fraction": 0.1, "min_documents": 5}),
        ("columns=[stars, heat]", ("columns",), ["stars", "heat"]),
        ("columns=", ("columns",), None),
        ("domains.english.weight=0.6", ("domains", 0, "weight"), 0.6),
        ("domains.1.weight=0.6", ("domains", 1, "weight"), 0.6),
        ("domains.others.sampling.unimax.max_epochs=2", ("domains", 1, "sampling", "unimax", "max_epochs"), 2),
        ("domains.english.where.language=[en, no]", ("domains", 0, "where", "language"), ["en", "no"]),
        ("domains.english.rules.0.max=9", ("domains", 0, "rules", 0, "max"), 9),
        ("domains.english.rules.0=gopher", ("domains", 0, "rules", 0), "gopher"),
        ("sources.web.paths=[a, b]", ("sources", 0, "paths"), ["a", "b"]),
        ("sources.web.paths.0=a=b", ("sources", 0, "paths", 0), "a=b"),
        ("passes.extract.steps.0=content_hash", ("passes", 0, "steps", 0), "content_hash"),
        ("passes.extract.steps.identify_language.characters=9", (*STEPS, 1), {"identify_language": {"characters": 9}}),
        ("passes.extract.steps.identify_language={model: x}", (*STEPS, 1), {"identify_language": {"model": "x"}}),
        ("passes.extract.steps.normalize_text.remove=[]", (*STEPS, 0), {"normalize_text": {"remove": []}}),
        ("passes.extract.steps.select.rules.0.min=0", (*STEPS, 3, "select", "rules", 0, "min"), 0),
        ("a.b.c=1", ("a",), {"b": {"c": 1}}),
    ],
)
def test_one_value_is_changed(setting: str, path: tuple[str | int, ...], value: Any) -> None:
    document, before = parse(RECIPE, "recipe.yaml"), parse(RECIPE, "recipe.yaml").data
    apply_setting(setting, document)
    found, rest = document.data, before
    for key in path[:-1]:
        found = found[key]
        rest = rest.setdefault(key, {}) if isinstance(rest, dict) else rest[key]
    assert found[path[-1]] == value
    rest[path[-1]] = value
    assert document.data == before


def test_a_step_whose_options_are_left_out_can_be_given_some() -> None:
    document = parse("steps: [{extract_html: null}]", "recipe.yaml")
    apply_setting("steps.extract_html.a=1", document)
    assert document.data == {"steps": [{"extract_html": {"a": 1}}]}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("seed", ": expected path.to.key=value"),
        ("=5", ": expected path.to.key=value"),
        ("", ": expected path.to.key=value"),
        ("name=[", ":1: not valid YAML: while parsing a flow node"),
        ("name={a: 1, a: 2}", ":1: key 'a' is given twice"),
        ("domains.englsh.weight=1", ": no 'englsh' there; did you mean 'english'? there are: english, others"),
        ("domains.2.weight=1", ": no '2' there; there are: english, others"),
        ("domains.-1.weight=1", ": no '-1' there; there are: english, others"),
        ("passes.extract.steps.normalise_text.a=1", ": no 'normalise_text' there; did you mean 'normalize_text'?"),
        ("sources.web.paths.1=a", ": no '1' there; there are: web.jsonl"),
        ("name.first=a", ": there is no 'first' in 'small'"),
        ("sources.web.paths.0.x=a", ": there is no 'x' in 'web.jsonl'"),
    ],
)
def test_a_setting_that_leads_nowhere_is_one_line(setting: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        loaded(RECIPE, setting)
    assert str(caught.value).startswith(f"--set {setting}{message}")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("seed='5'", "1: seed: expected an integer, found '5'"),
        ("sede=5", "1: sede: unknown key; did you mean 'seed'? possible: "),
        ("hodlout.fraction=0.1", "1: hodlout: unknown key; did you mean 'holdout'? possible: "),
        ("folder=/tmp", "1: folder: unknown key; possible: budget_tokens"),
        ("domains.english.wieght=1", "17: domains.0.wieght: unknown key; did you mean 'weight'?"),
        ("domains.english.weight=0.6", "16: domains: the weights must sum to 1, found 0.6 + 0.3 = 0.9"),
        ("passes.measure.steps.0=content_hahs", "14: passes.1.steps.0: unknown stage 'content_hahs'; did you mean "),
        ("domains.english.rules.0.max=x", "20: domains.0.rules.0.max: expected a number, found 'x'"),
        ("domains=5", "16: domains: expected a list, found 5"),
        ("budget_tokens=8e12", "1: budget_tokens: expected an integer, found 8000000000000.0"),
    ],
)
def test_what_is_set_is_checked_like_the_file(setting: str, message: str) -> None:
    assert error(RECIPE, setting).startswith(message)


def test_settings_apply_in_order_and_are_kept_with_the_text() -> None:
    recipe = loaded(RECIPE, "seed=5", "holdout.fraction=0.1", "seed=6")
    assert (recipe.seed, recipe.holdout.fraction) == (6, 0.1)
    assert (recipe.text, recipe.settings) == (RECIPE, ("seed=5", "holdout.fraction=0.1", "seed=6"))
    assert loads(recipe.text, recipe.file, recipe.settings) == recipe


WORDS = st.sampled_from(
    ["domains", "english", "weight", "0", "1", "passes", "extract", "steps", "select", "rules", "x", "", "name", "web"]
)
VALUES = st.sampled_from(["1", "x", "[]", "{}", "", "{a: 1}", "[1, x]", "0.5", "gopher", "true", "'", "&a [*a]"])


@given(st.lists(st.lists(WORDS, max_size=5), max_size=3), VALUES)
def test_any_settings_give_a_recipe_or_one_line(paths: list[list[str]], value: str) -> None:
    try:
        assert isinstance(loaded(RECIPE, *(f"{'.'.join(path)}={value}" for path in paths)), Recipe)
    except RecipeError as found:
        assert len(str(found).splitlines()) == 1
