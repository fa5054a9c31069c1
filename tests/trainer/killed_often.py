"""Train in children that are killed at any moment, one after the other, until one ends by itself; tell how many were.

    python -m tests.trainer.killed_often DATA ROOT SEED SETTING...

Children are forked, so that torch is imported once.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import trainer.train  # what children need is imported here
from tests.trainer.small_run import trained

LONGEST_SECONDS = 0.15
"""From the first line that it logs the first child has so long at most: some steps and saves. Later ones have a little
more each, so that there is an end on a busy machine too. Every fourth may be killed before it logs anything."""


def main(data: Path, root: Path, seed: int, settings: list[str]) -> None:
    moments = random.Random(seed)
    killed = 0
    while True:
        child = os.fork()
        if child == 0:
            os._exit(trained(data, root, *settings))
        if killed % 4:
            wait_for_line(root / "run/log.jsonl", child)
        time.sleep(moments.uniform(0, LONGEST_SECONDS * (1 + killed / 8)))
        os.kill(child, signal.SIGKILL)  # one that has ended waits for its parent: there is no other of this number
        status = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(status):
            assert os.WEXITSTATUS(status) == 0
            break
        killed += 1
    print(killed)


def wait_for_line(log: Path, child: int) -> None:
    """Until the child has changed the log, or ended."""
    before = stamp(log)
    while stamp(log) == before and os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        time.sleep(0.002)


def stamp(log: Path) -> tuple[int, int] | None:
    return (log.stat().st_mtime_ns, log.stat().st_ino) if log.exists() else None


if __name__ == "__main__":
    assert trainer.train
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
