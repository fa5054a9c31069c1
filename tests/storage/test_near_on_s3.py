"""Near-duplicates in an object store: killed in its phases, a run is completed with the bytes of a local one."""

import random
import signal
import time
from pathlib import Path

import pytest

from tests.same_bytes import digests
from tests.storage.conftest import Store
from tests.storage.datapipe_command import command, driver

RECIPE = """\
name: near
output: out
holdout: {fraction: 0}
sources: [{name: pages, reader: jsonl, paths: ["input/*.jsonl"]}]
passes:
  - {name: extract, steps: []}
  - {name: duplicates, near: {bands: 10, rows: 2, ngram: 2, verify: 0.5}}
domains: [{name: all, weight: 1}]
columns: [near_cluster_size]
"""
PHASES = ("bands", "pairing", "verifying", "choosing")


def write_input(folder: Path) -> None:
    """Four files of forty texts, each a copy of one of thirty, a word changed."""
    chance = random.Random(3)
    texts = [[f"word{chance.randrange(300)}" for _ in range(30)] for _ in range(30)]
    (folder / "input").mkdir()
    for number in range(4):
        copies = [[*words[:number], "changed", *words[number:]] for words in chance.choices(texts, k=40)]
        lines = "".join(f'{{"text": "{" ".join(words)}"}}\n' for words in copies)
        (folder / f"input/{number}.jsonl").write_text(lines)


@pytest.mark.slow
def test_a_run_killed_in_its_phases_is_completed_with_the_same_bytes(store: Store, tmp_path: Path) -> None:
    write_input(tmp_path)
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    line = ("run", str(tmp_path / "recipe.yaml"), "--executor", "inline", "--root")
    assert command(*line, str(tmp_path)).returncode == 0
    whole = digests(tmp_path / "out")
    assert any(name.startswith("evidence/") for name in whole)

    for phase in PHASES:
        started = driver(*line, store.uri())
        while not store.objects(f"out/receipts/duplicates.near.{phase}/") and started.poll() is None:
            time.sleep(0.01)
        started.send_signal(signal.SIGKILL)
        assert started.wait() == -signal.SIGKILL
    assert not store.objects("out/mixture.json")
    done = command(*line, store.uri())
    assert done.returncode == 0, done.stderr

    for key in store.objects("out/"):
        path = tmp_path / "fetched" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(store.get(key))
    assert digests(tmp_path / "fetched/out") == whole
