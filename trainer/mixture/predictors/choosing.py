"""Laws by name."""

from trainer.mixture.experiment import Fitting
from trainer.mixture.predictors.gaussian_process import GaussianProcess
from trainer.mixture.predictors.hellinger_ridge import HellingerRidge
from trainer.mixture.predictors.log_linear import LogLinear
from trainer.mixture.predictors.mean import Mean
from trainer.mixture.predictors.predictor import Predictor
from trainer.mixture.predictors.square_root_ridge import SquareRootRidge


def predictor_of(name: str, fitting: Fitting) -> Predictor:
    """One of the laws; `mean` is that of all in `fitting.predictors`. Raises RunError where a library is missing."""
    if name == "mean":
        return Mean(tuple(predictor_of(member, fitting) for member in fitting.predictors if member != "mean"))
    if name == "log_linear":
        return LogLinear(fitting.huber)
    if name == "square_root_ridge":
        return SquareRootRidge()
    if name == "hellinger_ridge":
        return HellingerRidge()
    if name == "gaussian_process":
        return GaussianProcess()
    raise NotImplementedError(name)
