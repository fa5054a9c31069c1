"""Peak memory and speed over large and hostile inputs: `python -m tests.large_inputs [CASE ...]`, a JSON line per case.

`--scale 0.1` makes everything a tenth as large, `--folder` says where (10 GB at full size; each case is deleted before
the next). Bar: 1.5 GB at the peak of every case, for the whole process that runs all passes inline.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

from tests.large_inputs.files import CASES
from tests.large_inputs.measure import measured

BAR_MB = 1500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help=f"of {', '.join(CASES)}; all without")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    for name in given.cases or CASES:
        folder = Path(tempfile.mkdtemp(prefix=f"large-{name}-", dir=given.folder))
        try:
            cost = measured(name, folder, given.scale)
        finally:
            shutil.rmtree(folder)
        passed = cost["exit"] == 0 and cost["peak_mb"] <= BAR_MB
        print(json.dumps({**cost, "bar": {"peak_mb": BAR_MB}, "passed": passed}), flush=True)


if __name__ == "__main__":
    main()
