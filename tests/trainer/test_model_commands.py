"""What is typed reaches the functions behind `trainer generate`, `export`, `import` and `bench`."""

import json
from pathlib import Path

import pytest
from saved_runs import greedy, saved_run, tokenizer
from sentencepiece import SentencePieceProcessor
from typer.testing import CliRunner, Result

from datapipe.output import RunError
from trainer.cli import app


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), catch_exceptions=False)


def test_generate_prints_each_prompt_with_what_follows_it(tmp_path: Path) -> None:
    _, model = saved_run(tmp_path)
    (tmp_path / "prompts.txt").write_text("rights\n")
    pieces = SentencePieceProcessor(model_proto=tokenizer().data)
    expected = []
    for prompt in ("All human", "rights"):
        ids = greedy(model, [3, *pieces.encode(prompt)], 6)
        expected.append(prompt + pieces.decode(ids[: ids.index(3)] if 3 in ids else ids))
    told = ("generate", "run", "--root", str(tmp_path), "--prompt", "All human", "--prompts")
    result = typed(*told, str(tmp_path / "prompts.txt"), "--tokens", "6", "--temperature", "0", "--dtype", "fp32")
    assert result.stdout == "\n\n".join(expected) + "\n"
    with pytest.raises(RunError, match="--top-p 2: expected above 0 and at most 1"):
        typed("generate", "run", "--root", str(tmp_path), "--top-p", "2")


def test_export_and_import_print_their_folders(tmp_path: Path) -> None:
    saved_run(tmp_path)
    written = typed("export", "run", "--root", str(tmp_path), "--dtype", "fp32", "--no-verify").stdout.strip()
    assert written == str(tmp_path / "run" / "hugging_face")
    assert json.loads((Path(written) / "config.json").read_text())["dtype"] == "float32"
    back = typed("import", written, "--output", str(tmp_path / "back")).stdout.strip()
    assert back == str(tmp_path / "back" / "checkpoints" / "000000000000")
    assert (tmp_path / "back" / "tokenizer.model").read_bytes() == tokenizer().data


def test_an_imported_model_speaks_with_the_tokenizer_beside_it(tmp_path: Path) -> None:
    saved_run(tmp_path)
    written = typed("export", "run", "--root", str(tmp_path), "--dtype", "fp32", "--no-verify").stdout.strip()
    typed("import", written, "--output", str(tmp_path / "back"))
    how = ("--root", str(tmp_path), "--prompt", "All", "--tokens", "5", "--seed", "3", "--dtype", "fp32")
    assert typed("generate", "back", *how).stdout == typed("generate", "run", *how).stdout


def test_bench_prints_json_of_what_was_set() -> None:
    sizes = ("model.vocab_size=64", "model.n_layer=1", "seq_len=8", "execution.precision=fp32")
    settings = [word for one in sizes for word in ("--set", one)]
    page = json.loads(typed("bench", "1m", *settings, "--steps", "1", "--batch", "3", "--micro-batch", "2").stdout)
    assert (page["batch"], page["micro_batch"], page["seq_len"], page["steps"]) == (3, 2, 8, 1)
