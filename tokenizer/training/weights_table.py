"""How much the counts of each unit weigh: the recipe's `train.weights` as one factor per unit."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from datapipe import storage
from datapipe.loading.located_yaml import suggest
from datapipe.mixture import proportional, unimax
from datapipe.output import RunError
from tokenizer.recipe import Unimax, Weights

Unit = tuple[str, str]
"""Domain and unit."""


class UnitText(Protocol):
    """How much text a unit has, such as `tokenizer.counts.UnitTotals`."""

    @property
    def domain(self) -> str:
        """Its domain."""

    @property
    def unit(self) -> str:
        """Its name in the domain."""

    @property
    def bytes(self) -> int:
        """Of text."""


def factors(weights: Weights, units: Sequence[UnitText], mixture: Mapping[str, Any]) -> dict[Unit, float]:
    """What the counts of each unit are multiplied with; `mixture` is what `mixture.json` holds.

    `repeat` gives its factors as they are. All other ways give shares of the text trained on; a unit's factor is its
    share over its bytes, on such a scale that the weighted text is as large as the text there is. Units without text
    have 0. `weights.file` must have become `shares`. Raises RunError for keys that name nothing, or no text.
    """
    bytes_of = {(one.domain, one.unit): one.bytes for one in units}
    if weights.repeat is not None:
        given = _by_unit("repeat", weights.repeat, bytes_of, 1.0)
        return {unit: factor if bytes_of[unit] else 0.0 for unit, factor in given.items()}
    shares = _shares(weights, bytes_of, mixture)
    total = math.fsum(shares.values())
    if not total > 0:
        raise RunError("train.weights: no unit with text has a weight above 0")
    text = sum(bytes_of[unit] for unit, share in shares.items() if share)
    return {unit: share / total * text / bytes_of[unit] if bytes_of[unit] else 0.0 for unit, share in shares.items()}


def _shares(weights: Weights, bytes_of: Mapping[Unit, int], mixture: Mapping[str, Any]) -> dict[Unit, float]:
    """Share of each unit, on any scale."""
    if weights.shares is not None:
        return _explicit(weights.shares, bytes_of)
    with_text = {unit: size for unit, size in bytes_of.items() if size}
    if weights.temperature is not None:
        return dict.fromkeys(bytes_of, 0.0) | _named(proportional(_names(with_text), weights.temperature), with_text)
    if weights.unimax is not None:
        return dict.fromkeys(bytes_of, 0.0) | _named(_evened(weights.unimax, _names(with_text)), with_text)
    up = _by_unit("up_sampling", weights.up_sampling or {}, bytes_of, 1.0)
    return {unit: up[unit] * _mixed(mixture, unit) if bytes_of[unit] else 0.0 for unit in bytes_of}


def _mixed(mixture: Mapping[str, Any], unit: Unit) -> float:
    """The weight of a unit in `mixture.json`."""
    try:
        return float(mixture["domains"][unit[0]]["units"][unit[1]]["weight"])
    except (KeyError, TypeError, ValueError):
        raise RunError(
            f"mixture.json has no weight of {'/'.join(unit)}, which was counted: the data has changed; count once more"
        ) from None


def _evened(settings: Unimax, sizes: Mapping[str, float]) -> dict[str, float]:
    """UniMax with a budget of as much text as there is, or as the cap allows: epochs of 1 change nothing."""
    return unimax(sizes, min(1.0, settings.max_epochs) * sum(sizes.values()), settings.max_epochs)


def _explicit(shares: Mapping[str, float], bytes_of: Mapping[Unit, int]) -> dict[Unit, float]:
    """Named units have what is named; a domain's share goes to its other units by size."""
    _check_keys("shares", shares, bytes_of)
    found = {unit: shares.get("/".join(unit), 0.0) for unit in bytes_of}
    for key, share in shares.items():
        rest = {unit: size for unit, size in bytes_of.items() if unit[0] == key and "/".join(unit) not in shares}
        for unit, size in rest.items():
            found[unit] = share * size / (sum(rest.values()) or 1)
    return found


def _by_unit(way: str, given: Mapping[str, float], bytes_of: Mapping[Unit, int], otherwise: float) -> dict[Unit, float]:
    """The value of each unit: its own, else its domain's, else `otherwise`."""
    _check_keys(way, given, bytes_of)
    return {unit: given.get("/".join(unit), given.get(unit[0], otherwise)) for unit in bytes_of}


def _check_keys(way: str, given: Mapping[str, float], bytes_of: Mapping[Unit, int]) -> None:
    """Raise RunError for a key that names nothing, and for weight on what has no text."""
    text: dict[str, int] = {}
    for unit, size in bytes_of.items():
        for key in (unit[0], "/".join(unit)):
            text[key] = text.get(key, 0) + size
    for key, value in given.items():
        if key not in text:
            raise RunError(f"train.weights.{way}: no domain or unit {key!r} was counted; {suggest(key, text)}")
        if value and not text[key]:
            raise RunError(f"train.weights.{way}: {key!r} is given {value:g} and has no text")


def _names(sizes: Mapping[Unit, int]) -> dict[str, float]:
    return {"/".join(unit): float(size) for unit, size in sizes.items()}


def _named(shares: Mapping[str, float], units: Iterable[Unit]) -> dict[Unit, float]:
    return {unit: shares["/".join(unit)] for unit in units}


def shares_of(factor_of: Mapping[Unit, float], units: Sequence[UnitText]) -> dict[Unit, float]:
    """Share of the weighted text that each unit is, summing to 1."""
    weighted = {(one.domain, one.unit): factor_of[one.domain, one.unit] * one.bytes for one in units}
    total = math.fsum(weighted.values()) or 1.0
    return {unit: size / total for unit, size in weighted.items()}


def settled(weights: Weights, folder: Path) -> Weights:
    """`weights` with `file` read: JSON with `shares`, of domains or `domain/unit`. Raises RunError where it has none.

    A relative path stands against `folder`.
    """
    if weights.file is None:
        return weights
    path = weights.file if "://" in weights.file else str(folder / weights.file)
    try:
        shares = {str(key): float(share) for key, share in json.loads(storage.read_bytes(path))["shares"].items()}
    except FileNotFoundError:
        raise RunError(f"train.weights.file: no such file: {path}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RunError(f"{path}: expected JSON with shares, as `tokenizer weights` writes it") from None
    if not all(0 <= share < math.inf for share in shares.values()):
        raise RunError(f"{path}: expected shares from 0 on")
    return Weights(shares=shares)
