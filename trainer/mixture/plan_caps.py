"""Caps on epochs that a training plan has itself, as limits on weights: a proposal that breaks one would not train."""

from collections.abc import Iterator, Mapping, Sequence

from trainer.corpus import CorpusSizes
from trainer.mixture.experiment import Experiment
from trainer.mixture.materials import Material, PlanCap
from trainer.mixture.phases import mixture_phases
from trainer.plan import Phase
from trainer.settle import cap_of

BESIDE = 2
"""Samples by which what is given of a unit may be above what is asked: one for each level of a blend."""


def plan_caps(experiment: Experiment, sizes: CorpusSizes, components: Mapping[str, Material]) -> tuple[PlanCap, ...]:
    """For every phase of the plan and component the cap that its units come to first; () without a plan."""
    if experiment.base is None:
        return ()
    found: list[PlanCap] = []
    for number, phase in enumerate(experiment.base.phases):
        tokens_P = _tokens_until(number, experiment, sizes.seq_len)
        for name, material in components.items():
            caps = list(_caps(phase, name, material, sizes, tokens_P))
            if caps:
                found.append(max(caps, key=lambda cap: cap.epochs_P[0] / cap.most))
    return tuple(found)


def _tokens_until(number: int, experiment: Experiment, seq_len: int) -> Sequence[int]:
    """Tokens of every mixture phase that are read by the end of a phase of the plan, with its last whole batch."""
    assert experiment.base is not None
    read = {phase.name: phase.tokens for phase in experiment.base.phases[: number + 1]}
    last = experiment.base.phases[number]
    read[last.name] += last.batch * seq_len
    return [sum(read.get(name, 0) for name in phase.of) for phase in mixture_phases(experiment)]


def _caps(
    phase: Phase, component: str, material: Material, sizes: CorpusSizes, tokens_P: Sequence[int]
) -> Iterator[PlanCap]:
    for unit, share in material.shares.items():
        cap, windows = cap_of(phase, material.domain, unit), sizes.units[material.domain][unit].windows
        if cap is not None:
            epochs_P = tuple(share * tokens / (windows * sizes.seq_len) for tokens in tokens_P)
            most = max(cap - BESIDE / windows, cap / 2)  # of units of a few windows that is all one can say
            yield PlanCap(phase.name, component, f"{material.domain}/{unit}", epochs_P, most)
