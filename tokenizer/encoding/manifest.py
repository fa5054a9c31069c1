"""What a folder of tokens holds, for whoever trains on it: `manifest.json`, the same bytes for the same tokens.

A **window** is what a model is trained on at once: `seq_len` + 1 tokens of one shard. Window k is tokens
[k * seq_len, (k + 1) * seq_len] of the shard, so neighbours share one token, which is the last target of one and the
first input of the next: each token but a shard's first is a target once. What is left behind a shard's last window is
in none.
"""

import dataclasses
import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from datapipe import storage
from datapipe.output import RunError
from datapipe.receipts import Receipt
from tokenizer.shards import TextShard
from tokenizer.store import IndexedTokens, read_indexed

FILE = "manifest.json"
NATIVE, PLAIN = "native", "SentencePiece"


def windows_of(tokens: int, seq_len: int) -> int:
    """Windows of a shard of so many tokens."""
    return max(0, (tokens - 1) // seq_len)


@dataclass(frozen=True)
class ShardTokens:
    """One shard."""

    path: str
    """In the folder, without the suffixes of its files."""
    documents: int
    bytes: int
    """Of text."""
    tokens: int
    windows: int
    sha256: Mapping[str, str]
    """Of its files, by suffix."""


@dataclass(frozen=True)
class UnitTokens:
    """The shards of a unit, in order, and their sums."""

    documents: int
    bytes: int
    tokens: int
    windows: int
    dropped: int
    """Tokens that are in no window."""
    shards: tuple[ShardTokens, ...]

    @classmethod
    def of(cls, shards: Iterable[ShardTokens], seq_len: int) -> "UnitTokens":
        """The unit of these shards."""
        found = tuple(shards)
        documents, bytes_, tokens, windows = (
            sum(getattr(one, name) for one in found) for name in ("documents", "bytes", "tokens", "windows")
        )
        covered = windows * seq_len + sum(one.windows > 0 for one in found)
        return cls(documents, bytes_, tokens, windows, tokens - covered, found)


Units = Mapping[str, Mapping[str, UnitTokens]]
"""By domain and unit."""


@dataclass(frozen=True)
class Manifest:
    """All that a trainer must know of a folder of tokens."""

    tokenizer: str
    fingerprint: str
    """Of what the tokens were made of, and how."""
    model_sha256: str
    """Of `tokenizer.model`, beside this file."""
    vocabulary: str
    """Fingerprint of the model: a trainer refuses tokens of another one."""
    vocab_size: int
    dtype: str
    """Of the tokens, as numpy calls it: `uint16` or `int32`."""
    bos: int | None
    eos: int | None
    """Ids that begin and end each document that has text; null: none does."""
    encoder: str
    """`native`, or `SentencePiece`, and then why."""
    seq_len: int
    units: Units
    validation: Units
    """The documents that are held out: never to be trained on."""


def shard_tokens(receipt: Receipt, dtype: np.dtype[np.integer], seq_len: int) -> ShardTokens:
    """The entry of a shard, from the receipt of its encoding."""
    of_suffix = {output.path.removeprefix(receipt.shard): output for output in receipt.outputs}
    tokens = of_suffix[".bin"].bytes // dtype.itemsize
    sums = {suffix: output.sha256 for suffix, output in sorted(of_suffix.items())}
    return ShardTokens(receipt.shard, receipt.rows_out, receipt.bytes_out, tokens, windows_of(tokens, seq_len), sums)


def manifest_units(
    texts: Mapping[str, TextShard], shards: Mapping[str, ShardTokens], split: str, seq_len: int
) -> Units:
    """The units of a split, in order. Both mappings are by the shards' paths."""
    units: dict[str, dict[str, list[ShardTokens]]] = {}
    for path, text in texts.items():
        if text.split == split:
            units.setdefault(text.domain, {}).setdefault(text.unit, []).append(shards[path])
    return {
        domain: {unit: UnitTokens.of(found, seq_len) for unit, found in of_domain.items()}
        for domain, of_domain in units.items()
    }


def forget_manifest(folder: str, fingerprint: str) -> None:
    """Remove the manifest unless it tells of what is encoded now: files that it names are about to change or go."""
    try:
        is_still_true = read_manifest(folder).fingerprint == fingerprint
    except RunError:
        is_still_true = False
    if not is_still_true:
        storage.remove(storage.join(folder, FILE))


def write_manifest(folder: str, manifest: Manifest) -> None:
    """Write it, whole."""
    text = json.dumps(dataclasses.asdict(manifest), ensure_ascii=False, indent=1)
    storage.write_bytes(storage.join(folder, FILE), f"{text}\n".encode())


def read_manifest(folder: str) -> Manifest:
    """The manifest of a folder. Raises RunError where there is none, or a damaged one."""
    path = storage.join(folder, FILE)
    try:
        data = storage.read_bytes(path)
    except FileNotFoundError:
        raise RunError(f"{folder}: no {FILE}: no tokens, or `tokenizer encode` has not ended") from None
    try:
        found = _types().validate_json(data, strict=True)
    except ValueError:
        raise RunError(f"{path} is damaged: run `tokenizer encode` once more") from None
    assert isinstance(found, Manifest)
    return found


@functools.cache
def _types() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(Manifest)


def read_shard(folder: str, manifest: Manifest, shard: ShardTokens) -> IndexedTokens:
    """The tokens of a shard. Raises RunError where its files are damaged, or not those that the manifest tells of."""
    found = read_indexed(storage.join(folder, shard.path))
    has = (found.tokens.dtype.name, len(found.tokens), len(found))
    if has != (manifest.dtype, shard.tokens, shard.documents):
        raise RunError(
            f"{found.prefix}.idx: {has[1]:,} tokens of {has[0]} in {has[2]:,} documents; the manifest has "
            f"{shard.tokens:,} of {manifest.dtype} in {shard.documents:,}: run `tokenizer encode` once more"
        )
    return found


def check_vocabulary(manifest: Manifest, vocabulary: str) -> None:
    """Raise RunError where the tokens are not of the model whose fingerprint is `vocabulary`."""
    if manifest.vocabulary != vocabulary:
        raise RunError(
            f"the tokens of {manifest.tokenizer} are of vocabulary {manifest.vocabulary}, the model is of vocabulary "
            f"{vocabulary}: their ids mean other pieces; encode with this model, or train with that one"
        )
