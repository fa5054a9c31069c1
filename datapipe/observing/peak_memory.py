"""The most memory that this process has held at once."""

import contextlib
import resource
import sys
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_bytes() -> int:
    """Resident bytes at the peak: of this program, not of what started it, where the system tells (Linux).

    `ru_maxrss`, read elsewhere, begins with what the process held before it became this program.
    """
    with contextlib.suppress(OSError), STATUS.open() as lines:
        for line in lines:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def begin_anew() -> None:
    """Count from what is held now, where the system allows it (10 microseconds).

    For processes of our own only: whoever measures this one from outside then sees the later peak too.
    """
    with contextlib.suppress(OSError):
        CLEAR.write_text("5")  # man 5 proc: resets VmHWM
