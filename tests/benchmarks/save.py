"""What a checkpoint costs the training that it is of: the step that begins to write one in the background, and those
that are taken while it is written, beside plain ones; and how long a save takes that training waits for.

One process, one thread for computing, a model of 10M with 8,192 pieces in fp32, 8 rows of 256 tokens. Rounds of plain
steps, one that begins a save, and steps until it is written; medians over rounds.

Bars: the step that begins a save takes at most twice a plain one; memory grows by one copy of what is saved, however
many saves there are, beside what training alone comes to meanwhile.
"""

import dataclasses
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from datapipe.observing.peak_memory import peak_bytes
from tests.trainer import tiny_training as tiny
from trainer.checkpoint import State, state_of
from trainer.checkpointing.saves import Saves
from trainer.model import Transformer
from trainer.optim import build_optimizer
from trainer.plan import Execution, Optimizer
from trainer.processes.world import ALONE
from trainer.running.step import train_step
from trainer.shapes import PRESETS

ROUNDS, PLAIN_STEPS, ROWS, SEQ_LEN, PIECES, RATE = 7, 4, 8, 256, 8192, 1e-4
BAR, COPIES = 2.0, 1.6


class Run:
    """A model that is trained on random tokens."""

    def __init__(self) -> None:
        """Nothing is saved of it yet."""
        self.model = Transformer(dataclasses.replace(PRESETS["10m"], vocab_size=PIECES), torch.float32)
        self.model.init_weights(1)
        self.optimizer = build_optimizer(self.model, Optimizer())
        self.rows_BS: Tensor = torch.randint(PIECES, (ROWS, SEQ_LEN + 1))
        self.samples = 0

    def step(self) -> None:
        """One update."""
        train_step(
            self.model, self.optimizer, self.rows_BS, RATE, Optimizer(), Execution(micro_batch=ROWS, precision="fp32")
        )
        self.samples += ROWS

    def state(self) -> State:
        """What is saved."""
        return state_of(tiny.record(self.samples), self.model, self.optimizer)


def seconds(work: Callable[[], object]) -> float:
    """Wall time of it."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print one JSON line."""
    torch.set_num_threads(1)
    run, found = Run(), dict[str, list[float]]()
    with tempfile.TemporaryDirectory() as folder:
        saves = Saves(Path(folder), ALONE)
        run.step()
        found["at once"] = [seconds(lambda: saves.save(run.state())) for _ in range(3)]
        run.step()
        before = peak_bytes()
        for _ in range(ROUNDS):
            found.setdefault("plain step", []).extend(seconds(run.step) for _ in range(PLAIN_STEPS))
            step, begin = seconds(run.step), seconds(lambda: saves.begin(run.state()))
            found.setdefault("step that begins", []).append(step + begin)
            found.setdefault("beginning alone", []).append(begin)
            while saves.finish(wait=False) is None:
                found.setdefault("step meanwhile", []).append(seconds(run.step))
        saves.close()
        grown = peak_bytes() - before
    medians = {name: statistics.median(values) for name, values in found.items()}
    size = sum(one.numel() * 4 for one in run.model.parameters()) * 3
    ratio = medians["step that begins"] / medians["plain step"]
    result = {
        "name": "save",
        "checkpoint_mb": round(size / 1e6, 1),
        "seconds": {name: round(value, 3) for name, value in medians.items()},
        "ratio": round(ratio, 2),
        "grown_mb": round(grown / 1e6, 1),
        "bar": {"ratio": BAR, "grown_mb": round(COPIES * size / 1e6, 1)},
        "passed": ratio <= BAR and grown < COPIES * size,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
