"""Tasks of a round find their kernels compiled: many of them at once would each compile them."""

import os
import subprocess
import sys
from pathlib import Path

COMPARED = """
import sys
from pathlib import Path

from comparing import compare
from numba.core.dispatcher import Dispatcher

from datapipe.dedup.warm_up import compile_kernels, near_kernels


def compiled():
    modules = [module for name, module in sys.modules.items() if name.startswith("datapipe.kernels")]
    kernels = {id(one): one for module in modules for one in vars(module).values() if isinstance(one, Dispatcher)}
    return {(one.__module__, one.__name__, found) for one in kernels.values() for found in one.signatures}


def run(folder):
    texts, earlier, number = ["a b c d e", "a b c d e f"], ["a b c d e f"], 0
    for how in ("shingles", "signatures"):
        for before, stored in (([], False), (earlier, False), (earlier, True)):
            number += 1
            (folder / str(number)).mkdir()
            compare(folder / str(number), texts, [(0, 1)], before, stored, {"compare": how, "earlier_runs": 1})


compile_kernels()
near_kernels()
before = compiled()
run(Path(sys.argv[1]))
print(sorted((module, name, str(found)) for module, name, found in compiled() - before))
"""


def test_comparing_compiles_nothing_more(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", COMPARED, str(tmp_path)], capture_output=True, text=True, check=True, env=environment
    )

    assert done.stdout == "[]\n"
