"""`tokenizer evaluate` as a whole: by a recipe, and on files."""

import json
from pathlib import Path

import pytest

from datapipe import load as load_data
from datapipe import run
from tests.terminal import Terminal
from tests.tokenizer.sentencepiece_models import trained
from tokenizer.cli import main
from tokenizer.evaluate import evaluate
from tokenizer.load import load

DATA = """
name: small
output: data
sources:
  - {name: web, reader: jsonl, paths: [web.jsonl], extra_columns: {language: string, programming_language: string}}
passes: [{name: read, steps: [text_statistics]}]
domains:
  - {name: code, where: {programming_language: [Python]}, weight: 0.25, by: programming_language}
  - {name: english, where: {language: en}, weight: 0.5}
  - {name: rest, where: {language: {not: en}}, weight: 0.25, by: language}
holdout: {fraction: 0.3, min_documents: 1}
"""
RECIPE = """
name: mine
data: data
output: out
train: {vocab_sizes: [4096]}
evaluate:
  max_bytes: 2_000
  gates:
    - {metric: round_trip_rate, min: 1}
    - {metric: fertility, group: english/web, max: 50}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data with validation documents of three domains, a recipe, and the model that it names."""
    root = tmp_path_factory.mktemp("evaluate")
    rows = [{"text": f"All human beings are born free, number {k}. " * 9, "language": "en"} for k in range(40)]
    rows += [{"text": f"人人生而自由,在尊严和权利上一律平等 {k}", "language": "zh"} for k in range(20)]
    rows += [{"text": f"def f{k}(x):\n    return x + {k}\n", "programming_language": "Python"} for k in range(20)]
    (root / "web.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (root / "data.yaml").write_text(DATA)
    (root / "tokenizer.yaml").write_text(RECIPE)
    run(load_data(root / "data.yaml"), root=str(root))
    (root / "out/models/mine-4096").mkdir(parents=True)
    (root / "out/models/mine-4096/tokenizer.model").write_bytes(trained())
    return root


@pytest.fixture
def tokenizer(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal("tokenizer", main, folder, monkeypatch, capsys)


def test_a_recipe_brings_texts_models_and_gates_and_leaves_its_files_beside_the_model(
    folder: Path, tokenizer: Terminal
) -> None:
    said = tokenizer("evaluate", "--recipe", "tokenizer.yaml")
    assert (said.code, said.error) == (0, "evaluate mine-4096 (1 of 1)\n")
    assert "bytes per token, english" in said.out
    content = json.loads((folder / "out/models/mine-4096/evaluation.json").read_text())
    assert [one["name"] for one in content["tokenizers"]] == ["mine-4096"]
    assert [gate["passes"] for gate in content["gates"]] == [True, True]
    groups = content["texts"]["groups"]
    assert {name: one["kind"] for name, one in groups.items()} == {
        "all": "all",
        "code": "domain",
        "english": "domain",
        "rest": "domain",
        "code/Python": "unit",
        "english/web": "unit",
        "rest/zh": "unit",
        "en": "language",
        "zh": "language",
    }
    assert 0 < groups["english/web"]["bytes"] <= 2_000
    assert content["texts"]["sampled"] == ["english/web"]
    assert content["texts"]["blend"]["covered_weight"] == pytest.approx(1)
    figures = content["tokenizers"][0]["figures"]
    assert figures["indentation_tokens_per_line"]["code"]["n"] == groups["code"]["documents"]
    assert figures["bytes_per_token_blend"]["all"]["n"] == 3
    assert len(figures["parity"]) == 416
    assert "mine-4096" in (folder / "out/models/mine-4096/evaluation.html").read_text()


def test_every_gate_that_fails_is_a_line_and_the_exit_code(folder: Path, tokenizer: Terminal) -> None:
    gates = ("--gate", "fertility[zh]<=0.1", "--gate", "unknown_rate<=0", "--gate", "parity[de]>=9")
    said = tokenizer("evaluate", "--recipe", "tokenizer.yaml", *gates)
    assert said.code == 1
    failed = [line for line in said.out.splitlines() if line.startswith("gate failed: ")]
    assert [line.partition(" is ")[0] for line in failed] == [
        "gate failed: mine-4096: fertility[zh]",
        "gate failed: mine-4096: parity[de]",
    ]


def test_others_are_compared_on_the_recipes_texts_and_leave_nothing(folder: Path, tokenizer: Terminal) -> None:
    (folder / "other.model").write_bytes(trained(vocab_size=3000))
    before = sorted(folder.rglob("evaluation.*"))
    said = tokenizer("evaluate", "other.model", "--recipe", "tokenizer.yaml", "--json", "other.json")
    assert said.code == 0
    assert sorted(folder.rglob("evaluation.*")) == before
    assert json.loads((folder / "other.json").read_text())["tokenizers"][0]["name"] == "other.model"


def test_without_a_recipe_files_are_measured(folder: Path, tokenizer: Terminal) -> None:
    model = "out/models/mine-4096"
    said = tokenizer("evaluate", model, "--text", "web.jsonl", "--html", "x.html", "--json", "x.json")
    assert said.code == 0
    groups = json.loads((folder / "x.json").read_text())["texts"]["groups"]
    assert groups["files/web.jsonl"]["documents"] == groups["all"]["documents"] == 80
    assert (folder / "x.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "no tokenizer to evaluate: name some, or a recipe"),
        (("out/models/mine-4096", "--gate", "fertility[de]<=1"), "gate: fertility has no group 'de'; possible: all"),
        (("gone.model",), "gone.model: no such tokenizer"),
        (("out/models/mine-4096", "--text", "gone.txt"), "gone.txt: no such file"),
        (("--set", "name=x", "out/models/mine-4096"), "--set changes a recipe: give --recipe"),
        (("--recipe", "tokenizer.yaml", "--text", "web.jsonl"), "--text and --recipe: a recipe brings its own texts"),
        (("--recipe", "tokenizer.yaml", "--set", "name=other"), "not trained yet; `tokenizer train` comes first"),
        (("--recipe", "tokenizer.yaml", "--set", "data=elsewhere"), "no finished run there"),
    ],
)
def test_what_cannot_be_measured_is_one_line(arguments: tuple[str, ...], message: str, tokenizer: Terminal) -> None:
    assert message in tokenizer.error("evaluate", *arguments)


def test_a_second_evaluation_reads_the_same_documents(folder: Path) -> None:
    recipe = load(folder / "tokenizer.yaml")
    first, second = (evaluate(recipe, root=str(folder))[0] for _ in range(2))
    assert first.texts.sampled == second.texts.sampled
    assert [one.texts for one in first.texts.cells] == [one.texts for one in second.texts.cells]
