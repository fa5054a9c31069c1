"""The sweep of weights on the counts of the tiny recipe: real text, real vocabularies."""

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tokenizer.counts import count
from tokenizer.load import loads
from tokenizer.recipe import TokenizerRecipe
from tokenizer.sweep.result import Result
from tokenizer.weights import sweep

pytestmark = pytest.mark.slow
RECIPE = """
name: tiny
data: out/tiny
output: tokenizer
sweep: {vocab_size: 5120, temperatures: [1, 5], unimax_epochs: [1], up_sampling: [1, 4]}
"""


@pytest.fixture(scope="module")
def swept(tiny_output: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A root with counts of the tiny data, and what the sweep has found."""
    root = tmp_path_factory.mktemp("weights")
    (root / "out").mkdir()
    (root / "out" / "tiny").symlink_to(tiny_output)
    count(recipe(), root=str(root), console=quiet())
    return root, sweep(recipe(), root=str(root), console=quiet())


def recipe(*settings: str) -> TokenizerRecipe:
    return loads(RECIPE, "tokenizer.yaml", settings)


def quiet() -> Console:
    return Console(file=StringIO())


def test_more_text_of_others_serves_the_worst_language_and_costs_english(swept: tuple[Path, Result]) -> None:
    found = {one.candidate.name: one.point for one in swept[1].trained}
    assert list(found) == ["temperature 1 = unimax 1", "temperature 5", "up_sampling 1", "up_sampling 4"]
    assert found["up_sampling 4"].gain < found["up_sampling 1"].gain
    assert found["up_sampling 4"].cost < found["up_sampling 1"].cost
    assert found["temperature 5"].cost < found["temperature 1 = unimax 1"].cost
    assert 2 < min(one.gain for one in found.values()) < max(one.gain for one in found.values()) < 5


def test_languages_of_the_data_are_compared_and_no_others(swept: tuple[Path, Result]) -> None:
    mixture = json.loads((swept[0] / "out" / "tiny" / "mixture.json").read_text())
    compared = swept[1].chosen.measured.parities
    assert compared.keys() < mixture["domains"]["multilingual"]["units"].keys()
    assert {"de", "zh", "ar", "sr"} & compared.keys() and "en" not in compared


def test_weights_without_a_vocabulary_are_told_and_stop_no_others(swept: tuple[Path, Result]) -> None:
    small = ("sweep.vocab_size=3072", "sweep.temperatures=[5]", "sweep.unimax_epochs=[]", "sweep.up_sampling=[1]")
    found = sweep(recipe(*small), root=str(swept[0]), console=quiet())
    assert [one.candidate.name for one in found.trained] == ["up_sampling 1"]
    assert found.chosen.candidate.name == "up_sampling 1"
    assert list(found.failed) == ["temperature 5"]
    assert found.failed["temperature 5"].startswith("sweep.vocab_size: 3,072 pieces have no room for the ")
