"""What can be wrong with an experiment whose keys and types are right, found before a byte is read."""

from collections.abc import Iterable, Mapping, Sequence

from datapipe.loading.located_yaml import LocatedYaml, shown, suggest
from datapipe.loading.validation import Place
from trainer.checks import check_shape
from trainer.load import shape_of_model
from trainer.mixture.component_checks import check_components
from trainer.mixture.experiment import Experiment
from trainer.mixture.phase_checks import check_phases
from trainer.mixture.static import NAMES, possible
from trainer.plan import Model


def check_experiment(experiment: Experiment, document: LocatedYaml) -> None:
    """Refuse what contradicts itself. Raises RecipeError at the first place that does."""
    _check_data(experiment, document)
    _check_output(experiment, document)
    check_components(experiment, document)
    check_phases(experiment, document)
    _check_names_of_mixtures(experiment, document)
    _check_proxy(experiment, document)
    _check_targets(experiment, document)


def _check_data(experiment: Experiment, document: LocatedYaml) -> None:
    """A plan, data, or sizes; data may stand beside a plan, instead of the plan's."""
    given = [key for key in ("plan", "data", "sizes") if getattr(experiment, key)]
    if not given:
        raise document.error((), "expected a plan, data, or sizes: there is nothing to mix")
    if experiment.sizes and len(given) > 1:
        raise document.error(("sizes",), f"expected either these or {given[0]}, found both")


def _check_output(experiment: Experiment, document: LocatedYaml) -> None:
    output = experiment.output.rstrip("/")
    if "://" in output:
        message = f"{shown(output)}: experiments are written on disks and mounted file systems only"
        raise document.error(("output",), message)
    base = experiment.base
    others = {
        "data": experiment.data or (base.data if base else None),
        "run of the plan": base.output if base else None,
    }
    for what, other in others.items():
        if other is not None and f"{output}/".startswith(f"{other.rstrip('/')}/"):
            raise document.error(("output",), f"{output} is in the folder of the {what}, {other}: choose another one")


def _check_names_of_mixtures(experiment: Experiment, document: LocatedYaml) -> None:
    """Wherever a static mixture is named."""
    swarm = experiment.swarm
    named: list[tuple[Place, str]] = [(("swarm", "anchors", place), name) for place, name in enumerate(swarm.anchors)]
    named += [(("propose", "reference"), experiment.propose.reference), (("swarm", "repeat_of"), swarm.repeat_of)]
    if experiment.validate is not None:
        named.append((("validate", "baseline"), experiment.validate.baseline))
    for path, name in named:
        if name not in NAMES and name not in experiment.candidates:
            raise document.error(path, f"no static mixture {shown(name)}; {possible(experiment, name)}")
    _check_once(swarm.anchors, document, ("swarm", "anchors"))
    if swarm.repeat_of not in swarm.anchors:
        message = f"expected one of swarm.anchors, {', '.join(swarm.anchors) or 'none'}, found {shown(swarm.repeat_of)}"
        raise document.error(("swarm", "repeat_of"), message)


def _check_proxy(experiment: Experiment, document: LocatedYaml) -> None:
    proxy, validate = experiment.proxy, experiment.validate
    if proxy is not None:
        _check_model(proxy.model, document, ("proxy", "model"))
        _check_batch(proxy.batch, proxy.micro_batch, document, ("proxy", "batch"))
    if validate is None:
        return
    if proxy is None:
        raise document.error(("validate",), "expected a proxy beside it: what is not said here is the proxy's")
    _check_model(validate.model, document, ("validate", "model"))
    _check_batch(validate.batch or proxy.batch, proxy.micro_batch, document, ("validate", "batch"))


def _check_model(model: Model, document: LocatedYaml, place: Place) -> None:
    check_shape(shape_of_model(model, document, place), model, document, place)


def _check_batch(batch: int, micro_batch: int, document: LocatedYaml, place: Place) -> None:
    if batch % micro_batch:
        raise document.error(place, f"expected a multiple of proxy.micro_batch, {micro_batch}, found {batch:,}")


def _check_targets(experiment: Experiment, document: LocatedYaml) -> None:
    """What is predicted, by which laws, and what of it is to be small."""
    fit, propose = experiment.fit, experiment.propose
    _check_once(experiment.targets, document, ("targets",))
    _check_once(fit.predictors, document, ("fit", "predictors"))
    if not fit.predictors:
        raise document.error(("fit", "predictors"), "expected a law")
    if "mean" in fit.predictors:
        raise document.error(("fit", "predictors"), "the mean is of the laws that stand here, and always fitted")
    if propose.predictor not in (*fit.predictors, "mean"):
        message = f"{shown(propose.predictor)} is not fitted; {suggest(propose.predictor, (*fit.predictors, 'mean'))}"
        raise document.error(("propose", "predictor"), message)
    _check_objective(propose.objective, experiment.targets, document)


def _check_objective(objective: Mapping[str, float], targets: Sequence[str], document: LocatedYaml) -> None:
    place = ("propose", "objective")
    for name in objective:
        if targets and name not in targets:
            raise document.error((*place, name), f"no such target; {suggest(name, targets)}")
    if objective and not any(objective.values()):
        raise document.error(place, "expected a weight above 0")


def _check_once(names: Iterable[str], document: LocatedYaml, place: Place) -> None:
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            raise document.error((*place, number), f"{shown(name)} is given twice")
        seen.add(name)
