"""What is trained to validate: both mixtures with every seed, at a size of its own."""

import dataclasses

import numpy as np

from datapipe.output import RunError
from trainer.corpus import shape_of
from trainer.mixture.experiment import Experiment, Proxy, Validating
from trainer.mixture.materials import Materials
from trainer.mixture.proxies import proxy_plan, proxy_sizes
from trainer.mixture.swarm import Run
from trainer.mixture.validation_file import Prediction


def larger_proxy(experiment: Experiment) -> tuple[Validating, Proxy]:
    """`validate`, and the proxy with its keys. Raises RunError where either is missing."""
    keys = experiment.validate
    if keys is None or experiment.proxy is None:
        missing = "validate" if keys is None else "proxy"
        raise RunError(f"{experiment.file}: {missing} is missing: it says which models are trained")
    larger = dataclasses.replace(
        experiment.proxy,
        model=keys.model,
        tokens=keys.tokens,
        batch=keys.batch or experiment.proxy.batch,
        learning_rate=keys.learning_rate or experiment.proxy.learning_rate,
    )
    return keys, larger


def runs_of(prediction: Prediction) -> tuple[Run, ...]:
    """Pairs: both mixtures with every seed."""
    return tuple(
        Run(run_name(place, side), "row", "", seed, weights)
        for place, seed in enumerate(prediction.seeds)
        for side, weights in (("proposal", prediction.proposal), ("baseline", prediction.baseline))
    )


def run_name(place: int, side: str) -> str:
    """Of one of a pair."""
    return f"{place:02}-{side}"


def parameters_of(experiment: Experiment, proxy: Proxy, materials: Materials, root: str | None) -> int:
    """Of the model that is trained."""
    sizes = proxy_sizes(experiment, proxy, root)
    even_PK = np.full((len(materials.phase_tokens), len(materials.components)), 1 / len(materials.components))
    plan = proxy_plan(experiment, proxy, sizes, materials, even_PK, 0, "none")
    return shape_of(plan, sizes).parameters
