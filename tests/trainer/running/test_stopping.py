import os
import signal
from collections.abc import Iterator

import pytest

from trainer.running.stopping import heard


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_noted_and_training_goes_on_to_the_end_of_its_step(number: signal.Signals, code: int) -> None:
    with heard() as request:
        assert request.exit_code is None
        os.kill(os.getpid(), number)
        assert request.exit_code == code


@pytest.fixture
def default_handler() -> Iterator[None]:
    """Python's own for Ctrl-C: what a shell starts in the background ignores it, and so would these tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("default_handler")
def test_a_second_signal_acts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.running.stopping.SAME_SECONDS", 0.0)
    with heard() as request, pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        assert request.exit_code == 130
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.usefixtures("default_handler")
def test_what_a_launcher_passes_on_at_once_is_the_same_signal() -> None:
    with heard() as request:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        assert request.exit_code == 130


def test_afterwards_signals_are_what_they_were() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with heard():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
