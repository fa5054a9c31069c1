"""The tiny recipe, run once for all tests here: they read its output and change copies."""

from pathlib import Path

import pytest

from datapipe import load, run

RECIPE = Path(__file__).parents[2] / "recipes" / "tiny" / "recipe.yaml"


@pytest.fixture(scope="session")
def tiny_output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its output folder, `out/tiny` below a root."""
    return Path(run(load(RECIPE), root=str(tmp_path_factory.mktemp("tiny"))))
