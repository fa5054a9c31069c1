"""What a reader should look at first."""

from dataclasses import dataclass

import numpy as np

from trainer.report.figures import RunFigures
from trainer.report.history import History

WAIT_SHARE = 0.01
"""Of step time: above it the loader is too slow for the model."""


@dataclass(frozen=True)
class Finding:
    """A sentence, and how much it matters: problem, warning or note."""

    level: str
    text: str


def find(run: RunFigures) -> list[Finding]:
    """All that stands out."""
    return [*_ending(run), *_skipped(run), *_spikes(run), *_waiting(run.history), *_worse(run)]


def wait_share(log: History) -> float | None:
    """Share of step time that was spent waiting for data."""
    steps = np.diff(np.asarray(log.steps.step), prepend=0)
    seconds = float(np.nansum(np.asarray(log.steps.values["step_seconds"]) * steps))
    waited = float(np.nansum(np.asarray(log.steps.values["data_wait_seconds"]) * steps))
    return waited / seconds if seconds else None


def _ending(run: RunFigures) -> list[Finding]:
    last = run.history.last
    if last is None:
        return [Finding("warning", "The log is empty: nothing was trained yet.")]
    if last["kind"] == "end":
        return []
    left = run.tokens(run.last_sample - run.history.samples_seen)
    if last["kind"] == "stop":
        return [Finding("problem", f"The run stopped before its plan did: {last.get('why', 'no reason given')}.")]
    return [Finding("note", f"The plan is not done: {left:,} tokens are left. The same command goes on.")]


def _skipped(run: RunFigures) -> list[Finding]:
    skipped = run.history.skipped
    if not skipped:
        return []
    return [
        Finding(
            "warning",
            f"{len(skipped):,} steps were skipped because their gradient was not finite, the first at "
            f"{run.tokens(skipped[0]):,} tokens, the last at {run.tokens(skipped[-1]):,}.",
        )
    ]


def _spikes(run: RunFigures) -> list[Finding]:
    spikes = sorted(set(run.history.spikes))
    if not spikes:
        return []
    times = f"{len(spikes):,} times" if len(spikes) > 1 else "Once"
    where = (
        f"the first time at {run.tokens(spikes[0]):,} tokens"
        if len(spikes) > 1
        else f"at {run.tokens(spikes[0]):,} tokens"
    )
    return [Finding("note", f"{times} the loss or the gradient norm was far above what was usual, {where}.")]


def _waiting(log: History) -> list[Finding]:
    share = wait_share(log)
    if share is None or share <= WAIT_SHARE + 1e-9:
        return []
    return [Finding("warning", f"{100 * share:.1f} % of step time was spent waiting for data.")]


def _worse(run: RunFigures) -> list[Finding]:
    first, last = run.history.first_validation, run.history.last_validation
    if first is None or last is None or first is last:
        return []
    worse = [
        name
        for name, figures in last["domains"].items()
        if (figures.get("loss") or 0) > ((first["domains"].get(name) or {}).get("loss") or float("inf"))
    ]
    return [Finding("warning", f"Validation loss of {name} is higher than at the start of the run.") for name in worse]
