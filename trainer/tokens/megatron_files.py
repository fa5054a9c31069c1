"""A corpus of token files that others made, in Megatron's format: prefixes by domain and unit."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from datapipe.files.globs import WILDCARD
from datapipe.fingerprints import digest
from datapipe.output import RunError
from tokenizer.store import Totals, read_totals
from trainer.corpus import SEQ_LEN, Corpus, CorpusSizes, ShardFile, Shards, UnitSize
from trainer.plan import MegatronFiles, Plan
from trainer.schedule import plan_error

Found = dict[str, dict[str, dict[str, Totals]]]
"""By domain, unit and prefix."""


def corpus_of(plan: Plan, files: MegatronFiles) -> Corpus:
    """The corpus of these files; of each the head and the end of its index are read.

    Raises RecipeError where a prefix has no files or is given twice, RunError where files are damaged or of different
    types.
    """
    seen: dict[str, str] = {}
    units = _split(plan, "units", files.units, seen)
    validation = _split(plan, "validation", files.validation, seen)
    if not any(any(of_domain.values()) for of_domain in units.values()):
        raise plan_error(plan, ("megatron", "units"), "it names no files")
    first, *others = _each(units, validation)
    for prefix, totals in others:
        if totals.dtype != first[1].dtype:
            raise RunError(f"{prefix}.bin has tokens of {totals.dtype}, {first[0]}.bin of {first[1].dtype}")
    seq_len = plan.seq_len or SEQ_LEN
    sizes = CorpusSizes(
        {
            domain: {
                unit: UnitSize.of((one.tokens for one in found.values()), seq_len, plan.data_fraction)
                for unit, found in of.items()
            }
            for domain, of in units.items()
        },
        seq_len,
        files.vocab_size,
        eos=files.eos,
        fingerprint=digest([first[1].dtype.name, list(_trained_on(units))]),
    )
    return Corpus(sizes, first[1].dtype, _shards(units), _shards(validation), has_sidecars=False)


def _split(plan: Plan, key: str, units: Mapping[str, Mapping[str, tuple[str, ...]]], seen: dict[str, str]) -> Found:
    found: Found = {}
    for domain, of_domain in units.items():
        for unit, patterns in of_domain.items():
            place = ("megatron", key, domain, unit)
            prefixes = [prefix for pattern in patterns for prefix in _prefixes(plan, place, pattern)]
            for prefix in prefixes:
                if prefix in seen:
                    raise plan_error(plan, place, f"{prefix} is given twice, first as {seen[prefix]}")
                seen[prefix] = ".".join(place)
            found.setdefault(domain, {})[unit] = {prefix: read_totals(prefix) for prefix in prefixes}
    return found


def _prefixes(plan: Plan, place: tuple[str, ...], pattern: str) -> list[str]:
    """Those that a prefix, or a glob over them, stands for, in order. Raises RecipeError where there is none."""
    if "://" in pattern:
        raise plan_error(plan, place, f"{pattern}: token files are read from local or mounted folders")
    path = plan.folder / pattern.removesuffix(".bin").removesuffix(".idx")
    if not WILDCARD.search(pattern):
        found = [path] if path.with_name(f"{path.name}.idx").exists() else []
    else:
        within = str(path.relative_to(plan.folder)) if path.is_relative_to(plan.folder) else None
        folder, inner = (plan.folder, within) if within else (Path("/"), str(path)[1:])
        found = sorted(one.with_suffix("") for one in folder.glob(f"{inner}.idx"))
    if not found:
        raise plan_error(plan, place, f"{path}.idx: no such file")
    return [str(one) for one in found]


def _each(*splits: Found) -> Iterator[tuple[str, Totals]]:
    return (item for split in splits for units in split.values() for unit in units.values() for item in unit.items())


def _trained_on(units: Found) -> Iterator[object]:
    """Files go by name, tokens and documents, as they have no sums: copies elsewhere are the same."""
    for domain, of_domain in units.items():
        for unit, found in of_domain.items():
            yield [domain, unit, [[Path(one).name, of.tokens, of.sequences] for one, of in found.items()]]


def _shards(split: Found) -> Shards:
    return {
        domain: {unit: tuple(ShardFile(one, totals.tokens) for one, totals in of.items()) for unit, of in units.items()}
        for domain, units in split.items()
    }
