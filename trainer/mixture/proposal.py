"""From evidence to a proposal: the optimum with its intervals, what is tied with it, and what other aims would give."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trainer.mixture.arrays import Floats
from trainer.mixture.evidence import Evidence, aligned
from trainer.mixture.experiment import Experiment
from trainer.mixture.materials import Materials
from trainer.mixture.objective import objective_of
from trainer.mixture.optimum import Aim, optimum, worst
from trainer.mixture.pareto import front, objectives_of
from trainer.mixture.predictors.choosing import predictor_of
from trainer.mixture.proposal_file import KlPoint, Mixture, Proposal
from trainer.mixture.proposal_warnings import warnings_of
from trainer.mixture.proposal_weights import proposed_weights
from trainer.mixture.search import Search, search
from trainer.mixture.space import broken, draw, space_of
from trainer.mixture.static import CURRENT, static_mixture, static_mixtures
from trainer.mixture.ties import nearest_tied, tied
from trainer.mixture.tried import Tried, tried_of

POOL = 2000
"""Allowed draws that are scored before any descent,"""
POOL_WITHOUT_SLOPES = 10_000
"""and for laws that can only be scored (RegMix has 100,000, of which it takes the mean of the best)."""
DRAWS, RESAMPLES = 21, 22
"""Purposes of seeds beside the experiment's."""


@dataclass(frozen=True)
class Found:
    """A search, and the mixtures that it was for."""

    search: Search
    evidence: Evidence
    """In the order of the space."""
    statics: Mapping[str, Floats]
    current_PK: Floats
    reference_PK: Floats


def find(experiment: Experiment, materials: Materials, evidence: Evidence) -> Found:
    """The best mixture of what an experiment allows, as its law sees it. Raises RecipeError, RunError."""
    said = experiment.propose
    space = space_of(experiment, materials)
    evidence = aligned(evidence, space.phases, space.components)
    statics = static_mixtures(experiment, materials)
    reference_PK = static_mixture(said.reference, experiment, materials)
    predictor = predictor_of(said.predictor, experiment.fit)
    tokens_P = np.array(list(materials.phase_tokens.values()), np.float64)
    aim = Aim(objective_of(evidence, said.objective), reference_PK, tokens_P / tokens_P.sum(), said.kl)
    draws_NPK = draw(space, POOL if predictor.smooth else POOL_WITHOUT_SLOPES, _seed(experiment, DRAWS))
    tried = [one for one in (*statics.values(), *evidence.weights_NPK) if not broken(space, one)]
    pool_NPK = np.concatenate([np.array(tried).reshape(-1, *space.shape), draws_NPK])
    found = search(
        predictor, evidence, space, aim, pool_NPK, said.resamples, said.interval, _seed(experiment, RESAMPLES)
    )
    return Found(found, evidence, statics, static_mixture(CURRENT, experiment, materials), reference_PK)


def propose_mixture(
    experiment: Experiment, materials: Materials, evidence: Evidence, digest: str, plan: str
) -> Proposal:
    """All that is said of the best mixture; `digest` is the evidence's, `plan` the name of the file of the plan."""
    found = find(experiment, materials, evidence)
    inner, evidence, said = found.search, found.evidence, experiment.propose
    (best,) = inner.judged(["best"], inner.best_PK[None])
    tried = tried_of(evidence, inner.aim.objective, inner.fitted, _seed(experiment, RESAMPLES))
    (best,) = tried.beside([best], best.objective)
    (nearest,) = tried.beside(inner.judged(["nearest tied"], _nearest(found, tried, best)[None]), best.objective)
    worst_PK = worst(dataclasses.replace(inner.aim, kl=0.0), inner.fitted, inner.smooth, inner.space, inner.pool_NPK)
    (lowest,) = inner.judged(["worst"], worst_PK[None])
    statics = tried.beside(_judged(inner, found.statics), best.objective)
    runs = {f"run {run.id}": one for run, one in zip(evidence.runs, evidence.weights_NPK, strict=True)}
    named = {**runs, **found.statics}
    did_well = {name: one for name, one in named.items() if tried.is_as_good(one, best.objective)}
    as_good = {**tied(inner, named), **{name: one for name, one in did_well.items() if not broken(inner.space, one)}}
    objectives = objectives_of(experiment.groups, materials, inner.aim.objective)
    return Proposal(
        experiment=experiment.name,
        swarm_digest=digest,
        predictor=said.predictor,
        phases=inner.space.phases,
        components=inner.space.components,
        targets=evidence.targets,
        objective=tuple(inner.aim.objective.weights_M.tolist()),
        kl=said.kl,
        reference=said.reference,
        interval=said.interval,
        resamples=said.resamples,
        best=best,
        weights=proposed_weights(inner, materials, found.current_PK, found.reference_PK),
        tied=tried.beside(_judged(inner, as_good), best.objective),
        nearest_tied=nearest,
        statics=statics,
        worst=lowest,
        kl_path=_kl_path(inner, said.kl_path),
        objectives=tuple(objectives),
        pareto=front(inner, objectives),
        resampled=tuple(tuple(one.ravel().tolist()) for one in inner.optima_RPK),
        plan=plan,
        warnings=warnings_of(inner, evidence, tried, materials, experiment.caps, (statics, best, lowest)),
    )


def _judged(found: Search, mixtures: Mapping[str, Floats]) -> tuple[Mixture, ...]:
    return found.judged(list(mixtures), np.array(list(mixtures.values()))) if mixtures else ()


def _nearest(found: Found, tried: Tried, best: Mixture) -> Floats:
    """Today's mixture where it is allowed and did as well when it was trained, else as the law has it."""
    is_allowed = not broken(found.search.space, found.current_PK)
    if is_allowed and tried.is_as_good(found.current_PK, best.objective):
        return found.current_PK
    return nearest_tied(found.search, found.current_PK)


def _kl_path(found: Search, strengths: Sequence[float]) -> tuple[KlPoint, ...]:
    """The optimum at every strength."""
    starts_NPK = np.concatenate([found.best_PK[None], found.pool_NPK])
    aims = [dataclasses.replace(found.aim, kl=kl) for kl in strengths]
    optima = [optimum(aim, found.fitted, found.smooth, found.space, starts_NPK) for aim in aims]
    if not optima:
        return ()
    mixtures = found.judged([f"kl {kl:g}" for kl in strengths], np.array(optima))
    divergences = found.aim.divergence(np.array(optima)).tolist()
    return tuple(KlPoint(*point) for point in zip(strengths, mixtures, divergences, strict=True))


def _seed(experiment: Experiment, purpose: int) -> int:
    return int(np.random.SeedSequence([experiment.seed, purpose]).generate_state(1)[0])
