"""A model whose checkpoint several processes wrote is asked, listed and exported as any other."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from rich.console import Console
from saved_runs import greedy, saved_run, shape

from datapipe.output import RunError
from tests.trainer.checkpointing.in_parts import divide
from trainer.checkpointing.table import print_checkpoints
from trainer.export import export
from trainer.generating.saved_model import saved_model, transformer
from trainer.model import Transformer

PARTS = 5
"""More than some tensors have rows for."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Transformer]:
    """A run by one process, the same by five, and their model."""
    run, model = saved_run(tmp_path_factory.mktemp("one"))
    parted = tmp_path_factory.mktemp("five") / "run"
    shutil.copytree(run.parent, parted.parent, dirs_exist_ok=True)
    divide(parted / "checkpoints/000000000020", PARTS)
    return run, parted, model


def test_is_exported_as_the_same_bytes(runs: tuple[Path, Path, Transformer]) -> None:
    run, parted, _ = runs
    for shard_bytes in (10_000, 1 << 30):
        one = export(str(run), verify=False, shard_bytes=shard_bytes, root=str(run.parent))
        five = export(str(parted), verify=False, shard_bytes=shard_bytes, root=str(parted.parent))
        names = sorted(file.name for file in one.iterdir())
        assert names == sorted(file.name for file in five.iterdir())
        for name in set(names) - {"provenance.json"}:
            assert (one / name).read_bytes() == (five / name).read_bytes(), name


def test_is_asked_as_any_other(runs: tuple[Path, Path, Transformer]) -> None:
    _, parted, model = runs
    found = transformer(saved_model(str(parted), None, lambda line: None), "fp32", "cpu")
    assert greedy(found, [5, 6, 7], 5) == greedy(model, [5, 6, 7], 5)
    assert all(torch.equal(*pair) for pair in zip(found.parameters(), model.parameters(), strict=True))


def test_is_listed_and_verified(runs: tuple[Path, Path, Transformer], tmp_path: Path) -> None:
    parted = tmp_path / "run"
    shutil.copytree(runs[1], parted)
    page = io.StringIO()
    print_checkpoints(parted, Console(file=page, width=120), verify=True)
    assert "20" in page.getvalue()
    part = parted / "checkpoints/000000000020/model-00003-of-00005.safetensors"
    data = part.read_bytes()
    part.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))

    with pytest.raises(RunError, match=r"1 of 1 are damaged: .*model-00003-of-00005.safetensors: its sum is "):
        print_checkpoints(parted, Console(file=io.StringIO()), verify=True)
    with pytest.raises(RunError, match=r"model-00003-of-00005.safetensors: its sum is "):
        saved_model(str(parted / "checkpoints/000000000020"), None, lambda line: None)


EXPORTS = """
import sys
from datapipe.observing.peak_memory import begin_anew, peak_bytes
from trainer.export import export
export(sys.argv[1], sys.argv[2] + "/small", verify=False)
begin_anew()
before = peak_bytes()
export(sys.argv[3], sys.argv[2] + "/large", verify=False, root=sys.argv[4])
print(peak_bytes() - before)
"""


@pytest.mark.slow
def test_is_exported_without_being_whole_in_memory(runs: tuple[Path, Path, Transformer], tmp_path: Path) -> None:
    """Of 168 MB in fp32, whose largest tensor has 8: what exporting takes, in a process of its own."""
    run, model = saved_run(tmp_path, shape(n_layer=8, d_model=512, d_ff=4096, n_head=8, n_kv_head=8, d_head=64))
    divide(run / "checkpoints/000000000020", 4)
    small = runs[0]
    done = subprocess.run(
        [sys.executable, "-c", EXPORTS, str(small), str(tmp_path), str(run), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "CORPUSMILL_ROOT": str(small.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    whole = sum(one.nbytes for one in model.parameters())
    assert whole > 160_000_000
    assert int(done.stdout) < whole / 4, done.stdout
