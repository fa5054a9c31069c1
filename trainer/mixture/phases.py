"""Phases of an experiment: stretches of the full run, and the phases of the training plan that they stand for."""

from collections.abc import Mapping, Sequence

from trainer.mixture.experiment import Experiment, MixturePhase

ALL = "all"
"""Name of the only phase where an experiment names none."""


def mixture_phases(experiment: Experiment) -> tuple[MixturePhase, ...]:
    """Those of the experiment, with `of` filled in where there is a plan; a single one stands for all of it."""
    said = experiment.phases or (MixturePhase(ALL),)
    if experiment.base is None or len(said) > 1 or said[0].of:
        return said
    return (MixturePhase(said[0].name, tuple(phase.name for phase in experiment.base.phases), said[0].tokens),)


def phase_tokens(experiment: Experiment) -> Mapping[str, int | None]:
    """Tokens of every phase of the full run; None where neither experiment nor plan tells."""
    of_plan = {phase.name: phase.tokens for phase in experiment.base.phases} if experiment.base else {}
    return {
        phase.name: phase.tokens or sum(of_plan[name] for name in phase.of) or None
        for phase in mixture_phases(experiment)
    }


def in_phase(phase: str, phases: Sequence[str]) -> str:
    """How a label tells of a phase: not at all where there is one only."""
    return f" in {phase}" if len(phases) > 1 else ""
