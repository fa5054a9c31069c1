"""Laws by name."""

from collections.abc import Callable, Mapping

from datapipe.output import RunError
from trainer.mixture.experiment import Fitting, PredictorName
from trainer.mixture.predictors.gaussian_process import GaussianProcess
from trainer.mixture.predictors.hellinger_ridge import HellingerRidge
from trainer.mixture.predictors.light_gbm import LightGbm
from trainer.mixture.predictors.log_linear import LogLinear
from trainer.mixture.predictors.mean import Mean
from trainer.mixture.predictors.predictor import Predictor
from trainer.mixture.predictors.square_root_ridge import SquareRootRidge

LAWS: Mapping[PredictorName, Callable[[Fitting], Predictor]] = {
    "log_linear": lambda fitting: LogLinear(fitting.huber),
    "square_root_ridge": lambda _: SquareRootRidge(),
    "hellinger_ridge": lambda _: HellingerRidge(),
    "gaussian_process": lambda _: GaussianProcess(),
    "light_gbm": lambda _: LightGbm(),
}


def predictor_of(name: PredictorName, fitting: Fitting) -> Predictor:
    """One of the laws; `mean` is that of all in `fitting.predictors`. Raises RunError where there are none in it."""
    if name == "mean":
        members = tuple(LAWS[member](fitting) for member in fitting.predictors if member != "mean")
        if not members:
            raise RunError(f"fit.predictors: names no law to take the mean of; there are {', '.join(LAWS)}")
        return Mean(members)
    return LAWS[name](fitting)
