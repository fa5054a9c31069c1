"""What the tests of a run share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from workshop import Workshop


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """Nothing here pulls the plug; killed processes lose nothing that was written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """The letters recipe in a folder of its own, without input."""
    return Workshop.at(tmp_path)
