"""The shards of a run: what is counted, trained on, encoded, evaluated."""

import json
import math
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from datapipe import storage
from datapipe.housekeeping.manifests import read_manifest
from datapipe.loading.located_yaml import suggest
from datapipe.output import RunError
from datapipe.passes.packing import PACK, unit_folder
from datapipe.receipts import Receipt, read_receipt

AT_ONCE = 32
"""Receipts that are read side by side: an object store takes its time for each."""
SIZES_OF = {"shards": "kept", "validation": "held_out"}
"""Where `run.json` has the sizes of the units of each split."""


@dataclass(frozen=True)
class TextShard:
    """One file of the texts of a unit."""

    path: str
    """Absolute."""
    split: str
    """`shards`, or `validation`."""
    domain: str
    unit: str
    """As in `mixture.json`, not as in the path, where it may be escaped."""
    number: int
    documents: int
    bytes: int
    """Of text."""
    sha256: str
    """Of the file."""

    @property
    def place(self) -> str:
        """A name that tells it from all others, for receipts and files made of it."""
        return f"{unit_folder(self.domain, self.unit, self.split).removeprefix('shards/')}/{self.number:06}"


def text_shards(data: str, domains: Iterable[str] = (), split: str = "shards") -> list[TextShard]:
    """The shards of the finished run in folder `data`, by domain, unit and number; of `domains`, if any are named.

    Raises RunError where there is no finished run, a later one broke off among the shards, a file is gone, or a domain
    is unknown.
    """
    manifest, sizes = read_manifest(data, PACK), _kept(data)
    if manifest is None or sizes is None:
        raise RunError(f"{data}: no finished run there; `datapipe run` of its recipe comes first")
    wanted = list(domains) or list(sizes["kept"])
    for domain in wanted:
        if domain not in sizes["kept"]:
            raise RunError(f"{data}: no domain {domain!r}; {suggest(domain, sizes['kept'])}")
    names = {
        unit_folder(domain, unit, split): (domain, unit)
        for domain in wanted
        for unit in sizes[SIZES_OF[split]].get(domain, {})
    }
    chosen = [shard for shard in manifest.shards if shard.rpartition("/")[0] in names]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        receipts = list(pool.map(lambda shard: _receipt(data, shard), chosen))
        told = sizes[SIZES_OF[split]]
        _check_whole(data, receipts, {folder: told[domain][unit] for folder, (domain, unit) in names.items()})
        found = [_shard(data, one, split, *names[one.shard.rpartition("/")[0]]) for one in receipts if one.outputs]
    return sorted(found, key=lambda one: (one.domain, one.unit, one.number))


def _kept(data: str) -> dict[str, Any] | None:
    """`run.json` of the folder, None where there is none. Raises RunError when it is damaged."""
    path = storage.join(data, "run.json")
    try:
        found = json.loads(storage.read_bytes(path))
        return {key: dict(found[key]) for key in SIZES_OF.values()}
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError):
        raise RunError(f"{path} is damaged: run the recipe once more") from None


def read_mixture(data: str) -> dict[str, Any]:
    """`mixture.json` of the run in folder `data`, {} where there is none. Raises RunError when it is damaged."""
    path = storage.join(data, "mixture.json")
    try:
        found = json.loads(storage.read_bytes(path))
        domains = {name: {**domain, "units": dict(domain["units"])} for name, domain in found["domains"].items()}
        shares = [one["weight"] for domain in domains.values() for one in (domain, *domain["units"].values())]
        if not all(0 <= share < math.inf for share in shares):  # NaN is neither
            raise ValueError
        return {**found, "domains": domains}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise RunError(f"{path} is damaged: run the recipe once more") from None


def why_no_mixture(data: str) -> str:
    """What the finished run in folder `data`, which left no `mixture.json`, says of that."""
    try:
        found = json.loads(storage.read_bytes(storage.join(data, "run.json"))).get("mixture_error")
    except (FileNotFoundError, ValueError, AttributeError):
        found = None
    return f"no mixture.json ({found})" if found else "no mixture.json"


def _receipt(data: str, shard: str) -> Receipt:
    receipt = read_receipt(data, PACK, shard)
    if receipt is None:
        raise RunError(f"{data}: no receipt of {shard}: run the recipe once more")
    return receipt


def _check_whole(data: str, receipts: Iterable[Receipt], units: Mapping[str, Mapping[str, int]]) -> None:
    """Raise RunError unless the shards of each unit, by folder, are as much text as `run.json` says.

    A run that broke off may have written some of them anew: they are those of two recipes then.
    """
    found = {folder: [0, 0] for folder in units}
    for one in receipts:
        size = found[one.shard.rpartition("/")[0]]
        size[0] += one.rows_out
        size[1] += one.bytes_out
    for folder, (documents, text_bytes) in found.items():
        told = units[folder]
        if (documents, text_bytes) != (told["documents"], told["bytes"]):
            raise RunError(
                f"{data}: {folder} has {documents:,} documents of {text_bytes:,} bytes, run.json tells of "
                f"{told['documents']:,} of {told['bytes']:,}: a later run broke off, or is at work; run its recipe "
                "once more"
            )


def _shard(data: str, receipt: Receipt, split: str, domain: str, unit: str) -> TextShard:
    output = receipt.outputs[0]
    path = storage.join(data, output.path)
    if storage.size_of(path) != output.bytes:
        raise RunError(f"{path}: gone, or not of the {output.bytes:,} bytes of its receipt; run the recipe once more")
    number = int(receipt.shard.rpartition("/")[2])
    return TextShard(path, split, domain, unit, number, receipt.rows_out, receipt.bytes_out, output.sha256)
