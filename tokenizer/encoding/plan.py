"""What there is to encode, how, and to where: found out before anything is written."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from datapipe import storage
from datapipe.fingerprints import digest
from datapipe.output import RunError, placed
from datapipe.passes.packing import unit_folder
from tokenizer.encoding.encode_shard import ENCODE, Coding
from tokenizer.encoding.encoder import Encoder
from tokenizer.encoding.manifest import NATIVE, PLAIN
from tokenizer.encoding.self_test import find_difference
from tokenizer.model_file import Model
from tokenizer.recipe import TokenizerRecipe
from tokenizer.shards import TextShard, text_shards

MODEL = "tokenizer.model"
FORMAT = 1
"""Raised when the same model makes other files of the same texts."""
OWN_FOLDERS = {"validation", "receipts", "passes", "events"}
"""In a folder of tokens, beside those of domains."""


@dataclass(frozen=True)
class Encoding:
    """What is encoded, how, and to where."""

    recipe: TokenizerRecipe
    data: str
    """Folder of the run whose shards are read."""
    model: Model
    coding: Coding
    encoder: str
    """As the manifest names it."""
    warning: str
    """What the user must know before, "" for nothing."""
    shards: Mapping[str, TextShard]
    """By the path of their token files in the folder, without suffixes."""

    @property
    def name(self) -> str:
        """Of the tokenizer."""
        return self.recipe.tokenizer(self.model.vocab_size)

    @property
    def folder(self) -> str:
        """Where the tokens go."""
        return self.coding.path.rpartition("/")[0]

    @property
    def fingerprint(self) -> str:
        """Of the pass: what the tokens of a text follow from."""
        coding = self.coding
        return digest([ENCODE, FORMAT, coding.sha256, coding.is_plain, coding.bos, coding.eos])

    @property
    def digest(self) -> str:
        """Of everything: while it stays the same, so do all files."""
        return digest([self.fingerprint, [[name, one.sha256] for name, one in self.shards.items()]])


def plan_encoding(recipe: TokenizerRecipe, root: str | None = None) -> Encoding:
    """What there is to do. Raises RunError for a model that is none, and data without a finished run."""
    data, encoder = placed("data", recipe.data, root), open_encoder(recipe, root)
    model = encoder.model
    bos = _mark(model, "bos", recipe.encode.bos, model.bos_id)
    eos = _mark(model, "eos", recipe.encode.eos, model.eos_id)
    splits = [text_shards(data, recipe.encode.domains, split) for split in ("shards", "validation")]
    shards = {_place(one): one for split in splits for one in split}
    difference = find_difference(encoder, splits[0])  # SentencePiece has then taken the model too
    why_plain = encoder.reason or difference
    path = storage.join(data, "tokens", recipe.tokenizer(model.vocab_size), MODEL)
    sha256 = hashlib.sha256(model.data).hexdigest()
    coding = Coding(path, sha256, model.vocab_size, bool(why_plain), bos, eos)
    named = f"{PLAIN}: {why_plain}" if why_plain else NATIVE
    return Encoding(recipe, data, model, coding, named, _warning(encoder, why_plain), shards)


def _warning(encoder: Encoder, why_plain: str | None) -> str:
    if why_plain is None:
        return ""
    slowly = "SentencePiece encodes everything, several times slower than our kernels"
    if encoder.reason:
        return f"{slowly}: of {encoder.model.name} they cannot, as {encoder.reason}"
    return f"our kernels and SentencePiece differ: {why_plain}; {slowly}; please report it with the model"


def open_encoder(recipe: TokenizerRecipe, root: str | None = None) -> Encoder:
    """The encoder that the recipe asks for. Raises RunError where there is no such model, or a damaged one."""
    own = recipe.encode.model
    if own is None:
        size = recipe.encode.vocab_size or recipe.train.vocab_sizes[0]
        path = storage.join(placed("output", recipe.output, root), "models", recipe.tokenizer(size), MODEL)
    else:
        path = own if "://" in own else str(recipe.folder / own)
    try:
        return Encoder(storage.read_bytes(path), path)
    except FileNotFoundError:
        hint = f"`tokenizer train {recipe.file}` makes it" if own is None else "encode.model names it"
        raise RunError(f"{path}: no such model; {hint}") from None


def _mark(model: Model, key: str, is_wanted: bool, found: int) -> int | None:
    if is_wanted and found < 0:
        raise RunError(f"{model.name}: the model has no piece for encode.{key}: set it to false")
    return found if is_wanted else None


def _place(shard: TextShard) -> str:
    if shard.domain in OWN_FOLDERS:
        raise RunError(
            f"{shard.path}: tokens of a domain {shard.domain!r} would mix with other files: rename the domain"
        )
    folder = unit_folder(shard.domain, shard.unit, shard.split).removeprefix("shards/")
    return f"{folder}/{shard.number:06}"
