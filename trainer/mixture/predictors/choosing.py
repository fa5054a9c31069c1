"""Laws by name."""

from trainer.mixture.experiment import Fitting
from trainer.mixture.predictors.predictor import Predictor


def predictor_of(name: str, fitting: Fitting) -> Predictor:
    """One of the laws; `mean` is that of all in `fitting.predictors`. Raises RunError where a library is missing."""
    raise NotImplementedError
