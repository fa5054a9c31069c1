"""Errors that show only when a recipe is loaded, and name their place in it all the same."""

from datapipe.loading.located_yaml import Path, RecipeError, parse
from datapipe.recipe import Recipe


def error_at(recipe: Recipe, place: Path, message: str) -> RecipeError:
    """The error at `place` of the file that the recipe was loaded from: `FILE:LINE: place: message`."""
    return parse(recipe.text, recipe.file).error(place, message)
