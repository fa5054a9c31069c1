"""How far a swarm is, by a clock that a test winds."""

import io

import pytest
from rich.console import Console

from trainer.mixture import swarm_progress
from trainer.mixture.results import Result
from trainer.mixture.swarm_progress import SwarmProgress


def test_what_workers_were_at_is_of_the_time_of_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs of three are over after 100 s, one diverged; two workers trained for 90 s each."""
    now = 1000.0
    monkeypatch.setattr(swarm_progress.time, "monotonic", lambda: now)
    said = io.StringIO()
    with SwarmProgress(Console(file=said, width=200), 3, 2) as progress:
        now += 100
        progress.add(Result("0000", "done", "", (), 90, 1, "cpu"), 90.0)
        progress.add(Result("0001", "diverged", "loss rose", (), 90, 1, "cpu"), 90.0)
        assert progress.line() == "2 of 3 runs, 1 diverged, 50 s left"

    assert said.getvalue().splitlines() == [
        "run 0001 diverged: loss rose",
        "2 of 3 runs, 1 diverged, 50 s left; 90% of 2 at work",
    ]
