"""What there is to train on, from a folder of tokens, from files of others, from sizes."""

import shutil
from pathlib import Path

import pytest

from datapipe.loading.located_yaml import RecipeError
from datapipe.output import RunError
from tests.tokenizer.encoded_run import SIZE, EncodedRun
from tests.trainer.token_files import write_shard
from tokenizer.encoding.manifest import read_manifest
from trainer.corpus import UnitSize, corpus_of, shape_of, sizes_of
from trainer.load import loads
from trainer.plan import Plan

PLAN = """
name: letters
output: run
model: {n_layer: 1, n_head: 1, n_kv_head: 1, d_model: 8}
phases: [{name: only, tokens: 1_000, batch: 2, learning_rate: [{shape: constant, start: 0.1}]}]
"""
MEGATRON = """
megatron:
  vocab_size: 100
  units: {tales: {long: ["files/long_*"], short: ["files/short"]}}
  validation: {tales: {long: ["files/held"]}}
"""


def plan_of(run: EncodedRun, *settings: str) -> Plan:
    """A plan on these tokens."""
    return loads(f"{PLAN}data: out\ntokenizer: letters-{SIZE}\n", str(run.folder / "plan.yaml"), settings)


def files(folder: Path, *settings: str) -> Plan:
    """A plan on three files of 9, 1 and 5 tokens, one held out of 4."""
    write_shard(folder / "files/long_b", [[1, 2, 3], [4], [5, 6, 7, 8, 9]])
    write_shard(folder / "files/long_a", [[1]])
    write_shard(folder / "files/short", [[1, 2, 3, 4, 99]])
    write_shard(folder / "files/held", [[1, 2, 3, 4]])
    return loads(f"{PLAN}seq_len: 2\n{MEGATRON}", str(folder / "plan.yaml"), settings)


def test_windows_are_the_manifests_for_its_own_sequence_length(encoded: EncodedRun) -> None:
    manifest = read_manifest(str(encoded.tokens))
    corpus = corpus_of(plan_of(encoded), str(encoded.folder))
    told = {domain: {unit: one.windows for unit, one in of.items()} for domain, of in manifest.units.items()}
    assert corpus.sizes.seq_len == 32
    assert corpus.sizes.windows == told
    assert corpus.dtype.name == manifest.dtype == "uint16"


def test_another_sequence_length_makes_other_windows_of_the_same_tokens(encoded: EncodedRun) -> None:
    corpus = corpus_of(plan_of(encoded, "seq_len=100"), str(encoded.folder))
    for domain, units in corpus.units.items():
        for unit, shards in units.items():
            windows = sum((shard.tokens - 1) // 100 for shard in shards if shard.tokens)
            assert corpus.sizes.units[domain][unit].windows == windows
    assert corpus.sizes.fingerprint == corpus_of(plan_of(encoded), str(encoded.folder)).sizes.fingerprint


def test_the_fingerprint_is_that_of_the_tokens_wherever_they_lie(encoded: EncodedRun, tmp_path: Path) -> None:
    shutil.copytree(encoded.folder, tmp_path / "copy")
    copy = EncodedRun(tmp_path / "copy")
    sizes = corpus_of(plan_of(encoded), str(encoded.folder)).sizes
    assert corpus_of(plan_of(copy), str(copy.folder)).sizes == sizes
    copy.encode("encode.eos=false")
    assert corpus_of(plan_of(copy), str(copy.folder)).sizes.fingerprint != sizes.fingerprint


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["tokenizer=letter-384"], "no tokens of 'letter-384'; did you mean 'letters-384'?"),
        (["tokenizer=null"], "tokenizer is missing: whose tokens in {data}? those there: letters-384"),
        (["data=elsewhere"], "elsewhere/tokens/letters-384: no manifest.json"),
        (["data=s3://bucket/out"], "s3://bucket/out: tokens are read from local or mounted folders: `trainer fetch"),
        (["model.vocab_size=320"], "the model has 320 pieces (model.vocab_size, or its preset's), the tokens have ids"),
    ],
)
def test_tokens_that_cannot_be_trained_on_are_refused(encoded: EncodedRun, settings: list[str], message: str) -> None:
    with pytest.raises(RunError) as error:
        corpus_of(plan_of(encoded, *settings), str(encoded.folder))
    assert message.format(data=encoded.data) in str(error.value)
    assert "\n" not in str(error.value)


def test_the_model_takes_the_tokenizers_vocabulary_or_a_larger_one(encoded: EncodedRun) -> None:
    sizes = corpus_of(plan_of(encoded), str(encoded.folder)).sizes
    assert shape_of(plan_of(encoded), sizes).vocab_size == SIZE
    assert shape_of(plan_of(encoded, "model.vocab_size=512"), sizes).vocab_size == 512


def test_sizes_stand_in_while_there_are_no_tokens(encoded: EncodedRun) -> None:
    small = ["sizes={tales: {long: 8193, short: 4096}}", "model.vocab_size=384"]
    sizes = sizes_of(plan_of(encoded, *small, "data=elsewhere"), str(encoded.folder))
    assert sizes.units == {"tales": {"long": UnitSize(8193, 2, 1), "short": UnitSize(4096, 0, 1)}}
    assert (sizes.seq_len, sizes.vocab_size, sizes.fingerprint) == (4096, 384, "sizes")
    assert sizes_of(plan_of(encoded, *small, "data=s3://bucket/out"), str(encoded.folder)) == sizes
    assert (
        sizes_of(plan_of(encoded, *small), str(encoded.folder))
        == corpus_of(plan_of(encoded), str(encoded.folder)).sizes
    )


def test_files_of_others_are_found_by_prefix_and_glob_in_order(tmp_path: Path) -> None:
    corpus = corpus_of(files(tmp_path))
    assert corpus.sizes.units == {"tales": {"long": UnitSize(10, 4, 2), "short": UnitSize(5, 2, 1)}}
    assert [Path(one.prefix).name for one in corpus.units["tales"]["long"]] == ["long_a", "long_b"]
    assert [one.tokens for one in corpus.validation["tales"]["long"]] == [4]
    assert (corpus.sizes.vocab_size, corpus.dtype.name) == (100, "int32")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["megatron.units={a: {b: [files/none]}}"], "megatron.units.a.b: {folder}/files/none.idx: no such file"),
        (["megatron.units={a: {b: ['files/n*']}}"], "megatron.units.a.b: {folder}/files/n*.idx: no such file"),
        (["megatron.units={a: {b: [files/held]}}"], "megatron.validation.tales.long: {folder}/files/held is given twi"),
        (["megatron.units={}"], "{folder}/plan.yaml:10: megatron.units: it names no files"),
    ],
)
def test_files_that_are_not_there_or_held_out_are_refused(tmp_path: Path, settings: list[str], message: str) -> None:
    with pytest.raises(RecipeError) as error:
        corpus_of(files(tmp_path, *settings))
    assert message.format(folder=tmp_path) in str(error.value)


def test_damaged_files_of_others_are_refused(tmp_path: Path) -> None:
    plan = files(tmp_path)
    path = tmp_path / "files/short.bin"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(RunError, match=r"short\.bin: 16 bytes; its index has 5 tokens of 4 bytes"):
        corpus_of(plan)
    write_shard(tmp_path / "files/short", [[1, 2]], "<u2")
    with pytest.raises(RunError, match=r"short\.bin has tokens of uint16, .*long_a\.bin of int32"):
        corpus_of(plan)
    (tmp_path / "files/short.idx").write_bytes(b"something else")
    with pytest.raises(RunError, match=r"short\.idx: no index of Megatron's form"):
        corpus_of(plan)
