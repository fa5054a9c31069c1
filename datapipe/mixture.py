"""Weights of domains and units, and what they mean in epochs: `mixture.json`.

The weight of a unit is its share of all training tokens, so the units of a domain sum to the domain's weight. Before
tokens are counted, epochs are estimated from bytes and marked so.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from datapipe.recipe import Domain, Recipe


class MixtureError(ValueError):
    """The data cannot give what the recipe asks for."""


class NoTextError(MixtureError):
    """A domain with a weight has no text."""


@dataclass(frozen=True)
class UnitSize:
    """Training documents and bytes of a unit."""

    documents: int
    bytes: int


Sizes = Mapping[str, Mapping[str, UnitSize]]
"""Domain -> unit -> size."""


def proportional(sizes: Mapping[str, float], alpha: float = 1.0) -> dict[str, float]:
    """Shares proportional to size ** (1 / alpha): alpha 1 follows the data, a larger one flattens.

    The form with temperature T is the same with T = alpha (mBART: 5; XLM-R and mT5 write the exponent, 0.3).
    """
    try:
        powers = {name: size ** (1 / alpha) for name, size in sizes.items()}
    except OverflowError:  # a small alpha, such as 0.01: nothing but the ratios matters
        largest = max(sizes.values())
        powers = {name: (size / largest) ** (1 / alpha) for name, size in sizes.items()}
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}


def unimax(sizes: Mapping[str, float], budget: float, max_epochs: float) -> dict[str, float]:
    """Shares as even as `max_epochs` allows (Chung et al. 2023, arXiv 2304.09151, algorithm 1).

    From the smallest unit on, each gets an equal part of what is left, but at most `max_epochs` times its size. `sizes`
    and `budget` are in tokens. Raises MixtureError when even all caps together are below the budget.
    """
    available = max_epochs * sum(sizes.values())
    if budget > available * (1 + 1e-9):
        total = sum(sizes.values())
        raise MixtureError(
            f"{budget:,.0f} tokens need {budget / total:.2f} epochs of {total:,.0f} tokens, the cap is {max_epochs:g}"
        )
    left = budget
    given: dict[str, float] = {}
    for position, (name, size) in enumerate(sorted(sizes.items(), key=lambda item: (item[1], item[0]))):
        given[name] = min(left / (len(sizes) - position), max_epochs * size)
        left -= given[name]
    return {name: tokens / budget for name, tokens in given.items()}


def unit_shares(domain: Domain, sizes: Mapping[str, UnitSize], budget_tokens: int | None) -> dict[str, float]:
    """Shares of the domain's units, summing to 1. Raises MixtureError."""
    sampling = domain.sampling
    tokens = {name: size.bytes / domain.bytes_per_token for name, size in sizes.items()}
    if sampling.weights is not None:
        unknown = sorted(sampling.weights.keys() - sizes.keys())
        if unknown:
            raise MixtureError(f"domain {domain.name!r} has weights for {unknown}, its units are {sorted(sizes)}")
        return {name: sampling.weights.get(name, 0.0) for name in sizes}
    if sampling.unimax is not None and budget_tokens is not None:
        try:
            return unimax(tokens, domain.weight * budget_tokens, sampling.unimax.max_epochs)
        except MixtureError as error:
            raise MixtureError(f"domain {domain.name!r}: {error}") from None
    return proportional(tokens, sampling.alpha or sampling.temperature or 1.0)


def mix(recipe: Recipe, sizes: Sizes, budget_tokens: int | None) -> dict[str, object]:
    """The content of `mixture.json`. Raises MixtureError with the numbers when a domain is empty or a cap breaks."""
    domains: dict[str, object] = {}
    for domain in recipe.domains:
        of_domain = sizes.get(domain.name, {})
        if domain.weight > 0 and not any(size.bytes for size in of_domain.values()):
            raise NoTextError(f"domain {domain.name!r} has weight {domain.weight:g} and no text")
        shares = unit_shares(domain, of_domain, budget_tokens) if domain.weight > 0 else dict.fromkeys(of_domain, 0.0)
        units: dict[str, dict[str, float | int | None]] = {}
        for name, size in sorted(of_domain.items()):
            weight = domain.weight * shares[name]
            epochs = _epochs(weight, size, domain, budget_tokens)
            units[name] = {"documents": size.documents, "bytes": size.bytes, "weight": weight, "epochs": epochs}
            if domain.max_epochs is not None and epochs is not None and epochs > domain.max_epochs * (1 + 1e-9):
                raise MixtureError(
                    f"domain {domain.name!r}: unit {name!r} would be repeated {epochs:.2f} times "
                    f"(weight {weight:.4g} of {budget_tokens:,} tokens over {size.bytes:,} bytes at "
                    f"{domain.bytes_per_token:g} bytes per token), the cap is {domain.max_epochs:g}"
                )
        domains[domain.name] = {"weight": domain.weight, "units": units}
    return {"budget_tokens": budget_tokens, "epochs_estimated_from": "bytes", "domains": domains}


def _epochs(weight: float, size: UnitSize, domain: Domain, budget_tokens: int | None) -> float | None:
    """How often the unit is read, None without a budget."""
    if budget_tokens is None or size.bytes == 0:
        return None
    return weight * budget_tokens * domain.bytes_per_token / size.bytes


def mixture_json(mixture: Mapping[str, object]) -> bytes:
    """The file's bytes."""
    return (json.dumps(mixture, ensure_ascii=False, indent=1) + "\n").encode()
