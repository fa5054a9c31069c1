"""The keys of proxies in a swarm: runs of other settings cannot be compared, so they are refused."""

from trainer.mixture.experiment import Experiment, Proxy
from trainer.mixture.materials import Materials
from trainer.mixture.recorded import changed, recorded
from trainer.mixture.swarm import Swarm
from trainer.plan import Optimizer

FREE = ("micro_batch",)
"""How steps are computed changes nothing that is measured, but for rounding."""


def optimizer_of(experiment: Experiment) -> Optimizer:
    """That of the full run, which mixtures are for; the trainer's where there is no plan."""
    return experiment.base.optimizer if experiment.base is not None else Optimizer()


def proxy_keys(experiment: Experiment, proxy: Proxy) -> dict[str, object]:
    """What `swarm.json` keeps of them, and of the optimizer."""
    return {**recorded(proxy), "optimizer": recorded(optimizer_of(experiment))}


def changed_settings(swarm: Swarm, experiment: Experiment, proxy: Proxy, materials: Materials) -> list[str]:
    """What is not as the swarm was designed for, in words; [] where everything is."""
    before = {"optimizer": recorded(Optimizer()), **swarm.proxy}  # what swarms that do not name it were trained with
    then, now = (
        {key: value for key, value in keys.items() if key not in FREE}
        for keys in (before, proxy_keys(experiment, proxy))
    )
    return [
        *changed(then, now, "proxy"),
        *changed(swarm.materials.phase_tokens, materials.phase_tokens, "tokens of phase"),
    ]
