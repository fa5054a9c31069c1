"""Texts to tokens: every shard of a finished run, training and validation apart, and the manifest of them all."""

import functools
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from datapipe import storage
from datapipe.executors import Resources
from datapipe.fingerprints import digest
from datapipe.housekeeping.disk import RESERVE_BYTES
from datapipe.observing.events import RunFinished
from datapipe.observing.voice import Voice
from datapipe.output import RunError, locked, placed
from datapipe.passes.packing import unit_folder
from datapipe.running import Tasks, Work, map_tasks
from tokenizer.encode_shard import ENCODE, SUFFIXES, Coding, EncodeTask, encode_shard, warm_up
from tokenizer.encoder import Encoder
from tokenizer.indexed import token_dtype
from tokenizer.manifest import NATIVE, PLAIN, Manifest, forget_manifest, manifest_units, shard_tokens, write_manifest
from tokenizer.model_file import Model
from tokenizer.recipe import TokenizerRecipe
from tokenizer.self_test import find_difference
from tokenizer.shards import TextShard, text_shards
from tokenizer.working import working

if TYPE_CHECKING:
    from rich.console import Console

MODEL = "tokenizer.model"
FORMAT = 1
"""Raised when the same model makes other files of the same texts."""


def encode(
    recipe: TokenizerRecipe,
    *,
    root: str | None = None,
    executor: Literal["ray", "inline"] = "inline",
    num_cpus: int | None = None,
    verify: bool = False,
    disk_reserve_gib: float = RESERVE_BYTES / 2**30,
    console: "Console | None" = None,
) -> str:
    """Encode all shards and return the folder of the tokens. What is finished is not done again.

    Raises RunError, OSError.
    """
    from rich.console import Console

    shown = console or Console(stderr=True)
    data = placed("data", recipe.data, root)
    encoding, warning = _plan(recipe, data, root)
    name, folder = encoding.name, encoding.folder
    warm = (functools.partial(warm_up, encoding.coding),)
    with (
        locked(data, Voice(shown)),  # a run there would change its shards, and sweep away what is half written
        working(
            folder, name, {ENCODE: encoding.fingerprint}, warm, executor=executor, num_cpus=num_cpus, root=root,
            verify=verify, disk_reserve_gib=disk_reserve_gib, console=shown,
        ) as work,
    ):  # fmt: skip
        if warning:
            Voice(work.console, work.log)(f"warning: {warning}")
        manifest = _encode(encoding, work)
        units = [unit for domain in manifest.units.values() for unit in domain.values()]
        work.log.add(RunFinished(sum(one.documents for one in units), sum(one.bytes for one in units)))
    return folder


@dataclass(frozen=True)
class _Encoding:
    """What is encoded, how, and to where."""

    recipe: TokenizerRecipe
    folder: str
    model: Model
    coding: Coding
    encoder: str
    """As the manifest names it."""
    shards: Mapping[str, TextShard]
    """By the path of their token files in the folder, without suffixes."""

    @property
    def name(self) -> str:
        """Of the tokenizer."""
        return self.recipe.tokenizer(self.model.vocab_size)

    @property
    def fingerprint(self) -> str:
        """Of the pass: what the tokens of a text follow from."""
        coding = self.coding
        return digest([ENCODE, FORMAT, coding.sha256, coding.is_plain, coding.bos, coding.eos])

    @property
    def digest(self) -> str:
        """Of everything: while it stays the same, so do all files."""
        return digest([self.fingerprint, [[name, one.sha256] for name, one in self.shards.items()]])


def _plan(recipe: TokenizerRecipe, data: str, root: str | None) -> tuple[_Encoding, str]:
    """What there is to do; and what the user must know before, "" for nothing."""
    encoder = open_encoder(recipe, root)
    model = encoder.model
    bos = _mark(model, "bos", recipe.encode.bos, model.bos_id)
    eos = _mark(model, "eos", recipe.encode.eos, model.eos_id)
    splits = [text_shards(data, recipe.encode.domains, split) for split in ("shards", "validation")]
    shards = {_place(one): one for split in splits for one in split}
    difference = find_difference(encoder, splits[0])  # SentencePiece has then taken the model too
    why_plain = encoder.reason or difference
    folder = storage.join(data, "tokens", recipe.tokenizer(model.vocab_size))
    sha256 = hashlib.sha256(model.data).hexdigest()
    coding = Coding(storage.join(folder, MODEL), sha256, model.vocab_size, bool(why_plain), bos, eos)
    named = f"{PLAIN}: {why_plain}" if why_plain else NATIVE
    return _Encoding(recipe, folder, model, coding, named, shards), _warning(encoder, why_plain)


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
    folder = unit_folder(shard.domain, shard.unit, shard.split).removeprefix("shards/")
    return f"{folder}/{shard.number:06}"


def _encode(encoding: _Encoding, work: Work) -> Manifest:
    """Encode what is not encoded yet, and write the manifest."""
    folder, seq_len = encoding.folder, encoding.recipe.encode.seq_len
    forget_manifest(folder, encoding.digest)
    storage.write_bytes(encoding.coding.path, encoding.model.data)
    dtype = token_dtype(encoding.model.vocab_size)

    def tasks() -> Iterator[EncodeTask]:
        for place, text in encoding.shards.items():
            made_of = digest([place, text.sha256])
            yield EncodeTask(folder, place, encoding.fingerprint, made_of, text, encoding.coding, work.verify)

    total = sum(one.bytes for one in encoding.shards.values())
    receipts = map_tasks(
        work, ENCODE, encode_shard, Tasks(len(encoding.shards), tasks), Resources(), (total, "bytes_in")
    )
    found = {receipt.shard: shard_tokens(receipt, dtype, seq_len) for receipt in receipts}
    _remove_stale(work, encoding.shards)
    manifest = Manifest(
        tokenizer=encoding.name,
        fingerprint=encoding.digest,
        model_sha256=encoding.coding.sha256,
        vocabulary=encoding.model.fingerprint,
        vocab_size=encoding.model.vocab_size,
        dtype=dtype.name,
        bos=encoding.coding.bos,
        eos=encoding.coding.eos,
        encoder=encoding.encoder,
        seq_len=seq_len,
        units=manifest_units(encoding.shards, found, "shards", seq_len),
        validation=manifest_units(encoding.shards, found, "validation", seq_len),
    )
    write_manifest(folder, manifest)
    return manifest


def _remove_stale(work: Work, shards: Mapping[str, TextShard]) -> None:
    """Delete the tokens of texts that are no more, or no longer asked for: nobody must train on them by a glob."""
    prefix = storage.join(work.folder, "receipts", ENCODE)
    receipts = {path[len(prefix) + 1 :].removesuffix(".json"): path for path in storage.files_below(prefix)}
    stale = receipts.keys() - shards.keys()
    for place in stale:
        for suffix in SUFFIXES:
            storage.remove(storage.join(work.folder, place + suffix))
        storage.remove(receipts[place])
    if stale:
        Voice(work.console, work.log)(f"{len(stale):,} token shards removed: their texts are gone or not asked for")
