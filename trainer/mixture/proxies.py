"""One mixture, one seed -> the training plan of a proxy."""

from trainer.mixture.arrays import Floats
from trainer.mixture.experiment import Experiment, Proxy
from trainer.mixture.materials import Materials
from trainer.plan import Plan


def proxy_plan(
    experiment: Experiment, proxy: Proxy, materials: Materials, weights_PK: Floats, seed: int, output: str
) -> Plan:
    """The plan, checked as one from YAML is: its text is what `trainer plan` would read. No torch.

    `validate` passes a larger `proxy`. Raises RecipeError, RunError.
    """
    raise NotImplementedError
