"""Copy a recipe that ships with Corpusmill."""

import shutil
from pathlib import Path

from datapipe.located_yaml import RecipeError, suggest

RECIPES = Path(__file__).resolve().parent.parent / "recipes"


def shipped() -> list[str]:
    """Names of the recipes that ship."""
    return sorted(folder.name for folder in RECIPES.iterdir() if any(folder.glob("*.yaml")) and folder.name != "rules")


def copy_recipe(name: str, folder: Path) -> None:
    """Copy recipe `name` to `folder`, which must not exist."""
    if name not in shipped():
        raise RecipeError(f"no recipe {name!r}; {suggest(name, shipped(), 'there are')}")
    if folder.exists():
        raise RecipeError(f"{folder} exists already; name a new folder")
    shutil.copytree(RECIPES / name, folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    print(f"copied to {folder}; next: datapipe run {folder / 'recipe.yaml'}")
