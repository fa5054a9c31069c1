"""YAML -> TokenizerRecipe, with everything that can be wrong found before a byte is read."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from datapipe.files.http_files import is_http
from datapipe.loading.located_yaml import LocatedYaml, read_text, shown, suggest
from datapipe.loading.settings import parse_recipe
from datapipe.loading.validation import build
from tokenizer.evaluation.metrics import METRICS
from tokenizer.recipe import VOCABULARY_MULTIPLE, TokenizerRecipe
from tokenizer.symbol_checks import check_symbols
from tokenizer.symbols import fixed_pieces

NOT_KEYS = {"folder", "file", "text", "settings"}
"""Fields of a TokenizerRecipe that the loader sets."""
KEYS = [field.name for field in dataclasses.fields(TokenizerRecipe) if field.name not in NOT_KEYS]


def load(path: str | Path, settings: Iterable[str] = ()) -> TokenizerRecipe:
    """The recipe in the file `path`, with `settings` (`path.to.key=value`) applied. Raises RecipeError."""
    return loads(read_text(Path(path)), str(path), settings)


def loads(text: str, file: str = "tokenizer.yaml", settings: Iterable[str] = ()) -> TokenizerRecipe:
    """The recipe in `text`; its relative paths stand against the folder of `file`."""
    changes = tuple(settings)
    document = parse_recipe(text, file, changes, KEYS)
    recipe = build(TokenizerRecipe, document.data, document)
    check_symbols(recipe.symbols, recipe.train, document)
    _check_sizes(recipe, document)
    _check_encode(recipe, document)
    _check_weights(recipe, document)
    _check_gates(recipe, document)
    _check_folders(recipe, document)
    folder = Path(file).resolve().parent
    return dataclasses.replace(recipe, folder=folder, file=file, text=text, settings=changes)


def _check_sizes(recipe: TokenizerRecipe, document: LocatedYaml) -> None:
    sizes = recipe.train.vocab_sizes
    for index, size in enumerate(sizes):
        place = ("train", "vocab_sizes", index)
        if size % VOCABULARY_MULTIPLE:
            below = size // VOCABULARY_MULTIPLE * VOCABULARY_MULTIPLE
            nearest = f"{below:,} or {below + VOCABULARY_MULTIPLE:,}" if below else f"{VOCABULARY_MULTIPLE}"
            message = f"expected a multiple of {VOCABULARY_MULTIPLE}, such as {nearest}, found {size:,}"
            raise document.error(place, message)
        if size in sizes[:index]:
            raise document.error(place, f"{size:,} is given twice")
        _check_room(recipe, size, document, place)
    _check_room(recipe, recipe.sweep.vocab_size, document, ("sweep", "vocab_size"))


def _check_room(recipe: TokenizerRecipe, size: int, document: LocatedYaml, place: tuple[str | int, ...]) -> None:
    """Whether anything can be learnt beside what stands there in any case."""
    fixed = len(fixed_pieces(recipe.symbols, recipe.train))
    if size <= fixed:
        what = "specials, control symbols, user-defined symbols, digits and bytes take"
        raise document.error(place, f"expected more than the {fixed:,} pieces that {what}, found {size:,}")


def _check_encode(recipe: TokenizerRecipe, document: LocatedYaml) -> None:
    encode, sizes = recipe.encode, recipe.train.vocab_sizes
    if encode.vocab_size is not None and encode.model is not None:
        raise document.error(("encode", "model"), "expected one of vocab_size, model")
    if encode.vocab_size is not None and encode.vocab_size not in sizes:
        there = ", ".join(f"{size:,}" for size in sizes)
        message = f"expected one of train.vocab_sizes ({there}), found {encode.vocab_size:,}"
        raise document.error(("encode", "vocab_size"), message)


def _check_weights(recipe: TokenizerRecipe, document: LocatedYaml) -> None:
    shares = recipe.train.weights.shares
    if shares is not None and not any(shares.values()):
        raise document.error(("train", "weights", "shares"), "expected a share above 0, or nothing is trained on")


def _check_gates(recipe: TokenizerRecipe, document: LocatedYaml) -> None:
    for index, gate in enumerate(recipe.evaluate.gates):
        place = ("evaluate", "gates", index)
        if gate.metric not in METRICS:
            message = f"unknown metric {shown(gate.metric)}; {suggest(gate.metric, METRICS)}"
            raise document.error((*place, "metric"), message)
        if gate.min is None and gate.max is None:
            raise document.error(place, "expected min, max, or both")
        if gate.min is not None and gate.max is not None and gate.min > gate.max:
            raise document.error(place, f"min {gate.min:g} is above max {gate.max:g}: nothing could pass")


def _check_folders(recipe: TokenizerRecipe, document: LocatedYaml) -> None:
    for key in ("data", "output"):
        folder = getattr(recipe, key)
        if is_http(folder):
            raise document.error((key,), f"{folder!r}: URLs are read only; expected a folder, s3:// or gs://")
    output, data = recipe.output.rstrip("/"), recipe.data.rstrip("/")
    if output == data:
        raise document.error(("output",), "the run's folder has a writer of its own: choose another one")
    if f"{output}/".startswith(f"{data}/tokens/"):
        raise document.error(("output",), f"{output} is where tokens go: choose another folder")
