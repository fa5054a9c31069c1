"""A small recipe that loads, ways to change it, and the one error that comes out."""

import re

import pytest

from datapipe.loading.load import loads
from datapipe.loading.located_yaml import RecipeError
from datapipe.recipe import Recipe

RECIPE = """\
name: small
output: out/small
sources:
  - {name: web, reader: jsonl, paths: [web.jsonl], extra_columns: {stars: int, heat: float, spam: bool, topic: string}}
passes:
  - name: extract
    steps:
      - normalize_text
      - identify_language: {characters: 500}
      - url_statistics
      - select: {early: true, rules: [{column: language_score, min: 0.5}]}
  - name: measure
    steps:
      - content_hash
      - select: {rules: [{column: stars, min: 3}]}
domains:
  - name: english
    where: {language: en}
    weight: 0.7
    rules: [{column: heat, max: 40}]
  - name: others
    weight: 0.3
    by: language
"""


def changed(old: str, new: str, text: str = RECIPE) -> str:
    """The recipe with the one place that reads `old` reading `new`."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the recipe"
    return text.replace(old, new)


def loaded(text: str = RECIPE, *settings: str) -> Recipe:
    """The recipe as loaded from `recipe.yaml` in the current folder."""
    return loads(text, "recipe.yaml", settings)


def error(text: str = RECIPE, *settings: str, file: str = "recipe.yaml") -> str:
    """What loading says, behind the name of the file: always one line with a number."""
    with pytest.raises(RecipeError) as caught:
        loads(text, file, settings)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert re.match(re.escape(file) + r":\d+: ", message), message
    return message.removeprefix(f"{file}:")
