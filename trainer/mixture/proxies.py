"""One mixture, one seed -> the training plan of a proxy."""

import dataclasses
from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import Any

import yaml

from datapipe.output import RunError
from trainer.corpus import CorpusSizes, sizes_of
from trainer.load import loads
from trainer.mixture.arrays import Floats
from trainer.mixture.blends import blend_of
from trainer.mixture.experiment import Experiment, Proxy
from trainer.mixture.materials import Materials
from trainer.mixture.proxy_keys import optimizer_of
from trainer.plan import DomainBlend, Plan

SAVE_MINUTES = 10
"""Between checkpoints of a proxy: what a killed one loses."""
LOGGED_STEPS = 200
"""Lines of steps in the log of a proxy, about."""


def proxy_sizes(experiment: Experiment, proxy: Proxy, root: str | None) -> CorpusSizes:
    """All that proxies could train on, in numbers: the same for every mixture. Raises RecipeError, RunError."""
    rate = [{"shape": "constant", "start": proxy.learning_rate.peak}]
    phase = {"name": "all", "tokens": proxy.tokens, "batch": proxy.batch, "learning_rate": rate}
    return sizes_of(_loaded({**_corpus(experiment, proxy), "output": "none", "phases": [phase]}, "none"), root)


def proxy_plan(
    experiment: Experiment,
    proxy: Proxy,
    sizes: CorpusSizes,
    materials: Materials,
    weights_PK: Floats,
    seed: int,
    output: str,
) -> Plan:
    """The plan, checked as one from YAML is: its text is what `trainer plan` would read. No torch.

    `sizes` are `proxy_sizes`; `output` is the run's folder, as a plan names it. `validate` passes a larger `proxy`.
    Raises RecipeError, RunError.
    """
    phases = tuple(materials.phase_tokens)
    blends = {name: blend_of(row, materials, sizes.windows) for name, row in zip(phases, weights_PK, strict=True)}
    steps = -(-proxy.tokens // (proxy.batch * sizes.seq_len))
    document = {
        **_corpus(experiment, proxy),
        "output": output,
        "seq_len": sizes.seq_len,
        "seed": seed,
        "data_fraction": sample_fraction(proxy, sizes, materials),
        "blends": {name: {domain: _blend(one) for domain, one in blend.items()} for name, blend in blends.items()},
        "phases": _phases(proxy, materials, sizes.seq_len),
        "execution": {"precision": proxy.precision, "micro_batch": proxy.micro_batch},
        "validation": {
            "every_tokens": -(-proxy.tokens // proxy.checkpoints),
            "max_tokens": proxy.max_validation_tokens,
            "at_start": False,
        },
        "checkpoints": {"every_minutes": SAVE_MINUTES, "keep_last": 1},
        "stop": {"loss_above": proxy.loss_above},
        "logs": {"every_steps": max(1, steps // LOGGED_STEPS)},
    }
    return _loaded(document, output)


def sample_fraction(proxy: Proxy, sizes: CorpusSizes, materials: Materials) -> float:
    """The share of every unit that a proxy sees, so that it repeats it as often as the full run will; 1 at most.

    Each counts in tokens of its own tokenizer, so both are measured by all that there is: a run that reads as much of
    it as the other repeats as much.
    """
    if proxy.repetition == "as_is":
        return 1.0
    there = sum(
        sizes.units[one.domain][unit].windows * sizes.seq_len
        for one in materials.components.values()
        for unit in one.shares
        if unit in sizes.units.get(one.domain, {})
    )
    full, full_there = sum(materials.phase_tokens.values()), sum(one.tokens for one in materials.components.values())
    return min(1.0, proxy.tokens * full_there / (full * there)) if there else 1.0


def _corpus(experiment: Experiment, proxy: Proxy) -> dict[str, Any]:
    """What is trained, and on which tokens. Raises RunError where there are none."""
    base = experiment.base
    data = experiment.data or (base.data if base is not None else None)
    tokenizer = proxy.tokenizer or (base.tokenizer if base is not None else None)
    if data is None or tokenizer is None:
        missing = "data" if data is None else "proxy.tokenizer"
        raise RunError(f"{experiment.file}: {missing} is missing: proxies train on tokens")
    model = {name: value for name, value in dataclasses.asdict(proxy.model).items() if value is not None}
    optimizer = dataclasses.asdict(optimizer_of(experiment))
    found = {"name": experiment.name, "model": model, "data": data, "tokenizer": tokenizer, "optimizer": optimizer}
    return found if proxy.seq_len is None else {**found, "seq_len": proxy.seq_len}


def _phases(proxy: Proxy, materials: Materials, seq_len: int) -> list[dict[str, Any]]:
    """Those of the full run, each with its share of the proxy's tokens."""
    full = sum(materials.phase_tokens.values())
    edges = [proxy.tokens * before // full for before in accumulate(materials.phase_tokens.values(), initial=0)]
    found: list[dict[str, Any]] = [
        {"name": name, "tokens": end - first, "batch": proxy.batch, "blend": name}
        for name, (first, end) in zip(materials.phase_tokens, pairwise(edges), strict=True)
    ]
    found[0]["learning_rate"] = _rates(proxy, seq_len)
    return found


def _rates(proxy: Proxy, seq_len: int) -> list[dict[str, Any]]:
    """One course of the rate through all phases."""
    rate = proxy.learning_rate
    warm_up = int(rate.warm_up * proxy.tokens)
    pieces: list[dict[str, Any]] = []
    if warm_up >= seq_len:  # less than a sequence is none
        pieces.append({"shape": "linear", "tokens": warm_up, "start": 0.0, "end": rate.peak})
    last: dict[str, Any] = {"shape": rate.shape, "start": rate.peak}
    if rate.shape == "cosine":
        last["end"] = rate.peak * rate.end_fraction
    return [*pieces, last]


def _blend(blend: DomainBlend) -> Mapping[str, Any]:
    """As a plan has it."""
    if blend.sampling is None or blend.sampling.weights is None:
        return {"weight": blend.weight}
    return {"weight": blend.weight, "sampling": {"weights": dict(blend.sampling.weights)}}


def _loaded(document: Mapping[str, Any], place: str) -> Plan:
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
    return loads(text, f"{place}/plan.yaml")
