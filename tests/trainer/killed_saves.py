"""Save until killed, at moments that nobody chose, and look at what is left: python killed_saves.py FOLDER ROUNDS.

Every number of a state is the number of its save, so that files of two saves in one checkpoint are found. Each name is
saved twice, so that half of the saves replace a checkpoint.
"""

import dataclasses
import itertools
import os
import random
import signal
import sys
import time
from pathlib import Path

import torch

from tests.trainer import tiny_training as tiny
from trainer.checkpoint import State, load, load_latest, save
from trainer.checkpointing.folders import all_checkpoints_in, clean
from trainer.checkpointing.retention import remove_others
from trainer.plan import Checkpoints


def save_until_killed(output: Path, first: int, tell: int) -> None:
    """Save, tell so, remove what need not stay, and so on."""
    for number in itertools.count(first):
        values = torch.full((1 << 16,), float(number))
        record = dataclasses.replace(tiny.record(number // 2, number), optimizer_steps={"w": number})
        record = dataclasses.replace(record, retention=Checkpoints(keep_last=2))
        save(output, State(record, {"w": values}, {"exp_avg.w": values, "exp_avg_sq.w": values}))
        os.write(tell, f"{number}\n".encode())
        remove_others(output, record)


def last_save(output: Path, first: int, seconds: float) -> int | None:
    """The last save that a process has told of before it was killed."""
    hears, tells = os.pipe()
    process = os.fork()
    if process == 0:
        save_until_killed(output, first, tells)
    os.close(tells)
    time.sleep(seconds)
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, "it ended by itself"
    with os.fdopen(hears) as told:
        numbers = told.read().split()
    return int(numbers[-1]) if numbers else None


def look(output: Path, at_least: int) -> tuple[int, bool]:
    """The save to go on from, and whether anything was left half done. Raises AssertionError for what is not sound."""

    def refuse(line: str) -> None:
        raise AssertionError(line)

    left = any(one.name.startswith(".") for one in (output / "checkpoints").iterdir())
    clean(output)
    folders = all_checkpoints_in(output)
    assert sorted(folders) == sorted((output / "checkpoints").iterdir())
    for folder in folders:
        state = load(folder)
        values = [*state.model.values(), *state.optimizer.values()]
        assert {float(bound) for value in values for bound in torch.aminmax(value)} == {float(state.record.step)}
    latest = load_latest(output, refuse)
    step = latest.record.step if latest else -1
    assert step >= at_least
    return step, left


def main(output: Path, rounds: int) -> None:
    """Prints in how many rounds a save was cut short, and the last save."""
    moments = random.Random(5)
    torch.set_num_threads(1)
    step, cut = -1, 0
    for _ in range(rounds):
        told = last_save(output, step + 1, moments.uniform(0.001, 0.12))
        step, left = look(output, step if told is None else told)
        cut += left
    print(cut, step)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
