"""What all tests share."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
# A deadline measures the machine's other work, not ours: tests that hold a time measure CPU time themselves.
# What is green stays green on the same code; `search` looks further, at other examples each time.


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    """Ray on two CPUs, started once for all tests that need it."""
    import ray

    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()
