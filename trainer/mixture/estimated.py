"""Sizes of data that has no tokens yet, as `mixture.json` estimates them from bytes."""

from datapipe.output import RunError
from tokenizer.shards import read_mixture
from trainer.corpus import CorpusSizes, UnitSize


def estimated_sizes(data: str) -> CorpusSizes:
    """Tokens of the units in folder `data`, as windows of one: share of the budget, divided by epochs.

    Raises RunError where `mixture.json` is not there, or was made without a budget.
    """
    mixture = read_mixture(data)
    if not mixture:
        raise RunError(f"{data}: no mixture.json: no data, or `datapipe run` has not ended")
    budget = mixture.get("budget_tokens")
    if not budget:
        raise RunError(f"{data}/mixture.json: no budget_tokens: name a plan, or proxy.tokenizer, whose tokens tell")
    units: dict[str, dict[str, UnitSize]] = {}
    for domain, of in mixture["domains"].items():
        for unit, one in of["units"].items():
            tokens = round(one["weight"] * budget / one["epochs"]) if one["epochs"] else 0
            units.setdefault(domain, {})[unit] = UnitSize(tokens, tokens, 1)
    return CorpusSizes(units, seq_len=1, vocab_size=1, mixture=mixture)
