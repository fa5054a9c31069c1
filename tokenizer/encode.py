"""Texts to tokens: every shard of a finished run, training and validation apart, and the manifest of them all."""

import functools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from datapipe import storage
from datapipe.executors import Resources
from datapipe.fingerprints import digest
from datapipe.housekeeping.disk import RESERVE_BYTES
from datapipe.observing.events import RunFinished
from datapipe.observing.voice import Voice
from datapipe.output import RunError, reading
from datapipe.running import Tasks, Work, map_tasks
from tokenizer.encoding.encode_shard import ENCODE, SUFFIXES, EncodeTask, encode_shard, warm_up
from tokenizer.encoding.manifest import (
    Manifest,
    forget_manifest,
    manifest_units,
    read_manifest,
    shard_tokens,
    write_manifest,
)
from tokenizer.encoding.plan import Encoding, plan_encoding
from tokenizer.recipe import TokenizerRecipe
from tokenizer.shards import TextShard
from tokenizer.store import token_dtype
from tokenizer.working import working

if TYPE_CHECKING:
    from rich.console import Console


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
    encoding = plan_encoding(recipe, root)
    warm = (functools.partial(warm_up, encoding.coding),)
    with (
        reading(encoding.data, Voice(shown)),  # a run there would change its shards
        working(
            encoding.folder, encoding.name, {ENCODE: encoding.fingerprint}, warm, executor=executor,
            num_cpus=num_cpus, root=root, verify=verify, disk_reserve_gib=disk_reserve_gib, console=shown,
        ) as work,
    ):  # fmt: skip
        if encoding.warning:
            Voice(work.console, work.log)(f"warning: {encoding.warning}")
        manifest = _encode(encoding, work)
        units = [unit for domain in manifest.units.values() for unit in domain.values()]
        work.log.add(RunFinished(sum(one.documents for one in units), sum(one.bytes for one in units)))
    return encoding.folder


def _encode(encoding: Encoding, work: Work) -> Manifest:
    """Encode what is not encoded yet, and write the manifest."""
    folder, seq_len = encoding.folder, encoding.recipe.encode.seq_len
    _tell_replaced(encoding, work)
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


def _tell_replaced(encoding: Encoding, work: Work) -> None:
    """Tokens of another model under this name go: two models of one size that are to stay need recipes of two names."""
    try:
        vocabulary = read_manifest(encoding.folder).vocabulary
    except RunError:
        return
    if vocabulary != encoding.model.fingerprint:
        Voice(work.console, work.log)(
            f"{encoding.folder} has tokens of another model: they are replaced; another `name` in the recipe keeps both"
        )


def _remove_stale(work: Work, shards: Mapping[str, TextShard]) -> None:
    """Delete the tokens of texts that are no more, or no longer asked for: nobody must train on them by a glob."""
    prefix = storage.join(work.folder, "receipts", ENCODE)
    receipts = {path[len(prefix) + 1 :].removesuffix(".json"): path for path in storage.files_below(prefix)}
    stale = receipts.keys() - shards.keys()
    current = {place + suffix for place in shards for suffix in SUFFIXES}
    for path in storage.files_below(work.folder):
        place = path[len(work.folder) + 1 :]
        if place.endswith(SUFFIXES) and place not in current:  # a killed run may have left some without a receipt
            storage.remove(path)
    for place in stale:
        storage.remove(receipts[place])
    if stale:
        Voice(work.console, work.log)(f"{len(stale):,} token shards removed: their texts are gone or not asked for")
