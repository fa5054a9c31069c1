"""The experiments beside the recipes: what they mix is what their plans train on, and there are tokens enough."""

from pathlib import Path

import numpy as np
import pytest

from trainer.mixture.designing.growing import new_swarm
from trainer.mixture.load import load
from trainer.mixture.materials import read_materials
from trainer.mixture.space import broken, space_of
from trainer.plan import Model

RECIPES = Path(__file__).parents[2] / "recipes"


def test_the_papers_mixture_is_allowed_by_its_own_caps(tmp_path: Path) -> None:
    """Reckoned without tokens, from the sizes in the plan."""
    experiment = load(RECIPES / "nemotron4_15b" / "mixture.yaml")
    materials = read_materials(experiment, str(tmp_path))
    space = space_of(experiment, materials)

    current = dict(zip(space.components, materials.current["all"], strict=True))

    assert broken(space, np.array([materials.current["all"]])) == []
    assert current["multilingual"] == pytest.approx(0.15)
    assert current["code"] == pytest.approx(0.15)
    assert sum(current.values()) == pytest.approx(1)
    assert materials.phase_tokens == {"all": 8_000_000_000_000}


@pytest.mark.parametrize("name", ["tiny", "nemotron4_15b"])
def test_what_validates_is_larger_than_what_was_tried(name: str) -> None:
    experiment = load(RECIPES / name / "mixture.yaml")

    assert experiment.proxy is not None
    assert experiment.validate is not None
    assert _body(experiment.validate.model) >= 4 * _body(experiment.proxy.model)
    assert experiment.validate.tokens >= 3 * experiment.proxy.tokens


def test_a_swarm_of_the_paper_s_recipe_has_every_kind_of_run(tmp_path: Path) -> None:
    experiment = load(RECIPES / "nemotron4_15b" / "mixture.yaml")
    materials = read_materials(experiment, str(tmp_path))

    swarm, _ = new_swarm(experiment, materials, space_of(experiment, materials))

    kinds = [run.kind for run in swarm.runs]
    assert {kind: kinds.count(kind) for kind in kinds} == {"anchor": 3, "repeat": 3, "deletion": 6, "row": 15}


def _body(model: Model) -> int:
    """Parameters beside the embeddings, about."""
    assert model.n_layer is not None
    assert model.d_model is not None
    return 12 * model.n_layer * model.d_model**2
