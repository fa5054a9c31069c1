"""Copy a recipe that ships with Corpusmill."""

import re
import shutil
from pathlib import Path

from datapipe.loading.located_yaml import RecipeError, suggest

RECIPES = Path(__file__).resolve().parent.parent / "recipes"


def shipped() -> list[str]:
    """Names of the recipes that ship."""
    return sorted(folder.name for folder in RECIPES.iterdir() if any(folder.glob("*.yaml")) and folder.name != "rules")


def copy_recipe(name: str, folder: Path) -> None:
    """Copy recipe `name` to `folder`, which must not exist, and name the copy after it.

    The copy is another recipe: it must not write into the output of the one it comes from. Its tokenizer reads what the
    copy writes, and its plans train on that.
    """
    if name not in shipped():
        raise RecipeError(f"no recipe {name!r}; {suggest(name, shipped(), 'there are')}")
    if folder.exists():
        raise RecipeError(f"{folder} exists already; name a new folder")
    shutil.copytree(RECIPES / name, folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    own = re.sub(r"[^a-z0-9_-]+", "-", folder.resolve().name.lower()).strip("-_") or name
    for recipe in sorted(folder.glob("*.yaml")):
        text = recipe.read_text("utf-8")
        text = re.sub(rf"^(name|tokenizer): {name}\b", rf"\1: {own}", text, flags=re.MULTILINE)
        text = re.sub(rf"^(data|output|.*\bcheckpoint): out/{name}\b", rf"\1: out/{own}", text, flags=re.MULTILINE)
        recipe.write_text(text, "utf-8")
    print(f"copied to {folder}; next: datapipe run {folder / 'recipe.yaml'}")
    if (folder / "tokenizer.yaml").exists():
        print(f"and then: tokenizer run {folder / 'tokenizer.yaml'}")
    if (folder / "pretrain.yaml").exists():
        print(f"and then: trainer run {folder / 'pretrain.yaml'}")
    if (folder / "mixture.yaml").exists():
        print(f"for its weights: trainer mix all {folder / 'mixture.yaml'}")
