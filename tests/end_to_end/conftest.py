"""The tiny recipe, run once for all tests here: they read its output and change copies."""

import os
from pathlib import Path

import pytest

from datapipe import load, run

RECIPE = Path(__file__).parents[2] / "recipes" / "tiny" / "recipe.yaml"


@pytest.fixture(scope="session")
def demo() -> Path | None:
    """The root below which `make demo` has run (CORPUSMILL_DEMO): tests look at what it made, and do not train the same
    once more. None: they run the recipes themselves."""
    root = os.environ.get("CORPUSMILL_DEMO")
    return Path(root) if root else None


@pytest.fixture(scope="session")
def tiny_output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its output folder, `out/tiny` below a root."""
    return Path(run(load(RECIPE), root=str(tmp_path_factory.mktemp("tiny"))))
