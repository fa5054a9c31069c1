"""A blend in whole parts: what share every domain and every unit in it is asked for, and is given.

Shares come from the plan's `blends` or from `mixture.json`; a domain's units divide it by explicit weights, by those of
`mixture.json`, or by their tokens. Units without a window are left out, and told, unless a weight names them.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from datapipe.loading.located_yaml import suggest
from datapipe.mixture import MixtureError, proportional, unimax
from datapipe.recipe import Sampling
from trainer.checks import SUM_TOLERANCE
from trainer.corpus import CorpusSizes
from trainer.course import PARTS, Parts
from trainer.plan import DomainBlend, Plan
from trainer.schedule import plan_error

Weights = Mapping[str, float]


@dataclass(frozen=True)
class Blend:
    """What a phase is trained on."""

    name: str
    """In the plan; `mixture.json`, or the only domain, where it stands in none."""
    domains: Weights
    """Shares asked for, all above 0; they sum to 1."""
    units: Mapping[str, Weights]
    """In each domain: shares of the domain asked for, all above 0; they sum to 1."""
    parts: Parts
    """What is given of them."""
    left_out: tuple[str, ...]
    """`domain/unit` of units that would have a share and have no window."""


class BlendError(ValueError):
    """A blend cannot be met."""


def phase_blends(plan: Plan, corpus: CorpusSizes) -> tuple[Blend, ...]:
    """The blend of every phase: that of the phase before where it names none. Raises RecipeError."""
    found: list[Blend] = []
    for number, phase in enumerate(plan.phases):
        if phase.blend is None and found:
            found.append(found[-1])
            continue
        try:
            found.append(_first_blend(plan, corpus) if phase.blend is None else _named_blend(plan, phase.blend, corpus))
        except BlendError as error:
            path = ("phases", number) if phase.blend is None else ("blends", phase.blend)
            raise plan_error(plan, path, str(error)) from None
    return tuple(found)


def whole_parts(shares: Weights, inside: str = "", total: int = PARTS) -> dict[str, int]:
    """Shares, all above 0, as whole parts of `total`: by largest remainder, of equal ones the first by name.

    None gets less than one part. Raises BlendError for one of less than half a part, with `inside` before its name.
    """
    asked = {name: share * total for name, share in sorted(shares.items())}
    for name, parts in asked.items():
        if parts < 0.5:
            raise BlendError(
                f"{inside}{name} has a share of {parts / total:.3g}: {parts:.2g} parts of {total:,}, less than half a "
                f"part ({0.5 / total:.3g}); give it more, or 0"
            )
    given = {name: max(1, math.floor(parts)) for name, parts in asked.items()}
    while left := total - sum(given.values()):
        step = 1 if left > 0 else -1  # below 0 only where many shares of half a part were raised to one
        can = [name for name in given if given[name] + step > 0]
        for name in sorted(can, key=lambda name: (step * (given[name] - asked[name]), name))[: abs(left)]:
            given[name] += step
    return given


def _first_blend(plan: Plan, corpus: CorpusSizes) -> Blend:
    """What the first phase has when it names no blend."""
    of_mixture = corpus.mixture.get("domains", {})
    if of_mixture:
        weights = {domain: DomainBlend(one["weight"]) for domain, one in of_mixture.items()}
        return _settled("mixture.json", weights, corpus, 0)
    if len(corpus.units) == 1:
        (domain,) = corpus.units
        return _settled(domain, {domain: DomainBlend(1.0)}, corpus, 0)
    raise BlendError(
        "there is no mixture.json, so the first phase needs a blend; "
        f"blends: {_listed(plan.blends)}; domains: {_listed(corpus.units)}"
    )


def _named_blend(plan: Plan, name: str, corpus: CorpusSizes) -> Blend:
    tokens, current = 0, None
    for phase in plan.phases:
        current = phase.blend or current
        tokens += phase.tokens if current == name else 0
    return _settled(name, plan.blends[name], corpus, tokens)


def _settled(name: str, blend: Mapping[str, DomainBlend], corpus: CorpusSizes, tokens: int) -> Blend:
    """A blend that `tokens` are trained on. Raises BlendError."""
    domains = _summing_to_1("weights", {domain: one.weight for domain, one in blend.items()})
    units: dict[str, Weights] = {}
    left_out: list[str] = []
    for domain, weight in domains.items():
        _check_has_windows(domain, weight, corpus)
        asked = _unit_weights(domain, blend[domain].sampling, corpus, weight * tokens)
        empty = {unit for unit, share in asked.items() if share > 0 and not _windows(corpus, domain, unit)}
        left_out += [f"{domain}/{unit}" for unit in sorted(empty)]
        units[domain] = _to_1({unit: share for unit, share in asked.items() if unit not in empty})
    parts = Parts(whole_parts(domains), {domain: whole_parts(units[domain], f"{domain}/") for domain in domains})
    return Blend(name, domains, units, parts, tuple(left_out))


def _unit_weights(domain: str, sampling: Sampling | None, corpus: CorpusSizes, tokens: float) -> Weights:
    """Shares of a domain's units, to any sum; of units without a window too, where nobody named them.

    `tokens` of the domain are trained on. What units have is the tokens in their windows.
    """
    windows = {unit: size.windows for unit, size in corpus.units[domain].items()}
    if sampling is not None and sampling.weights is not None:
        for unit, weight in sampling.weights.items():
            if weight > 0 and not windows.get(unit):
                possible = [unit for unit, has in windows.items() if has]
                what = "is no unit" if unit not in windows else f"has no window of {corpus.seq_len:,} + 1 tokens"
                raise BlendError(f"{domain}/{unit} has weight {weight:g} and {what}; {suggest(unit, possible)}")
        return _summing_to_1(f"weights of units of {domain}", sampling.weights)
    of_mixture = corpus.mixture.get("domains", {}).get(domain, {}).get("units", {})
    mixed = {unit: one["weight"] for unit, one in of_mixture.items()}
    if sampling is None and any(weight > 0 and windows.get(unit) for unit, weight in mixed.items()):
        return mixed
    sized = {unit: float(has * corpus.seq_len) for unit, has in windows.items() if has}
    empty = {unit: 1.0 for unit, has in windows.items() if not has}
    if sampling is None or sampling.unimax is None:
        alpha = (sampling.alpha or sampling.temperature or 1.0) if sampling is not None else 1.0
        return {**proportional(sized, alpha), **empty}
    try:
        return {**unimax(sized, tokens, sampling.unimax.max_epochs), **empty}
    except MixtureError as error:
        raise BlendError(f"domain {domain}: {error}") from None


def _check_has_windows(domain: str, weight: float, corpus: CorpusSizes) -> None:
    sizes = corpus.units.get(domain, {})
    if any(size.windows for size in sizes.values()):
        return
    full = [name for name, units in corpus.units.items() if any(size.windows for size in units.values())]
    tokens = sum(size.tokens for size in sizes.values())
    raise BlendError(
        f"domain {domain} has weight {weight:g}, and its {tokens:,} tokens in {len(sizes):,} units make no window of "
        f"{corpus.seq_len:,} + 1; {suggest(domain, full)}"
    )


def _summing_to_1(what: str, weights: Weights) -> Weights:
    """Those above 0. Raises BlendError where the sum is another."""
    total = math.fsum(weights.values())
    if abs(total - 1) > SUM_TOLERANCE:
        shown = ", ".join(f"{name} {weight:g}" for name, weight in weights.items())
        raise BlendError(f"{what} sum to {total:.9g}, not to 1: {shown}")
    return _to_1(weights)


def _to_1(weights: Weights) -> Weights:
    """Those above 0, in order of their names, divided by their sum."""
    total = math.fsum(weights.values())
    return {name: weight / total for name, weight in sorted(weights.items()) if weight > 0}


def _windows(corpus: CorpusSizes, domain: str, unit: str) -> int:
    """Of a unit, 0 of one that is not there."""
    sizes = corpus.units[domain]
    return sizes[unit].windows if unit in sizes else 0


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
