"""Room on the disk of the output: how much there is, and a stop before it is full.

A full disk fails in the middle of writes, of ours and of everybody else's. So the driver looks between receipts and
stops while there is still a reserve: what is finished stays, and a rerun goes on.
"""

import shutil
import time
from pathlib import Path

from datapipe.output import RunError
from datapipe.receipts import Receipt

RESERVE_BYTES = 1 << 30
CHECK_SECONDS = 1.0


def free_bytes(folder: str) -> int | None:
    """Bytes free for us on the file system that holds a local folder, existing or not; None for an object store."""
    if "://" in folder:
        return None
    path = Path(folder).absolute()
    return shutil.disk_usage(next(one for one in (path, *path.parents) if one.exists())).free


class DiskGuard:
    """Watches the room on the output's disk during one pass."""

    def __init__(self, folder: str, reserve_bytes: int, at_once: int) -> None:
        """`reserve_bytes` stay free, 0: nothing is checked. `at_once`: tasks that may write at the same time."""
        self._folder, self._reserve, self._at_once = folder, reserve_bytes, at_once
        self._largest = 0
        self._checked = float("-inf")

    def add(self, receipt: Receipt) -> None:
        """If a task of this run has written its outputs, look again when it has been a while."""
        if receipt.reused:
            return
        self._largest = max(self._largest, sum(output.bytes for output in receipt.outputs))
        if time.monotonic() - self._checked >= CHECK_SECONDS:
            self.check()

    def check(self) -> None:
        """Raises RunError when less is free than the reserve, or than what running tasks may still write."""
        lack = self.lack()
        if lack:
            raise RunError(lack)

    def lack(self) -> str:
        """What `check` would raise, "" for nothing."""
        self._checked = time.monotonic()
        free = free_bytes(self._folder) if self._reserve else None
        if free is None:
            return ""
        running = self._at_once * self._largest
        if free < max(self._reserve, running):
            why = f"{self._at_once} running tasks may write {running:,}" if running > self._reserve else ""
            return (
                f"{self._folder}: the disk is nearly full: {free:,} bytes are free, "
                f"{why or f'{self._reserve:,} are kept in reserve (--disk-reserve)'}; "
                "make room, then run the same command again: what is finished is not done again"
            )
        return ""
