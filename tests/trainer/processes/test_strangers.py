"""Rank 0 listens to the other processes of its run, and to nobody else."""

import socket
import time
from pathlib import Path

import psutil
import torch.distributed as dist

from tests.trainer.parallel.launch import together
from trainer.processes.health import watched
from trainer.processes.world import join

LIES = b'{"token": "guessed", "rank": 1}\n{"failed": "a lie"}\n', b'{"failed": "a lie"}\n', b"GET / HTTP/1.1\r\n\r\n"


def listening() -> set[int]:
    return {one.laddr.port for one in psutil.Process().net_connections("tcp") if one.status == psutil.CONN_LISTEN}


def lied_to(output: Path) -> list[bytes]:
    """What strangers are answered where the processes begin to watch each other, on the first one."""
    world = join(timeout_seconds=20)
    before, answers = listening(), list[bytes]()
    with watched(world, 20, output):
        if world.is_first:
            (port,) = listening() - before
            for lie in LIES:
                with socket.create_connection(("127.0.0.1", port), timeout=10) as stranger:
                    stranger.sendall(lie)
                    answers.append(stranger.recv(100))
        dist.barrier()
        time.sleep(0.5)  # were it believed, all would end
    return answers


def test_a_stranger_is_hung_up_on_and_its_lies_are_not_believed(tmp_path: Path) -> None:
    assert together(2, lied_to, tmp_path) == [[b"", b"", b""], []]
