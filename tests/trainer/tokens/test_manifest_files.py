"""Whether tokens are still those that their manifest tells of: what sizes cannot show, sums do."""

from pathlib import Path

import pytest

from datapipe.output import RunError
from tests.tokenizer.encoded_run import EncodedRun
from tests.trainer.small_run import quiet
from tests.trainer.test_fetch import PLAN
from trainer.load import load
from trainer.tokens.manifest_files import check_sums
from trainer.train import run as train


@pytest.fixture
def run(encoded: EncodedRun, tmp_path: Path) -> EncodedRun:
    """Tokens that may be changed, and a plan for them."""
    copy = encoded.copied(tmp_path / "run")
    (copy.folder / "plan.yaml").write_text(PLAN)
    return copy


def flip(path: Path) -> None:
    """One bit of the file, in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("suffix", [".bin", ".idx", ".documents.parquet"])
def test_a_flipped_bit_in_any_file_of_a_shard_is_found(run: EncodedRun, suffix: str) -> None:
    flip(run.tokens / f"others/tale/000001{suffix}")
    with pytest.raises(RunError, match=rf"others/tale/000001{suffix}: its sum is [0-9a-f]{{64}}, the manifest's"):
        check_sums(str(run.tokens), lambda line: None)


def test_untouched_tokens_pass_and_how_many_files_are_read_is_said(run: EncodedRun) -> None:
    said: list[str] = []
    check_sums(str(run.tokens), said.append)
    kept = (".bin", ".idx", ".parquet", ".model")
    count = sum(path.name.endswith(kept) for path in run.tokens.rglob("*"))
    assert said == [f"reading {count} files of {run.tokens}: --verify"]


def test_a_run_that_verifies_stops_before_its_first_step(run: EncodedRun) -> None:
    flip(run.tokens / "others/tale/000001.bin")
    plan = load(run.folder / "plan.yaml")
    with pytest.raises(RunError, match=r"others/tale/000001\.bin: its sum"):
        train(plan, root=str(run.folder), verify=True, threads=1, console=quiet())
    assert not (run.folder / "run/checkpoints").exists()
