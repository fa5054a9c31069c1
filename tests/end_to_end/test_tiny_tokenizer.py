"""The tiny tokenizer, whole: from the shards of the tiny recipe to a vocabulary, tokens, evaluation and export."""

import functools
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import sentencepiece

from datapipe.observing.status import read_status
from tokenizer.counts import count
from tokenizer.encode import encode
from tokenizer.load import load
from tokenizer.run import run
from tokenizer.shards import text_shards
from tokenizer.store import read_indexed
from tokenizer.train import train

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "recipes" / "tiny" / "tokenizer.yaml"
MODEL = "out/tiny-tokenizer/models/tiny-8192"
TOKENS = "out/tiny/tokens/tiny-8192"
SAME = ("counts.json", "counts", "models/tiny-8192/tokenizer.model", "models/tiny-8192/pieces.jsonl")
"""Below the tokenizer's folder: what is the same wherever and however it was made. Lineage, evaluation and receipts
carry times."""


@pytest.fixture(scope="module")
def made(tiny_output: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root below which everything was made, in this process."""
    root = copied(tiny_output, tmp_path_factory.mktemp("tokenizer"))
    assert run(load(RECIPE), root=str(root))
    return root


def copied(tiny_output: Path, root: Path) -> Path:
    shutil.copytree(tiny_output, root / "out/tiny", ignore=shutil.ignore_patterns("documents", "annotations"))
    return root


def digests(root: Path) -> dict[str, str]:
    """Path below the root -> sha256 of every file that must be the same."""
    tops = [root / "out/tiny-tokenizer" / name for name in SAME]
    found = [path for top in tops for path in [top, *top.rglob("*")]]
    found += [path for path in (root / TOKENS).rglob("*") if path.suffix in {".bin", ".idx", ".parquet"}]
    found.append(root / TOKENS / "manifest.json")
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in found if p.is_file()}


def assert_same(left: Path, right: Path) -> None:
    one, other = digests(left), digests(right)
    assert len(one) > 300
    assert sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path)) == []


def manifest(root: Path) -> dict[str, Any]:
    return dict(json.loads((root / TOKENS / "manifest.json").read_text()))


def test_a_run_leaves_all_that_was_promised(made: Path) -> None:
    names = [
        "tokenizer.model",
        "pieces.jsonl",
        "lineage.json",
        "evaluation.json",
        "evaluation.html",
        "hf/tokenizer.json",
    ]
    assert [name for name in names if not (made / MODEL / name).is_file()] == []


def test_the_vocabulary_has_the_size_of_the_recipe_and_its_symbols(made: Path) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(made / MODEL / "tokenizer.model"))
    assert processor.vocab_size() == 8192
    assert (processor.unk_id(), processor.pad_id(), processor.bos_id(), processor.eos_id()) == (0, 1, 2, 3)
    assert processor.encode("12 ٣٤", out_type=str) == ["1", "2", "▁", "٣", "٤"]


def test_tokens_decode_to_the_texts_of_the_shards(made: Path) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(made / MODEL / "tokenizer.model"))
    shards = text_shards(str(made / "out/tiny"))
    for shard in [one for one in shards if one.number == 0][::7]:
        texts = pq.read_table(shard.path, columns=["text"])["text"].to_pylist()
        prefix = shard.path.replace("/out/tiny/shards/", f"/{TOKENS}/").removesuffix(".parquet")
        tokens = np.asarray(read_indexed(prefix).tokens)
        ends = np.flatnonzero(tokens == processor.eos_id())
        documents = [part[:-1].tolist() for part in np.split(tokens, ends + 1)[:-1]]
        assert [processor.decode(ids) for ids in documents] == [text.replace("▁", " ") for text in texts]


def test_the_manifest_counts_every_document_and_byte_of_the_run(made: Path) -> None:
    mixture = json.loads((made / "out/tiny/mixture.json").read_text())
    told = {
        domain: {unit: (sizes["documents"], sizes["bytes"]) for unit, sizes in units["units"].items()}
        for domain, units in mixture["domains"].items()
    }
    found = {
        domain: {unit: (sizes["documents"], sizes["bytes"]) for unit, sizes in units.items()}
        for domain, units in manifest(made)["units"].items()
    }
    assert found == told


@pytest.mark.usefixtures("ray_cluster")
def test_ray_writes_the_same_bytes(made: Path, tiny_output: Path, tmp_path: Path) -> None:
    root = copied(tiny_output, tmp_path)
    recipe = load(RECIPE)
    count(recipe, root=str(root), executor="ray")
    train(recipe, root=str(root))
    encode(recipe, root=str(root), executor="ray")
    assert_same(made, root)


def test_a_second_run_writes_nothing_anew(made: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in written(made)}
    for step in (count, train, encode):
        step(load(RECIPE), root=str(made))
    after = {path: path.stat().st_mtime_ns for path in written(made)}
    assert [str(path) for path in before.keys() | after.keys() if before.get(path) != after.get(path)] == []


def written(root: Path) -> list[Path]:
    """Counts, models, tokens, and the receipts of all."""
    output = root / "out/tiny-tokenizer"
    tops = (output / "counts", output / "exchange", output / "models", output / "receipts", root / TOKENS / "receipts")
    tokens = [path for path in (root / TOKENS).rglob("*") if path.suffix in {".bin", ".idx", ".parquet"}]
    return tokens + [path for top in tops for path in top.rglob("*") if path.is_file()]


def command(*words: str, root: Path, **options: Any) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "CORPUSMILL_ROOT": str(root)}
    return subprocess.Popen(
        [sys.executable, "-m", "tokenizer.cli", *words], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
    )  # fmt: skip


def until_receipts(folder: Path, count: int, process: "subprocess.Popen[str]") -> None:
    """Wait until a command has left receipts."""
    end = time.monotonic() + 120
    while len(list((folder / "receipts").rglob("*.json"))) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, f"{folder} has not {count} receipts"
        time.sleep(0.005)


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """A root of its own with all that was made."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.mark.parametrize(("name", "folder", "receipts"), [("count", "out/tiny-tokenizer", 1), ("encode", TOKENS, 60)])
def test_what_is_killed_goes_on_to_the_same_bytes(
    name: str, folder: str, receipts: int, made: Path, copy: Path
) -> None:
    for gone in ("receipts", "counts", "counts.json", "manifest.json", "english"):
        remove(copy / folder / gone)
    process = command(name, str(RECIPE), "--executor", "inline", root=copy)
    until_receipts(copy / folder, receipts, process)
    process.kill()
    process.communicate()
    before = {path: path.stat().st_mtime_ns for path in (copy / folder / "receipts").rglob("*.json")}

    assert command(name, str(RECIPE), "--executor", "inline", root=copy).wait() == 0
    assert {path: path.stat().st_mtime_ns for path in before} == before, "what was finished was done again"
    assert_same(made, copy)


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def test_an_interrupted_command_ends_with_130_and_says_how_to_go_on(copy: Path) -> None:
    remove(copy / TOKENS)
    listening = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # jobs in the background do not
    process = command("encode", str(RECIPE), "--executor", "inline", root=copy, preexec_fn=listening)
    until_receipts(copy / TOKENS, 2, process)
    process.send_signal(signal.SIGINT)
    assert process.communicate()[1].splitlines()[-1] == (
        "interrupted; run the same command again to go on where it stopped"
    )
    assert process.returncode == 130
    assert read_status(str(copy / TOKENS)).state == "interrupted"


def test_a_gate_that_fails_has_exit_code_1_and_what_was_measured_is_there(copy: Path) -> None:
    remove(copy / MODEL / "evaluation.json")
    gate = "evaluate.gates=[{metric: bytes_per_token, min: 100}]"
    process = command("run", str(RECIPE), "--executor", "inline", "--set", gate, root=copy)
    out, error = process.communicate()
    assert process.returncode == 1, error
    assert "bytes_per_token" in out + error
    assert (copy / MODEL / "evaluation.json").is_file()


def test_the_folders_tell_their_status(made: Path) -> None:
    for folder in (made / "out/tiny-tokenizer", made / TOKENS):
        assert read_status(str(folder)).state == "finished"
