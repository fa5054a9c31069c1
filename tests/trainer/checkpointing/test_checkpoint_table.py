"""`trainer checkpoints` shows what there is, why it stays, and what is damaged."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from datapipe.output import RunError
from tests.trainer import tiny_training as tiny
from trainer.checkpoint import save, state_of
from trainer.checkpointing.table import print_checkpoints


def a_run(output: Path) -> None:
    model = tiny.model()
    for samples_seen, step in ((12, 3), (16, 4), (24, 5), (32, 6), (40, 7)):
        save(output, state_of(tiny.record(samples_seen, step), model, tiny.adamw(model)))
    save(output, state_of(tiny.record(20, 5), model, tiny.adamw(model)), is_diverged=True)


def shown(output: Path, verify: bool = False) -> str:
    stream = io.StringIO()
    try:
        print_checkpoints(output, Console(file=stream, width=100), verify)
    except RunError as error:
        stream.write(f"error: {error}")
    return stream.getvalue().replace("\u00a0", " ")


def test_shows_where_each_is_and_why_it_stays(tmp_path: Path) -> None:
    a_run(tmp_path)

    lines = [" ".join(line.split()) for line in shown(tmp_path, verify=True).splitlines()]

    def size(folder: str) -> str:
        bytes_ = sum(file.stat().st_size for file in (tmp_path / "checkpoints" / folder).iterdir())
        return f"{bytes_ / 1000:.2f} kB"

    assert lines[1] == "samples step tokens phase size kept"
    assert [line for line in lines[3:] if line] == [
        f"12 3 384 first {size('000000000012')} until the next is saved",
        f"16 4 512 first {size('000000000016')} edge of first",
        f"20 5 640 second {size('000000000020-diverged')} diverged: nothing goes on from it by itself",
        f"24 5 768 second {size('000000000024')} until the next is saved",
        f"32 6 1,024 second {size('000000000032')} one of the last",
        f"40 7 1,280 second {size('000000000040')} one of the last",
    ]


def test_a_flipped_bit_is_found_by_verify_and_a_short_file_always(tmp_path: Path) -> None:
    a_run(tmp_path)
    model = tmp_path / "checkpoints/000000000032/model.safetensors"
    data = model.read_bytes()
    model.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert "damaged" not in shown(tmp_path)

    said = shown(tmp_path, verify=True)
    assert f"error: 1 of 6 are damaged: {model}: its sum is " in said
    assert "000000000032" in said

    model.write_bytes(data[:-1])
    assert f"{model}: {len(data) - 1} bytes, {len(data)} were written" in shown(tmp_path)


def test_a_folder_without_checkpoints_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="checkpoints: no checkpoints; expected the output folder of a run"):
        print_checkpoints(tmp_path, Console(file=io.StringIO()))


def test_the_command_tells_by_its_exit_code_and_needs_no_torch(tmp_path: Path) -> None:
    a_run(tmp_path)

    def checkpoints(*options: str) -> subprocess.CompletedProcess[str]:
        code = "import atexit, sys, trainer.cli; atexit.register(lambda: print('torch' in sys.modules))"
        call = [sys.executable, "-c", f"{code}; trainer.cli.main()", "checkpoints", str(tmp_path), *options]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
        return subprocess.run(call, env=environment, capture_output=True, text=True)

    sound = checkpoints("--verify")
    assert (sound.returncode, sound.stderr, sound.stdout.splitlines()[-1]) == (0, "", "False")

    (tmp_path / "checkpoints/000000000016/optimizer.safetensors").unlink()
    damaged = checkpoints()
    assert damaged.returncode == 1
    assert damaged.stderr.startswith("error: 1 of 6 are damaged: ")
    assert damaged.stderr.count("\n") == 1
