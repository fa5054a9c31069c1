"""What tests of the trainer share."""

import pytest

from tests.tokenizer.encoded_run import EncodedRun


@pytest.fixture(scope="session")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> EncodedRun:
    """A finished run with tokens of sequences of 32: nobody may change it."""
    run = EncodedRun.at(tmp_path_factory.mktemp("encoded"))
    run.encode()
    return run
