"""Tasks of a round find their kernels compiled: many of them at once would each compile them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMPILED = """
import sys
from pathlib import Path

from numba.core.dispatcher import Dispatcher

from datapipe.dedup.warm_up import compile_kernels, near_kernels


def compiled():
    modules = [module for name, module in sys.modules.items() if name.startswith("datapipe.kernels")]
    kernels = {id(one): one for module in modules for one in vars(module).values() if isinstance(one, Dispatcher)}
    return {(one.__module__, one.__name__, found) for one in kernels.values() for found in one.signatures}


compile_kernels()
near_kernels()
before = compiled()
{how}
print(sorted((module, name, str(found)) for module, name, found in compiled() - before))
"""

COMPARED = """
from comparing import compare


def run(folder):
    texts, earlier, number = ["a b c d e", "a b c d e f"], ["a b c d e f"], 0
    for how in ("shingles", "signatures"):
        for before, stored in (([], False), (earlier, False), (earlier, True)):
            number += 1
            (folder / str(number)).mkdir()
            compare(folder / str(number), texts, [(0, 1)], before, stored, {"compare": how, "earlier_runs": 1})


run(Path(sys.argv[1]))
"""
RUN = """
from catalogue import recipe, run_quietly, write_rows

from datapipe.passes import near_labels

NEAR = "  - {name: duplicates, near: {max_removed_fraction: 1}}"
folder = Path(sys.argv[1])
row = dict.fromkeys(["url", "date", "stars", "score", "good", "language"])
write_rows(folder, "a", [{**row, "text": text} for text in ["one text", "One text", "other"]])
for number, near_labels.MOST_DOCUMENTS in enumerate([0, near_labels.MOST_DOCUMENTS]):
    run_quietly(recipe(folder, ["a"], NEAR, f"out{number}"), folder)
"""


@pytest.mark.parametrize("how", [COMPARED, RUN], ids=["comparing", "run"])
def test_tasks_compile_nothing_more(tmp_path: Path, how: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", COMPILED.replace("{how}", how), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )

    assert done.stdout == "[]\n"
