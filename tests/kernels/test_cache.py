"""Compiled kernels are cached, and an edit is never answered by code compiled before it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import datapipe.kernels

CALLEE = "from numba import njit\n\n@njit(nogil=True, cache=True)\ndef step(x):\n    return x + {}\n"
CALLER = (
    "from numba import njit\nfrom datapipe.kernels.callee import step\n\n"
    "@njit(nogil=True, cache=True)\ndef twice(x):\n    return step(step(x))\n"
)
SHOW = "from datapipe.kernels.caller import twice; print(twice(1), sum(twice.stats.cache_hits.values()))"


def copied_package(folder: Path) -> Path:
    """The kernels in a folder of their own, with a caller and a callee in files of their own."""
    kernels = folder / "datapipe" / "kernels"
    shutil.copytree(Path(datapipe.kernels.__file__).parent, kernels, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "datapipe" / "__init__.py").touch()
    (kernels / "caller.py").write_text(CALLER)
    (kernels / "callee.py").write_text(CALLEE.format(1))
    return folder


def result(folder: Path, show: str = SHOW) -> tuple[int, int]:
    """What the caller gives in a new process, and how often it came from the cache."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
    shown = subprocess.run([sys.executable, "-c", show], env=environment, capture_output=True, check=True, cwd=folder)
    value, hits = shown.stdout.split()
    return int(value), int(hits)


def test_a_second_process_finds_the_kernel_compiled(tmp_path: Path) -> None:
    package = copied_package(tmp_path)
    assert [result(package), result(package)] == [(3, 0), (3, 1)]


def test_an_edit_of_a_kernel_reaches_its_callers_in_other_files(tmp_path: Path) -> None:
    package = copied_package(tmp_path)
    assert result(package) == (3, 0)
    (package / "datapipe" / "kernels" / "callee.py").write_text(CALLEE.format(10))
    assert result(package) == (21, 0)


def test_another_copy_of_the_project_shares_the_cache(tmp_path: Path) -> None:
    first, second = copied_package(tmp_path / "a"), copied_package(tmp_path / "b")
    assert result(first) == (3, 0)
    shutil.copytree(first / "cache", second / "cache")
    assert result(second) == (3, 1)


def test_an_edit_of_another_packages_kernel_reaches_its_callers(tmp_path: Path) -> None:
    package = copied_package(tmp_path)
    kernels = package / "tokenizer" / "kernels"
    kernels.mkdir(parents=True)
    (package / "tokenizer" / "__init__.py").touch()
    (kernels / "__init__.py").write_text("import datapipe.kernels\n")
    (kernels / "caller.py").write_text(CALLER.replace("datapipe", "tokenizer"))
    (kernels / "callee.py").write_text(CALLEE.format(1))
    show = SHOW.replace("datapipe", "tokenizer")
    assert [result(package, show), result(package, show)] == [(3, 0), (3, 1)]
    (kernels / "callee.py").write_text(CALLEE.format(10))
    assert result(package, show) == (21, 0)
    assert [result(package), result(package, show)] == [(3, 0), (21, 1)]
