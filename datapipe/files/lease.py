"""Who writes or reads an output folder on an object store: leases, for information.

Object stores have no locks that all of them know. Two drivers on one folder do no harm but to the bill: both write the
same bytes. So the second one says who the first is, and goes on. Readers share one lease, which names one of them:
should its texts change, a reader finds that they are not those of the receipts.
"""

import contextlib
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator

from datapipe import storage

FILE = "run.lock"
READERS = "readers.lock"
RENEWED_SECONDS = 60.0
STALE_SECONDS = 200.0
"""A lease that was not renewed for so long is that of a driver that was killed."""


@contextlib.contextmanager
def leased(
    folder: str, warn: Callable[[str], None], renewed_seconds: float = RENEWED_SECONDS, *, only_reads: bool = False
) -> Iterator[None]:
    """Hold the lease of a folder during the block. `warn` is told of a driver; a driver's, of readers too."""
    path = storage.join(folder, READERS if only_reads else FILE)
    other = holder(folder)
    if other is not None:
        harm = "what it reads may change" if only_reads else "both write the same bytes, one of them is enough"
        warn(f"another run is writing {folder}: {other}; {harm}")
    reader = None if only_reads else holder(folder, READERS)
    if reader is not None:
        warn(f"{folder} is being read: {reader}; that fails if its shards change")
    owner, _, since = this_process().partition(" since ")
    own = {"token": uuid.uuid4().hex, "owner": owner, "since": since}
    _renew(path, own)
    ended = threading.Event()
    beating = threading.Thread(target=_beat, args=(path, own, ended, renewed_seconds), daemon=True)
    beating.start()
    try:
        yield
    finally:
        ended.set()
        beating.join()
        # Nothing about the lease may hide how the run went.
        with contextlib.suppress(OSError, ValueError):
            if json.loads(storage.read_bytes(path)).get("token") == own["token"]:
                storage.remove(path)


def this_process() -> str:
    """Who this is, and since when: now."""
    return f"process {os.getpid()} on {os.uname().nodename} since {time.strftime('%Y-%m-%d %H:%M:%S')}"


def holder(folder: str, file: str = FILE) -> str | None:
    """Who holds the lease of a folder; None: nobody, or one who did not renew it by this clock. Raises OSError."""
    try:
        lease = json.loads(storage.read_bytes(storage.join(folder, file)))
        age = time.time() - float(lease["renewed"])
        said = f"{lease['owner']} since {lease['since']}"
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None
    return said if abs(age) < STALE_SECONDS else None


def _beat(path: str, own: dict[str, str], ended: threading.Event, seconds: float) -> None:
    while not ended.wait(seconds):
        with contextlib.suppress(OSError):  # the run itself will say what is wrong with the store
            _renew(path, own)


def _renew(path: str, own: dict[str, str]) -> None:
    storage.write_bytes(path, json.dumps({**own, "renewed": time.time()}).encode())
