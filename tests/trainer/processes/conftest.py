"""What tests of several processes share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trainer.processes.nursery import Nursery
from tests.trainer.small_run import PLAN, token_files


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small plan and its tokens: nobody may change it."""
    folder = tmp_path_factory.mktemp("data")
    token_files(folder)
    (folder / "plan.yaml").write_text(PLAN)
    return folder
