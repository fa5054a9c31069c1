"""The corpus that `tokenizer encode` left: `tokens/{tokenizer}/` of a run's output, with its manifest."""

from collections.abc import Iterator
from pathlib import Path

from datapipe import storage
from datapipe.fingerprints import digest
from datapipe.loading.located_yaml import suggest
from datapipe.output import RunError, placed
from tokenizer.encoding.manifest import FILE, Manifest, Units, read_manifest
from tokenizer.shards import read_mixture
from tokenizer.store import token_dtype
from trainer.corpus import Corpus, CorpusSizes, ShardFile, Shards, UnitSize
from trainer.plan import Plan


def is_there(plan: Plan, data: str, root: str | None) -> bool:
    """Whether there are tokens; of remote data that is not asked."""
    folder = _folder(plan, placed("data", data, root))
    return "://" not in folder and storage.exists(storage.join(folder, FILE))


def corpus_of(plan: Plan, data: str, root: str | None) -> Corpus:
    """The corpus in folder `data`. Raises RunError."""
    path = placed("data", data, root)
    if "://" in path:
        raise RunError(
            f"{path}: tokens are read from local or mounted folders: `trainer fetch {plan.file} FOLDER` copies them, "
            "then `data` names FOLDER"
        )
    manifest = _manifest(plan, path)
    folder = _folder(plan, path)
    dtype = token_dtype(manifest.vocab_size)
    if dtype.name != manifest.dtype:
        raise RunError(f"{folder}/{FILE}: tokens of {manifest.dtype}; ids below {manifest.vocab_size:,} are {dtype}")
    units, validation = (_shards(folder, split) for split in (manifest.units, manifest.validation))
    return Corpus(_sizes(plan, manifest, path), dtype, units, validation, has_sidecars=True)


def sizes_of(plan: Plan, data: str, root: str | None) -> CorpusSizes:
    """The same in numbers, of remote data too. Raises RunError."""
    path = placed("data", data, root)
    return _sizes(plan, _manifest(plan, path), path)


def folder_of_plan(plan: Plan, root: str | None) -> str:
    """The plan's folder of tokens, local or remote. Raises RunError where the plan names none."""
    if plan.data is None or plan.tokenizer is None:
        raise RunError(f"{plan.file}: data and tokenizer are missing: they name the tokens")
    return _folder(plan, placed("data", plan.data, root))


def _folder(plan: Plan, path: str) -> str:
    return storage.join(path, "tokens", plan.tokenizer or "")


def _manifest(plan: Plan, path: str) -> Manifest:
    """Raises RunError where there is none, with the names of those there are."""
    there = _tokenizers(path)
    if plan.tokenizer is None:
        known = f"those there: {', '.join(there)}" if there else "none there"
        raise RunError(f"{plan.file}: tokenizer is missing: whose tokens in {path}? {known}")
    if there and plan.tokenizer not in there:
        raise RunError(f"{path}: no tokens of {plan.tokenizer!r}; {suggest(plan.tokenizer, there)}")
    return read_manifest(_folder(plan, path))


def _tokenizers(path: str) -> list[str]:
    """Those with tokens in a local folder."""
    return [] if "://" in path else sorted(found.parent.name for found in Path(path).glob(f"tokens/*/{FILE}"))


def _sizes(plan: Plan, manifest: Manifest, path: str) -> CorpusSizes:
    seq_len = plan.seq_len or manifest.seq_len
    units = {
        domain: {
            unit: UnitSize.of((one.tokens for one in tokens.shards), seq_len, plan.data_fraction)
            for unit, tokens in units.items()
        }
        for domain, units in manifest.units.items()
    }
    return CorpusSizes(
        units,
        seq_len,
        manifest.vocab_size,
        manifest.vocabulary,
        manifest.model_sha256,
        manifest.bos,
        manifest.eos,
        digest(list(_trained_on(manifest))),
        read_mixture(path),
    )


def _trained_on(manifest: Manifest) -> Iterator[object]:
    """What the tokens of every window follow from. Validation is not in it: what is measured may change."""
    yield [manifest.vocabulary, manifest.dtype]
    for domain, units in manifest.units.items():
        for unit, tokens in units.items():
            yield [domain, unit, [[one.path, one.tokens, one.sha256[".bin"]] for one in tokens.shards]]


def _shards(folder: str, split: Units) -> Shards:
    return {
        domain: {
            unit: tuple(ShardFile(storage.join(folder, one.path), one.tokens) for one in tokens.shards)
            for unit, tokens in units.items()
        }
        for domain, units in split.items()
    }
