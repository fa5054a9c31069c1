"""What a user waits for before anything happens: `import datapipe`, `datapipe --help`, `datapipe plan`.

Bars, beyond the interpreter's own start: import under 0.3 s, help under 0.6 s; plan of the tiny recipe under 2 s.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

TINY = Path(__file__).parents[2] / "recipes" / "tiny" / "recipe.yaml"
ROUNDS = 7
COMMANDS = {
    "interpreter": ["-c", "pass"],
    "import": ["-c", "import datapipe"],
    "help": ["-m", "datapipe.cli", "--help"],
    "plan": ["-m", "datapipe.cli", "plan", str(TINY)],
}
BARS = {"import": 0.3, "help": 0.6, "plan": 2.0}


def seconds(arguments: list[str]) -> float:
    """Wall time of one process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Print one JSON line: medians of interleaved rounds."""
    for arguments in COMMANDS.values():
        seconds(arguments)
    rounds = [{name: seconds(arguments) for name, arguments in COMMANDS.items()} for _ in range(ROUNDS)]
    medians = {name: statistics.median(one[name] for one in rounds) for name in COMMANDS}
    beyond = {name: medians[name] - (0 if name == "plan" else medians["interpreter"]) for name in BARS}
    result = {
        "name": "startup",
        "seconds": {name: round(value, 3) for name, value in beyond.items()},
        "bar": {"seconds": BARS},
        "passed": all(beyond[name] < bar for name, bar in BARS.items()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
