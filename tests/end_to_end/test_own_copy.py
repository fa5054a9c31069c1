"""A corpus of one's own: `datapipe init`, then both runs, by the commands as they are typed, in a folder anywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]


def typed(command: str, *words: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    environment.pop("CORPUSMILL_ROOT", None)
    done = subprocess.run(
        [sys.executable, "-m", f"{command}.cli", *words], cwd=folder, env=environment, text=True,
        capture_output=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_copy_of_the_tiny_recipe_gives_data_and_tokenizer_of_its_own_name(tmp_path: Path) -> None:
    folder = tmp_path / "my corpora"
    folder.mkdir()
    assert "tokenizer run mine/tokenizer.yaml" in typed("datapipe", "init", "tiny", "mine", folder=folder)
    typed("datapipe", "run", "mine/recipe.yaml", "--executor", "inline", folder=folder)
    said = typed("tokenizer", "run", "mine/tokenizer.yaml", "--executor", "inline", folder=folder)

    assert f"{folder}/out/mine-tokenizer/models/mine-8192/evaluation.html" in said
    assert sorted(path.name for path in folder.iterdir()) == ["mine", "out"]
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["mine", "mine-tokenizer"]
    manifest = json.loads((folder / "out/mine/tokens/mine-8192/manifest.json").read_text())
    mixture = json.loads((folder / "out/mine/mixture.json").read_text())
    assert manifest["tokenizer"] == "mine-8192"
    assert {name: set(units) for name, units in manifest["units"].items()} == {
        name: set(domain["units"]) for name, domain in mixture["domains"].items()
    }
    hugging_face = folder / "out/mine-tokenizer/models/mine-8192/hf"
    assert (hugging_face / "proof.json").is_file()

    again = typed("tokenizer", "run", "mine/tokenizer.yaml", "--executor", "inline", folder=folder)
    assert "mine-8192 (finished before)" in again
