"""Windows, and the manifest that trainers read."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.output import RunError
from tokenizer.encoding.manifest import (
    Manifest,
    ShardTokens,
    UnitTokens,
    check_vocabulary,
    read_manifest,
    read_shard,
    windows_of,
    write_manifest,
)
from tokenizer.store import token_dtype, writing_indexed


def shard(tokens: int, seq_len: int = 4) -> ShardTokens:
    """A shard of so many tokens: two documents, three bytes for each token."""
    return ShardTokens("english/web/000000", 2, 3 * tokens, tokens, windows_of(tokens, seq_len), {".bin": "0" * 64})


def manifest(**changes: Any) -> Manifest:
    """A small one."""
    units = {"english": {"web": UnitTokens.of([shard(9), shard(4)], 4)}}
    whole = Manifest("tiny-512", "f" * 32, "0" * 64, "a" * 32, 512, "uint16", None, 3, "native", 4, units, {})
    return dataclasses.replace(whole, **changes)


@pytest.mark.parametrize(
    ("tokens", "windows"),
    [(0, 0), (1, 0), (4, 0), (5, 1), (8, 1), (9, 2), (12, 2), (13, 3)],
)
def test_a_window_is_four_tokens_and_their_next(tokens: int, windows: int) -> None:
    assert windows_of(tokens, 4) == windows


@given(tokens=st.integers(0, 300), seq_len=st.integers(1, 40))
def test_windows_lie_in_the_shard_and_one_more_would_not(tokens: int, seq_len: int) -> None:
    windows = windows_of(tokens, seq_len)
    spans = [range(k * seq_len, k * seq_len + seq_len + 1) for k in range(windows)]
    targets = [token for span in spans for token in span[1:]]

    assert targets == list(range(1, windows * seq_len + 1))
    assert all(span[-1] < tokens for span in spans)
    assert windows * seq_len + seq_len + 1 > tokens


def test_a_unit_adds_its_shards_and_counts_the_tokens_of_no_window() -> None:
    unit = UnitTokens.of([shard(11), shard(4), shard(0), shard(5)], 4)

    assert (unit.documents, unit.bytes, unit.tokens, unit.windows) == (8, 60, 20, 2 + 0 + 0 + 1)
    assert unit.dropped == (11 - 9) + 4 + 0 + 0


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_manifest(str(tmp_path), manifest())
    read = read_manifest(str(tmp_path))

    assert (read.eos, read.units["english"]["web"].shards[1].tokens) == (3, 4)
    write_manifest(str(tmp_path / "again"), read)
    assert (tmp_path / "again/manifest.json").read_bytes() == (tmp_path / "manifest.json").read_bytes()


@pytest.mark.parametrize(
    "change", [{"eos": "3"}, {"units": [1]}, {"vocabulary": None}, {"seq_len": 4.5}, {"nothing": 1}], ids=str
)
def test_a_damaged_manifest_is_told_in_one_line(tmp_path: Path, change: dict[str, object]) -> None:
    write_manifest(str(tmp_path), manifest())
    path = tmp_path / "manifest.json"
    data = json.loads(path.read_bytes()) | change
    data = {} if "nothing" in change else data
    path.write_text(json.dumps(data))
    with pytest.raises(RunError, match=r"manifest\.json is damaged: run `tokenizer encode` once more$"):
        read_manifest(str(tmp_path))
    path.write_bytes(b"\xff{")
    with pytest.raises(RunError, match="is damaged"):
        read_manifest(str(tmp_path))


def test_a_folder_without_tokens_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no manifest\.json: no tokens, or `tokenizer encode` has not ended"):
        read_manifest(str(tmp_path))


@pytest.mark.parametrize(
    ("vocab_size", "sizes", "said"),
    [
        (70_000, [2, 7], "9 tokens of int32 in 2 documents; the manifest has 9 of uint16 in 2"),
        (512, [2, 6], "8 tokens of uint16 in 2 documents; the manifest has 9 of uint16 in 2"),
        (512, [2, 6, 1], "9 tokens of uint16 in 3 documents; the manifest has 9 of uint16 in 2"),
    ],
)
def test_a_shard_that_is_not_the_one_of_the_manifest_is_told(
    tmp_path: Path, vocab_size: int, sizes: list[int], said: str
) -> None:
    prefix = str(tmp_path / "english/web/000000")
    with writing_indexed(prefix, token_dtype(512)) as (file, _):
        file.write(np.arange(9), np.array([2, 7]))
    assert read_shard(str(tmp_path), manifest(), shard(9)).tokens.tolist() == list(range(9))

    with writing_indexed(prefix, token_dtype(vocab_size)) as (file, _):
        file.write(np.arange(sum(sizes)), np.array(sizes))
    with pytest.raises(RunError, match=said):
        read_shard(str(tmp_path), manifest(), shard(9))


def test_tokens_of_another_vocabulary_are_refused() -> None:
    check_vocabulary(manifest(), "a" * 32)
    with pytest.raises(
        RunError, match=f"tokens of tiny-512 are of vocabulary {'a' * 32}, the model is of .* {'b' * 32}"
    ):
        check_vocabulary(manifest(), "b" * 32)
