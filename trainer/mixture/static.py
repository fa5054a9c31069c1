"""Mixtures that need no training: proportional, uniform, temperature, alpha, UniMax, the paper's, today's.

Names, as `swarm.anchors`, `propose.reference` and `validate.baseline` use them: `proportional`, `uniform`,
`temperature_2`, `temperature_5`, `alpha_1.3`, `unimax_1`, `unimax_4`, `nemotron4` (70 / 15 / 15, where components make
up English, multilingual and code), `current`, and those of `candidates`. Temperature T and alpha are the same form,
tokens ** (1 / T), as `datapipe.mixture.proportional` has it; the others of Nemotron-4 are in arXiv 2402.16819.
"""

from collections.abc import Mapping

import numpy as np

from datapipe.loading.located_yaml import parse, suggest
from datapipe.mixture import MixtureError, proportional, unimax
from trainer.mixture.arrays import Floats
from trainer.mixture.experiment import Experiment
from trainer.mixture.materials import Material, Materials, to_1

CURRENT = "current"
FLATTENED = {"proportional": 1.0, "temperature_2": 2.0, "temperature_5": 5.0, "alpha_1.3": 1.3}
"""Shares by tokens ** (1 / this)."""
UNIMAX = {"unimax_1": 1.0, "unimax_4": 4.0}
"""As even as so many epochs allow."""
NEMOTRON4 = {"english": 0.70, "multilingual": 0.15, "code": 0.15}
"""Section 2 of arXiv 2402.16819."""
ABOUT = {
    "proportional": "By tokens: all text equally often.",
    "uniform": "The same of every component.",
    "temperature_2": "By tokens ** (1 / 2).",
    "temperature_5": "By tokens ** (1 / 5).",
    "alpha_1.3": "By tokens ** (1 / 1.3).",
    "unimax_1": "As even as one epoch of each allows (UniMax, arXiv 2304.09151).",
    "unimax_4": "As even as four epochs of each allow.",
    "nemotron4": "70 % English, 15 % other languages, 15 % code (arXiv 2402.16819), each divided by tokens; where "
    "components are of the domains `english`, `multilingual` and `code`, and all three are there.",
    CURRENT: "Today's: what the experiment says, else the plan or `mixture.json`, else proportional.",
}
"""Those that are not the experiment's own, in the order they are shown."""
NAMES = tuple(ABOUT)


def static_mixtures(experiment: Experiment, materials: Materials) -> Mapping[str, Floats]:
    """weights_PK by name, in the order they are shown; one that cannot be made of this data is left out."""
    found = {name: _weights(name, experiment, materials) for name in (*NAMES, *experiment.candidates)}
    return {name: weights for name, weights in found.items() if not isinstance(weights, str)}


def static_mixture(name: str, experiment: Experiment, materials: Materials) -> Floats:
    """One of them. Raises RecipeError for a name that is none, with those that are."""
    if name not in NAMES and name not in experiment.candidates:
        raise parse(experiment.text, experiment.file).error(
            (), f"no static mixture {name!r}; {possible(experiment, name)}"
        )
    found = _weights(name, experiment, materials)
    if isinstance(found, str):
        raise parse(experiment.text, experiment.file).error((), f"static mixture {name} cannot be made: {found}")
    return found


def possible(experiment: Experiment, name: str) -> str:
    """Names of static mixtures, the nearest first."""
    return suggest(name, (*NAMES, *experiment.candidates))


def _weights(name: str, experiment: Experiment, materials: Materials) -> Floats | str:
    """weights_PK, or why there are none."""
    if name == CURRENT:
        return _current(experiment, materials)
    try:
        shares = _shares(name, experiment, materials)
    except MixtureError as error:
        return str(error)
    if not shares:
        return f"expected components of the domains {', '.join(NEMOTRON4)}, and no others"
    return np.tile([shares.get(component, 0.0) for component in materials.components], (len(materials.phase_tokens), 1))


def _shares(name: str, experiment: Experiment, materials: Materials) -> Mapping[str, float]:
    """Of components, the same in all phases; {} where domains do not fit. Raises MixtureError."""
    tokens = {component: float(material.tokens) for component, material in materials.components.items()}
    if name in experiment.candidates:
        return to_1(experiment.candidates[name])
    if name in FLATTENED:
        return proportional(tokens, FLATTENED[name])
    if name in UNIMAX:
        return unimax(tokens, sum(materials.phase_tokens.values()), UNIMAX[name])
    if name == "nemotron4":
        return _nemotron4(materials.components)
    return dict.fromkeys(tokens, 1 / len(tokens))


def _nemotron4(components: Mapping[str, Material]) -> Mapping[str, float]:
    """A domain's weight, divided by the tokens of its components; {} where domains are others."""
    inside: dict[str, dict[str, float]] = {}
    for name, material in components.items():
        inside.setdefault(material.domain, {})[name] = material.tokens
    if inside.keys() != NEMOTRON4.keys():
        return {}
    return {name: NEMOTRON4[domain] * share for domain, of in inside.items() for name, share in to_1(of).items()}


def _current(experiment: Experiment, materials: Materials) -> Floats:
    """What the experiment says, else the plan or `mixture.json`, else proportional: data that nobody weighs."""
    if experiment.current is not None:
        by_phase = [to_1(experiment.current[phase]) for phase in materials.phase_tokens]
        return np.array([[row.get(component, 0.0) for component in materials.components] for row in by_phase])
    if materials.current:
        return np.array([materials.current[phase] for phase in materials.phase_tokens])
    return static_mixture("proportional", experiment, materials)
