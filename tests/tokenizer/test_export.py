"""`tokenizer export`: what it leaves, what it refuses, and that it leaves nothing where anything differs."""

import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer

from datapipe.output import RunError
from tests.tokenizer.sentencepiece_models import sample, trained
from tokenizer.export import export, export_file, proven_before
from tokenizer.load import loads

FILES = ["proof.json", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"]


def exported_again(folder: Path, **options: Any) -> str:
    """Export a recipe's model, compared on two texts; what was said."""
    recipe = loads(
        "{name: words, data: data, output: out, train: {vocab_sizes: [4096, 8192]}}", str(folder / "tokenizer.yaml")
    )
    texts, said = [str(folder / "one.txt"), str(folder / "two.txt")], StringIO()
    console = Console(file=said, width=1000)
    targets = export(recipe, vocab_size=4096, texts=texts, root=str(folder), console=console, **options)
    assert targets == [str(folder / "out/models/words-4096/hf")]
    return said.getvalue()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an exported model."""
    folder = tmp_path_factory.mktemp("exported")
    model = folder / "out" / "models" / "words-4096"
    model.mkdir(parents=True)
    (model / "tokenizer.model").write_bytes(trained())
    (folder / "one.txt").write_text("Größe  42\n")
    (folder / "two.txt").write_text("x" * 1000)
    assert "before" not in exported_again(folder)
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


@pytest.fixture
def copied(exported: Path, tmp_path: Path) -> Path:
    """A copy of all of it, to be changed; its folder of exported files."""
    shutil.copytree(exported.parents[2], tmp_path, dirs_exist_ok=True)
    return tmp_path / "out/models/words-4096/hf"


def test_what_is_proven_is_not_proven_again(copied: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in copied.iterdir()}

    assert exported_again(tmp_path).endswith(" ids, proven before\n")
    assert {path: path.stat().st_mtime_ns for path in copied.iterdir()} == before


def test_what_is_proven_is_proven_again_on_demand(copied: Path, tmp_path: Path) -> None:
    whole = (copied / "proof.json").read_bytes()

    assert exported_again(tmp_path, again=True).endswith(" ids\n")
    assert (copied / "proof.json").read_bytes() == whole


def test_a_proof_is_one_of_the_same_model_files_texts_and_libraries_only(copied: Path) -> None:
    path = copied / "proof.json"
    proof = json.loads(path.read_text())
    subject = {key: value for key, value in proof.items() if key not in ("compared", "differing_documents")}
    assert list(subject) == ["format", "model", "files", "libraries", "encode_special_tokens", "texts"]
    assert list(subject["texts"]) == ["files", "declaration", "adversarial"]
    found = proven_before(str(copied), subject)
    assert found is not None
    assert asdict(found) == proof["compared"]["all"]

    for key in subject:
        assert proven_before(str(copied), {**subject, key: {}}) is None
    for damaged in (
        "",
        "[]",
        "{}",
        json.dumps({**proof, "compared": 7}),
        json.dumps({**proof, "differing_documents": 1}),
    ):
        path.write_text(damaged)
        assert proven_before(str(copied), subject) is None
    path.write_text(json.dumps(proof))
    assert proven_before(str(copied), subject) == found
    (copied / "tokenizer.json").write_text("{}")
    assert proven_before(str(copied), subject) is None


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
