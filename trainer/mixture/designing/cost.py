"""What the runs of a swarm cost: FLOPs by arithmetic, hours by a rate that is measured or stated."""

import dataclasses
import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datapipe.output import RunError
from trainer.corpus import shape_of
from trainer.load import loads
from trainer.mixture.experiment import Experiment, Proxy
from trainer.mixture.proxies import proxy_plan, proxy_sizes
from trainer.mixture.results import Result
from trainer.mixture.swarm import Swarm
from trainer.plan import Hardware
from trainer.reckoning.hardware import GPUS
from trainer.shapes import Shape

SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class SwarmCost:
    """Of the runs that have no result yet. Training alone: measuring is in the rate where that is measured."""

    runs: int
    done: int
    """Runs that have one."""
    tokens: int
    """Of one run."""
    flops_per_token: int
    """Forward and backward, all attention counted."""
    seconds: float | None
    """Of one run; None where no rate is known."""
    rate: str
    """Where they are from."""
    devices: float
    """That a run takes, of what `device` says."""
    device: str
    """`GPU` or `CPU`."""

    @property
    def flops(self) -> int:
        """Of all runs that are to come."""
        return self.runs * self.tokens * self.flops_per_token

    @property
    def hours(self) -> float | None:
        """Of devices, for all runs that are to come."""
        return None if self.seconds is None else self.runs * self.seconds * self.devices / SECONDS_PER_HOUR


def swarm_cost(
    experiment: Experiment, proxy: Proxy, root: str | None, swarm: Swarm, results: Iterable[Result]
) -> SwarmCost:
    """Of a swarm of such proxies, on the tokens that are there, or before there are any.

    Raises RecipeError for proxies that cannot be trained so, RunError where there are no tokens and the proxy does not
    say `model.vocab_size` and `seq_len`.
    """
    try:
        sizes = proxy_sizes(experiment, proxy, root)
    except RunError:
        if proxy.model.vocab_size is None or proxy.seq_len is None:
            raise
        flops_per_token = _shape_alone(proxy).flops_per_token(proxy.seq_len)
    else:
        plan = proxy_plan(experiment, proxy, sizes, swarm.materials, swarm.weights_NPK[0], swarm.runs[0].seed, "none")
        flops_per_token = shape_of(plan, sizes).flops_per_token(sizes.seq_len)
    return cost_of(experiment, proxy, flops_per_token, [run.id for run in swarm.runs], results)


def _shape_alone(proxy: Proxy) -> Shape:
    """Of a proxy that says all its sizes. Raises RecipeError where they make no model."""
    model = {name: value for name, value in dataclasses.asdict(proxy.model).items() if value is not None}
    rate = [{"shape": "constant", "start": proxy.learning_rate.peak}]
    phase = {"name": "all", "tokens": proxy.tokens, "batch": proxy.batch, "blend": "all", "learning_rate": rate}
    corpus = {"sizes": {"all": {"all": proxy.tokens}}, "blends": {"all": {"all": {"weight": 1.0}}}}
    document = {
        "name": "proxy",
        "output": "none",
        "model": model,
        "seq_len": proxy.seq_len,
        **corpus,
        "phases": [phase],
    }
    shape = loads(json.dumps(document), "proxy.yaml").shape
    assert shape is not None
    return shape


def cost_of(
    experiment: Experiment, proxy: Proxy, flops_per_token: int, ids: Sequence[str], results: Iterable[Result]
) -> SwarmCost:
    """Of runs with these ids, some of which may have results: their median rate is taken then.

    Without results GPUs are as the plan's `hardware` says, whose MFU is that of large models and an upper bound for
    proxies, shared as `run.num_gpus` says; of CPUs nothing is known.
    """
    found = {one.run: one for one in results}
    to_come = sum(run not in found for run in ids)
    gpus = experiment.run.num_gpus
    seconds, rate = _seconds(experiment, proxy.tokens * flops_per_token, found.values())
    devices, device = (gpus, "GPU") if gpus else (experiment.run.num_cpus, "CPU")
    done = len(ids) - to_come
    return SwarmCost(to_come, done, proxy.tokens, flops_per_token, seconds, rate, devices, device)


def _seconds(experiment: Experiment, flops: int, results: Iterable[Result]) -> tuple[float | None, str]:
    """Of a run of so many FLOPs, and by what."""
    measured = [one for one in results if one.status == "done" and one.seconds > 0 and one.flops > 0]
    if measured:
        rate = statistics.median(one.flops / one.seconds for one in measured)
        return flops / rate, f"as {len(measured):,} runs had it on {measured[-1].device}"
    if not experiment.run.num_gpus:
        return None, "no rate is known before a first run"
    hardware = experiment.base.hardware if experiment.base else Hardware()
    gpu = GPUS[hardware.gpu]
    rate = gpu.peak_flops * hardware.mfu * experiment.run.num_gpus
    return flops / rate, f"stated: {gpu.name} at an MFU of {hardware.mfu:.0%}, which small models hardly reach"
