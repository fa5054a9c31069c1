"""Longer fuzzing: `python -m tests.fuzz [TARGET ...] --seconds 60`; `--atheris TARGET` follows coverage.

The process may use 4 GB of memory and 20 s of CPU time for one input. An input that breaks something is kept as
`fuzz-TARGET-DIGEST.bin` in the current folder, one that kills the process as `fuzz-TARGET-last.bin`; `--again FILE`
runs it once more. A JSON line per target counts.
"""

import argparse
import hashlib
import json
import resource
import signal
import sys
import time
from pathlib import Path
from random import Random

from tests.fuzz.targets import TARGETS, Target

MEMORY_BYTES = 4 << 30
MAX_SECONDS = 20


def attempt(name: str, target: Target, data: bytes) -> bool:
    """Whether one input goes through; else it is kept."""
    Path(f"fuzz-{name}-last.bin").write_bytes(data)
    signal.setitimer(signal.ITIMER_PROF, MAX_SECONDS)  # of CPU time; ends the process
    try:
        target.check(data)
    except Exception as error:  # noqa: BLE001 whatever it is, it is what we look for
        kept = Path(f"fuzz-{name}-{hashlib.sha256(data).hexdigest()[:12]}.bin")
        kept.write_bytes(data)
        print(f"{kept}: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
        return False
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return True


def fuzz(name: str, seconds: float, seed: int) -> int:
    """Mutate for so long; the number of inputs that broke something."""
    target, random = TARGETS[name], Random(seed)
    started, slowest, count, broken = time.monotonic(), 0.0, 0, 0
    while time.monotonic() - started < seconds:
        data = target.one(random)
        before = time.process_time()
        broken += not attempt(name, target, data)
        slowest = max(slowest, time.process_time() - before)
        count += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    found = {"target": name, "inputs": count, "broken": broken, "slowest_seconds": round(slowest, 2), "peak_mb": peak}
    print(json.dumps(found), flush=True)
    return broken


def follow_coverage(name: str, seconds: float) -> None:
    """Let atheris choose the inputs; it ends the process."""
    import atheris

    with atheris.instrument_imports(include=["datapipe.readers"]):
        for module in [one for one in sys.modules if one.startswith(("datapipe.readers", "tests.fuzz"))]:
            del sys.modules[module]
        from tests.fuzz.targets import TARGETS as INSTRUMENTED

    folder = Path(f"fuzz-seeds-{name}")
    folder.mkdir(exist_ok=True)
    for number, seed in enumerate(INSTRUMENTED[name].seeds):
        (folder / str(number)).write_bytes(seed)
    options = [f"-max_total_time={int(seconds)}", f"-timeout={MAX_SECONDS}", "-rss_limit_mb=4096", "-max_len=200000"]
    atheris.Setup([sys.argv[0], *options, str(folder)], INSTRUMENTED[name].check)
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(TARGETS)}; all without")
    parser.add_argument("--seconds", type=float, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--atheris", action="store_true")
    parser.add_argument("--again", type=Path)
    given = parser.parse_args()
    names = given.targets or list(TARGETS)
    if given.again:
        TARGETS[names[0]].check(given.again.read_bytes())
    elif given.atheris:
        follow_coverage(names[0], given.seconds)
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        sys.exit(sum([fuzz(name, given.seconds, given.seed) for name in names]) > 0)


if __name__ == "__main__":
    main()
