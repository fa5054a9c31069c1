"""What all tests share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
# A deadline measures the machine's other work, not ours: tests that hold a time measure CPU time themselves.


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    """Ray on two CPUs, started once for all tests that need it."""
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()
