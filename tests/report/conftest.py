"""One small run, for all tests of the report."""

from collections.abc import Callable
from pathlib import Path

import pytest

from datapipe import load, run
from datapipe.report.figures import Figures, read_figures
from tests.report.small_run import RECIPE, write_inputs


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder."""
    folder = tmp_path_factory.mktemp("report")
    settings = ["max_error_fraction=0.5"]
    return Path(run(load(write_inputs(folder), settings), root=str(folder)))


@pytest.fixture(scope="session")
def figures(small_run: Path) -> Figures:
    return read_figures(str(small_run))


@pytest.fixture
def run_changed(tmp_path: Path) -> Callable[..., Path]:
    """Run the recipe with a passage replaced, as a whole or a sample."""

    def run_with(old: str, new: str, sample: float | None = None) -> Path:
        recipe = write_inputs(tmp_path, RECIPE.replace(old, new))
        return Path(run(load(recipe, ["max_error_fraction=0.5"]), root=str(tmp_path), sample=sample))

    return run_with
