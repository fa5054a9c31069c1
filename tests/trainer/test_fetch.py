"""Tokens copied: the same bytes, each compared with its sum, and what is there is not copied again."""

import io
import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from datapipe.output import RunError
from tests.tokenizer.encoded_run import SIZE, EncodedRun
from trainer.corpus import sizes_of
from trainer.fetch import fetch
from trainer.load import load

PLAN = f"""
name: letters
output: run
data: out
tokenizer: letters-{SIZE}
model: {{n_layer: 1, n_head: 1, n_kv_head: 1, d_model: 8}}
phases: [{{name: only, tokens: 1_000, batch: 2, learning_rate: [{{shape: constant, start: 0.1}}]}}]
"""


@pytest.fixture
def run(encoded: EncodedRun, tmp_path: Path) -> EncodedRun:
    """Tokens that may be changed, and a plan for them."""
    copy = encoded.copied(tmp_path / "run")
    (copy.folder / "plan.yaml").write_text(PLAN)
    return copy


def fetched(run: EncodedRun, target: Path, source: str = "", verify: bool = False) -> str:
    """What was printed while it was copied."""
    printed = io.StringIO()
    fetch(source or str(run.folder / "plan.yaml"), str(target), str(run.folder), verify, Console(file=printed))
    return printed.getvalue()


def files(folder: Path) -> dict[str, bytes]:
    """The files of tokens below it."""
    kept = (".bin", ".idx", ".parquet", ".model", "manifest.json")
    found = [path for path in folder.rglob("*") if path.is_file() and path.name.endswith(kept)]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_a_plan_trains_on_the_copy_as_on_the_original(run: EncodedRun, tmp_path: Path) -> None:
    fetched(run, tmp_path / "copy")
    assert files(tmp_path / "copy/tokens") == files(run.data / "tokens")
    there = load(run.folder / "plan.yaml", [f"data={tmp_path / 'copy'}"])
    assert sizes_of(there) == sizes_of(load(run.folder / "plan.yaml"), str(run.folder))


def test_a_folder_of_tokens_may_be_named_instead(run: EncodedRun, tmp_path: Path) -> None:
    fetched(run, tmp_path / "copy", str(run.tokens))
    assert files(tmp_path / "copy/tokens") == files(run.data / "tokens")


def test_only_what_is_missing_is_copied_again(run: EncodedRun, tmp_path: Path) -> None:
    all_files = len(files(run.tokens)) - 1
    assert fetched(run, tmp_path / "copy").startswith(f"fetch: {all_files}/{all_files} files, ")
    copy = tmp_path / "copy/tokens" / f"letters-{SIZE}"
    (copy / "others/tale/000001.bin").unlink()
    (copy / "others/tale/000002.bin").write_bytes(b"cut")
    assert fetched(run, tmp_path / "copy").startswith(f"fetch: 2/2 files, {all_files - 2} were there, ")
    assert files(copy) == files(run.tokens)


def test_what_was_copied_before_is_read_again_to_verify_it(run: EncodedRun, tmp_path: Path) -> None:
    fetched(run, tmp_path / "copy")
    path = tmp_path / "copy/tokens" / f"letters-{SIZE}/others/tale/000001.bin"
    path.write_bytes(bytes(len(path.read_bytes())))
    assert fetched(run, tmp_path / "copy").startswith("fetch: 0/0 files")
    assert fetched(run, tmp_path / "copy", verify=True).startswith("fetch: 1/1 files")
    assert files(tmp_path / "copy/tokens") == files(run.data / "tokens")


def test_a_file_of_another_sum_ends_it_and_the_rest_is_kept(run: EncodedRun, tmp_path: Path) -> None:
    path = run.tokens / "others/tale/000001.bin"
    whole = path.read_bytes()
    path.write_bytes(whole[:-2] + b"\0\0")
    with pytest.raises(RunError, match=r"others/tale/000001\.bin: its sum is .*, the manifest's .*: it is damaged"):
        fetched(run, tmp_path / "copy")
    copy = tmp_path / "copy/tokens" / f"letters-{SIZE}"
    assert not (copy / "manifest.json").exists()
    assert not (copy / "others/tale/000001.bin").exists()
    noted = (copy / "fetched.jsonl").read_text().splitlines()
    path.write_bytes(whole)
    (copy / "fetched.jsonl").write_text("\n".join([*noted, '{"path": "others/tale/0000']))
    assert f"{len(noted)} were there" in fetched(run, tmp_path / "copy") or not noted
    assert files(copy) == files(run.tokens)


def test_other_tokens_replace_those_there_and_are_whole_only_at_the_end(run: EncodedRun, tmp_path: Path) -> None:
    fetched(run, tmp_path / "copy")
    run.encode("encode.eos=false")
    copy = tmp_path / "copy/tokens" / f"letters-{SIZE}"
    broken = run.tokens / "others/tale/000002.bin"
    whole = broken.read_bytes()
    broken.unlink()
    with pytest.raises(FileNotFoundError):
        fetched(run, tmp_path / "copy")
    assert not (copy / "manifest.json").exists()
    broken.write_bytes(whole)
    fetched(run, tmp_path / "copy")
    assert files(copy) == files(run.tokens)


def test_what_cannot_be_copied_is_refused(run: EncodedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RunError, match=r"s3://bucket: expected a local or mounted folder"):
        fetch(str(run.tokens), "s3://bucket")
    with pytest.raises(RunError, match="would be copied onto itself"):
        fetch(str(run.tokens), str(run.data))
    with pytest.raises(RunError, match=r"expected a plan, or a folder of tokens such as s3://bucket/out/tokens/NAME"):
        fetch(str(run.data), str(tmp_path / "copy"))
    with pytest.raises(RunError, match=r"no manifest\.json"):
        fetch(str(run.data / "tokens/none"), str(tmp_path / "copy"))
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(RunError, match=r"GB are to be copied, 0\.0 GB are free there"):
        fetched(run, tmp_path / "copy")


def test_a_manifest_that_names_files_elsewhere_is_refused(run: EncodedRun, tmp_path: Path) -> None:
    path = run.tokens / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["units"]["others"]["tale"]["shards"][0]["path"] = "../../elsewhere"
    path.write_text(json.dumps(manifest))
    with pytest.raises(RunError, match=r"'\.\./\.\./elsewhere' lies elsewhere"):
        fetched(run, tmp_path / "copy")
