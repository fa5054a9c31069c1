"""The weights that a sweep tries, and which of them come to the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datapipe.output import RunError
from tokenizer.recipe import Sweep, Unimax, Weights
from tokenizer.training.weights_table import Unit, UnitText, factors, shares_of

DIGITS = 9
"""Shares that agree in so many decimals are taken for the same: ways differ in how they round."""


@dataclass(frozen=True)
class Candidate:
    """Weights to try."""

    name: str
    """As tables call it; of several ways that come to the same shares all names."""
    factors: tuple[tuple[Unit, float], ...]
    """What the counts of each unit are multiplied with."""
    shares: Mapping[Unit, float]
    """Share of each unit in the text trained on."""

    @property
    def file(self) -> str:
        """The name as a file may be called."""
        return self.name.partition(" = ")[0].replace(" ", "-")


def ways(sweep: Sweep, up_sampled: Iterable[str]) -> dict[str, Weights]:
    """What the recipe asks to try, by name. Without a domain to sample up all factors but 1 are left out."""
    domains = tuple(up_sampled)
    found = {f"temperature {one:g}": Weights(temperature=one) for one in sweep.temperatures}
    found |= {f"unimax {one:g}": Weights(unimax=Unimax(max_epochs=one)) for one in sweep.unimax_epochs}
    for one in sweep.up_sampling:
        if domains or one == 1:
            found[f"up_sampling {one:g}"] = Weights(up_sampling=dict.fromkeys(domains, one))
    return found


def candidates(
    found: Mapping[str, Weights], units: Sequence[UnitText], mixture: Mapping[str, Any]
) -> tuple[list[Candidate], dict[str, str]]:
    """Candidates in the order of `found`, each different; and why weights, by name, are none."""
    made: dict[tuple[float, ...], Candidate] = {}
    impossible: dict[str, str] = {}
    for name, weights in found.items():
        try:
            factor_of = factors(weights, units, mixture)
        except RunError as error:
            impossible[name] = str(error)
            continue
        shares = shares_of(factor_of, units)
        key = tuple(round(share, DIGITS) for share in shares.values())
        if key in made:
            name = f"{made[key].name} = {name}"
            made[key] = Candidate(name, made[key].factors, made[key].shares)
        else:
            made[key] = Candidate(name, tuple(factor_of.items()), shares)
    return list(made.values()), impossible


def language_domains(units: Sequence[UnitText], languages: Iterable[str]) -> list[str]:
    """Domains most of whose text is in units that are called like `languages`: those with `by: language`."""
    known = set(languages)
    named: dict[str, int] = {}
    for one in units:
        named[one.domain] = named.get(one.domain, 0) + (one.bytes if one.unit in known else -one.bytes)
    return [domain for domain, more in named.items() if more > 0]
