"""YAML -> TokenizerRecipe, with everything that can be wrong found before a byte is read."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from datapipe.files.http_files import is_http
from datapipe.loading.located_yaml import LocatedYaml, parse, read_text, shown
from datapipe.loading.settings import apply_setting
from datapipe.loading.validation import build, check_keys
from tokenizer.recipe import VOCABULARY_MULTIPLE, TokenizerRecipe

NOT_KEYS = {"folder", "file", "text", "settings"}
"""Fields of a TokenizerRecipe that the loader sets."""
KEYS = [field.name for field in dataclasses.fields(TokenizerRecipe) if field.name not in NOT_KEYS]


def load(path: str | Path, settings: Iterable[str] = ()) -> TokenizerRecipe:
    """The recipe in the file `path`, with `settings` (`path.to.key=value`) applied. Raises RecipeError."""
    return loads(read_text(Path(path)), str(path), settings)


def loads(text: str, file: str = "tokenizer.yaml", settings: Iterable[str] = ()) -> TokenizerRecipe:
    """The recipe in `text`; its relative paths stand against the folder of `file`."""
    document = parse(text, file)
    if not isinstance(document.data, dict):
        raise document.error((), f"expected a mapping of recipe keys, found {shown(document.data)}")
    changes = tuple(settings)
    for setting in changes:
        apply_setting(setting, document)
    check_keys(document.data, KEYS, document)
    recipe = build(TokenizerRecipe, document.data, document)
    _check_sizes(recipe, document)
    _check_folders(recipe, document)
    folder = Path(file).resolve().parent
    return dataclasses.replace(recipe, folder=folder, file=file, text=text, settings=changes)


def _check_sizes(recipe: TokenizerRecipe, document: LocatedYaml) -> None:
    sizes = recipe.train.vocab_sizes
    for index, size in enumerate(sizes):
        if size % VOCABULARY_MULTIPLE:
            below = size // VOCABULARY_MULTIPLE * VOCABULARY_MULTIPLE
            nearest = f"{below:,} or {below + VOCABULARY_MULTIPLE:,}" if below else f"{VOCABULARY_MULTIPLE}"
            message = f"expected a multiple of {VOCABULARY_MULTIPLE}, such as {nearest}, found {size:,}"
            raise document.error(("train", "vocab_sizes", index), message)
        if size in sizes[:index]:
            raise document.error(("train", "vocab_sizes", index), f"{size:,} is given twice")
    encode = recipe.encode
    if encode.vocab_size is not None and encode.model is not None:
        raise document.error(("encode", "model"), "expected one of vocab_size, model")
    if encode.vocab_size is not None and encode.vocab_size not in sizes:
        there = ", ".join(f"{size:,}" for size in sizes)
        raise document.error(("encode", "vocab_size"), f"expected one of train.vocab_sizes, {there}")


def _check_folders(recipe: TokenizerRecipe, document: LocatedYaml) -> None:
    if is_http(recipe.output):
        raise document.error(("output",), f"{recipe.output!r}: URLs are read only; expected a folder, s3:// or gs://")
    if recipe.output.rstrip("/") == recipe.data.rstrip("/"):
        raise document.error(("output",), "the run's folder has a writer of its own: choose another one")
