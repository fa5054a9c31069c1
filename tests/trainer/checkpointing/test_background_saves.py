"""Checkpoints that are written while training goes on, seen between its steps."""

import concurrent.futures
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.trainer.small_run import opened
from trainer.running.stopping import StopRequest
from trainer.running.training import Training
from trainer.train import train


@dataclass
class Look(StopRequest):
    """Which checkpoints stand there after each step, by samples seen. What is begun is written before the next step."""

    run: Training | None = None
    seen: dict[int, list[int]] = field(default_factory=dict)

    @property
    def exit_code(self) -> int | None:
        assert self.run is not None
        if self.run.saves.running is not None and self.run.saves.running.done is not None:
            concurrent.futures.wait([self.run.saves.running.done])
        found = (self.run.output / "checkpoints").glob("[0-9]*")
        self.seen[self.run.samples_seen] = sorted(int(one.name) for one in found)
        return None


def seen_by_steps(folder: Path, *settings: str) -> dict[int, list[int]]:
    with closing(opened(folder, folder, "checkpoints.background=true", *settings)) as run, run.progress:
        look = Look(run=run)
        assert train(run, look) == 0
    return look.seen


def test_a_checkpoint_takes_its_place_a_step_after_it_is_written(tmp_path: Path) -> None:
    seen = seen_by_steps(tmp_path, "checkpoints.every_tokens=144")  # nine samples
    assert seen[19] == [10]  # the edge is saved at once, the one of 19 samples is begun
    assert seen[22] == [10, 19]


def test_of_those_between_edges_the_last_stay_also_before_the_next_edge(tmp_path: Path) -> None:
    seen = seen_by_steps(tmp_path, "checkpoints.every_tokens=16", "checkpoints.keep_last=1")
    assert seen[19] == [10, 16]
    assert seen[25] == [10, 22]
    assert seen[31] == [10, 28, 31]
