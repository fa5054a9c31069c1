"""`tokenizer export`: what it leaves, what it refuses, and that it leaves nothing where anything differs."""

import json
import subprocess
import sys
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer

from datapipe.output import RunError
from tests.tokenizer.sentencepiece_models import sample, trained
from tokenizer.export import export, export_file
from tokenizer.load import loads

FILES = ["proof.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a recipe's model, exported with two texts to compare on."""
    folder = tmp_path_factory.mktemp("exported")
    model = folder / "out" / "models" / "words-4096"
    model.mkdir(parents=True)
    (model / "tokenizer.model").write_bytes(trained())
    (folder / "one.txt").write_text("Größe  42\n")
    (folder / "two.txt").write_text("x" * 1000)
    recipe = loads(
        "{name: words, data: data, output: out, train: {vocab_sizes: [4096, 8192]}}", str(folder / "tokenizer.yaml")
    )
    texts = [str(folder / "one.txt"), str(folder / "two.txt")]
    targets = export(recipe, vocab_size=4096, texts=texts, root=str(folder), console=Console(file=StringIO()))
    assert targets == [str(model / "hf")]
    return model


def test_the_files_are_there_and_give_the_ids_of_the_model(exported: Path) -> None:
    assert sorted(path.name for path in (exported / "hf").iterdir()) == FILES
    reference = SentencePieceProcessor(model_file=str(exported / "tokenizer.model"))
    tokenizer = Tokenizer.from_file(str(exported / "hf" / "tokenizer.json"))
    texts = list(sample())
    assert [one.ids for one in tokenizer.encode_batch(texts)] == reference.encode(texts)


def test_the_proof_says_what_was_compared_and_with_which_bytes(exported: Path) -> None:
    proof = json.loads((exported / "hf" / "proof.json").read_text())
    assert proof["model"]["sha256"] == sha256((exported / "tokenizer.model").read_bytes()).hexdigest()
    for name in FILES[1:]:
        assert proof["files"][name] == sha256((exported / "hf" / name).read_bytes()).hexdigest()
    compared = proof["compared"]
    assert list(compared) == ["files", "declaration", "adversarial", "all"]
    assert (compared["files"]["documents"], compared["files"]["bytes"]) == (2, 12 + 1000)
    assert compared["declaration"]["documents"] == compared["declaration"]["exact"] > 400 * 30 * 0.99
    assert compared["all"]["ids"] == sum(compared[part]["ids"] for part in list(compared)[:-1])
    assert proof["differing_documents"] == 0


def test_a_model_that_decodes_otherwise_is_listed_and_nothing_is_written(tmp_path: Path) -> None:
    rules = tmp_path / "rules.tsv"
    rules.write_text("71\t51\n")  # SentencePiece decodes q to Q, which no recipe asks for
    (tmp_path / "odd.model").write_bytes(trained(denormalization_rule_tsv=str(rules)))
    said = StringIO()
    with pytest.raises(RunError, match=r"odd.model: [\d,]+ of [\d,]+ documents differ .*nothing is written$"):
        export_file(str(tmp_path / "odd.model"), str(tmp_path / "hf"), console=Console(file=said))
    assert not (tmp_path / "hf").exists()
    lines = [line for line in said.getvalue().splitlines() if line.startswith("  ")]
    assert len(lines) == 20
    assert "decoded text at" in lines[0]
    assert "SentencePiece 'Q" in lines[0]
    assert "tokenizers 'q" in lines[0]


def test_what_is_missing_is_told_in_one_line(tmp_path: Path) -> None:
    recipe = loads("{name: words, data: data, output: out, train: {vocab_sizes: [4096]}}", str(tmp_path / "t.yaml"))
    with pytest.raises(RunError, match=r"no size 8,192; train.vocab_sizes has 4096$"):
        export(recipe, vocab_size=8192, root=str(tmp_path))
    with pytest.raises(RunError, match=r"no such model; `tokenizer train` writes those of a recipe$"):
        export_file(str(tmp_path / "gone.model"))
    (tmp_path / "bad.model").write_bytes(b"no model")
    with pytest.raises(RunError, match=r"bad.model: not a SentencePiece model"):
        export_file(str(tmp_path / "bad.model"))


def test_the_command_ends_with_one_line_where_a_model_cannot_be_exported(tmp_path: Path) -> None:
    (tmp_path / "lower.model").write_bytes(trained(normalization_rule_name="nmt_nfkc"))
    command = [sys.executable, "-m", "tokenizer.cli", "export"]
    done = subprocess.run([*command, str(tmp_path / "lower.model")], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {tmp_path}/lower.model: cannot be exported: it normalises text")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "hf").exists()
