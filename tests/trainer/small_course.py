"""Plans and corpora in a few numbers, for tests of the order of samples."""

from collections.abc import Mapping

from trainer.corpus import CorpusSizes, UnitSize
from trainer.load import loads
from trainer.plan import Plan

SEQ_LEN = 10
"""1,000 tokens are 100 samples."""
MODEL = "{n_layer: 1, n_head: 1, n_kv_head: 1, d_model: 8}"
RATE = "learning_rate: [{shape: constant, start: 0.1}]"


def corpus_of(
    windows: Mapping[str, Mapping[str, int]], weights: Mapping[str, Mapping[str, float]] | None = None
) -> CorpusSizes:
    """A corpus of units with so many windows, and with the weights of `mixture.json`, if there are any."""
    units = {
        domain: {unit: UnitSize(count * SEQ_LEN + 1, count, 1) for unit, count in of_domain.items()}
        for domain, of_domain in windows.items()
    }
    domains = {
        domain: {"weight": sum(of_domain.values()), "units": {unit: {"weight": one} for unit, one in of_domain.items()}}
        for domain, of_domain in (weights or {}).items()
    }
    return CorpusSizes(units, SEQ_LEN, 100, mixture={"domains": domains} if domains else {})


def plan_of(*phases: str, blends: Mapping[str, str] | None = None, more: str = "") -> Plan:
    """A plan of phases a, b, ... with blends; `more` are further lines of it."""
    lines = [f"name: p\noutput: out\ndata: data\ntokenizer: t\nmodel: {MODEL}\n{more}\nphases:"]
    for number, (name, rest) in enumerate(zip("abcdef", phases, strict=False)):
        lines.append(f"  - {{name: {name}, {rest}{'' if number else ', ' + RATE}}}")
    lines += ["blends:"] * bool(blends) + [f"  {name}: {{{blend}}}" for name, blend in (blends or {}).items()]
    return loads("\n".join(lines) + "\n")
