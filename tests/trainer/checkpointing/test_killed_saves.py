"""Processes that are killed while a checkpoint is written in the background: what goes on from the last one that is
whole is the run that was never killed, bit for bit."""

import io
import os
import signal
import time
from pathlib import Path

import pytest
import torch.distributed as dist
from rich.console import Console

from tests.trainer.parallel.launch import FORKS
from tests.trainer.parallel.runs import SHORT, plan_of, token_files
from trainer.checkpointing.folders import all_checkpoints_in
from trainer.checkpointing.state_file import check_files, read_record
from trainer.train import run

PROCESSES = 2
LIMIT_SECONDS = 60.0
SETTINGS = (*SHORT, "checkpoints.background=true", "checkpoints.every_tokens=64")
"""Every step begins a checkpoint."""


def one_rank(rank: int, port: int, folder: Path, root: Path) -> None:
    """A process of the run, to its end."""
    os.dup2(os.open(root / f"{rank}.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    told = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": PROCESSES, "MASTER_ADDR": "localhost", "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in told.items()}, TORCHELASTIC_USE_AGENT_STORE="True")
    os._exit(run(plan_of(folder, *SETTINGS), root=str(root), threads=1, console=Console(file=io.StringIO())))


def launched(folder: Path, root: Path, kill: tuple[int, ...] = (), after: int = 0) -> tuple[list[int | None], bool]:
    """Exit codes of the processes; `kill` those as soon as a checkpoint is being written that is the `after`th, and
    whether one was."""
    root.mkdir(exist_ok=True)
    store = dist.TCPStore("localhost", 0, is_master=True, wait_for_workers=False)
    started = [FORKS.Process(target=one_rank, args=(rank, store.port, folder, root)) for rank in range(PROCESSES)]
    for process in started:
        process.start()
    end, seen, was_cut = time.monotonic() + LIMIT_SECONDS, set[str](), False
    while kill and len(seen) < after and any(process.is_alive() for process in started):
        assert time.monotonic() < end, "no checkpoint was written"
        seen |= set(being_written(root))
    for rank in kill:
        pid = started[rank].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    was_cut = bool(being_written(root))
    for process in started:
        process.join(max(0.0, end - time.monotonic()))
    codes = [process.exitcode for process in started]
    for process in started:
        process.kill()
        process.join()
    return codes, was_cut


def being_written(root: Path) -> list[str]:
    try:
        return [one.name for one in (root / "run/checkpoints").iterdir() if one.suffix == ".tmp"]
    except FileNotFoundError:
        return []


def last_bytes(root: Path) -> dict[str, bytes]:
    """Of the tensors of the last checkpoint."""
    folder = all_checkpoints_in(root / "run")[-1]
    return {one.name: one.read_bytes() for one in folder.glob("*.safetensors")}


@pytest.mark.slow
def test_killed_in_the_middle_of_a_save_a_run_goes_on_bit_for_bit(tmp_path: Path) -> None:
    """First one process, then all of them."""
    folder, whole, root = tmp_path / "data", tmp_path / "whole", tmp_path / "killed"
    folder.mkdir()
    token_files(folder)
    assert launched(folder, whole)[0] == [0, 0]
    cuts = 0
    for killed in ((1,), (0, 1)):
        codes, was_cut = launched(folder, root, killed, after=2)
        cuts += was_cut
        assert all(codes[rank] == -signal.SIGKILL for rank in killed)
        assert None not in codes  # who is left does not wait for ever
        assert 0 not in codes
        for checkpoint in all_checkpoints_in(root / "run"):
            check_files(checkpoint, read_record(checkpoint))

    assert launched(folder, root)[0] == [0, 0]

    assert cuts > 0
    assert last_bytes(root) == last_bytes(whole)
    assert being_written(root) == []
