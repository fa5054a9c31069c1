"""Encoding once more, after crashes, with other models and settings, on Ray: what is missing, and the same bytes."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece

from datapipe.observing.status import read_status
from datapipe.output import RunError
from tests.run.workshop import redone, written
from tests.tokenizer.encoded_run import EOS, SIZE, EncodedRun, small_model
from tokenizer.encoding.encoder import Encoder
from tokenizer.encoding.manifest import read_manifest, read_shard
from tokenizer.model_file import Piece, read_model


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> EncodedRun:
    """An encoded run, to be read."""
    run = EncodedRun.at(tmp_path_factory.mktemp("encoded"))
    run.encode()
    return run


@pytest.fixture
def run(made: EncodedRun, tmp_path: Path) -> EncodedRun:
    """The same, to be changed."""
    return made.copied(tmp_path / "copy")


def test_a_second_run_does_nothing(run: EncodedRun) -> None:
    before, whole = written(run.tokens), run.tree()
    run.encode(verify=True)

    assert redone(before, written(run.tokens)) == set()
    assert run.tree() == whole


def test_ray_writes_the_same_bytes(made: EncodedRun, run: EncodedRun, ray_cluster: None) -> None:
    shutil.rmtree(run.tokens)
    run.encode(executor="ray")

    assert run.tree() == made.tree()


@pytest.mark.parametrize("name", ["TALE.bin", "TALE.idx", "TALE.documents.parquet", "receipts/encode/TALE.json"])
def test_what_is_lost_is_made_again_and_nothing_else(run: EncodedRun, name: str) -> None:
    before, whole = written(run.tokens), run.tree()
    (run.tokens / name.replace("TALE", "others/tale/000001")).unlink()
    run.encode()

    assert run.tree() == whole
    assert redone(before, written(run.tokens)) == {"encode/others/tale/000001.json"}


def test_whatever_is_lost_at_once_comes_back(run: EncodedRun) -> None:
    whole = run.tree()
    files = sorted(path for path in run.tokens.rglob("*") if path.is_file())
    for path in files[::3]:
        path.unlink()
    run.encode()

    assert run.tree() == whole


def test_verify_finds_a_flipped_bit(run: EncodedRun) -> None:
    whole = run.tree()
    path = run.tokens / "english/left/000000.bin"
    data = bytearray(path.read_bytes())
    data[7] ^= 1
    path.write_bytes(data)
    run.encode()
    assert run.tree() != whole
    run.encode(verify=True)

    assert run.tree() == whole


def test_domains_are_encoded_as_asked_for_and_what_is_not_goes(run: EncodedRun) -> None:
    before, whole = written(run.tokens), run.tree()
    said = run.encode("encode.domains=[others]")
    assert "4 token shards removed" in said
    assert not list(run.tokens.glob("**/english/**/*.*"))
    assert list(read_manifest(str(run.tokens)).units) == ["others"]
    run.encode()

    assert run.tree() == whole
    assert redone(before, written(run.tokens)) == {
        f"encode/{place}.json" for place in run.texts() if "english/" in place
    }


def test_tokens_without_a_receipt_go(run: EncodedRun) -> None:
    whole = run.tree()
    place = next(place for place in run.texts() if place.startswith("english/"))
    (run.tokens / "receipts" / "encode" / f"{place}.json").unlink()  # as a run that was killed leaves them
    run.encode("encode.domains=[others]")
    assert not list(run.tokens.glob("**/english/**/*.*"))
    run.encode()

    assert run.tree() == whole


def test_a_new_window_changes_the_manifest_alone(run: EncodedRun) -> None:
    before, whole = written(run.tokens), run.tree()
    run.encode("encode.seq_len=16")

    assert redone(before, written(run.tokens)) == set()
    assert {name for name, digest in run.tree().items() if whole[name] != digest} == {"manifest.json"}


@pytest.mark.parametrize("setting", ["encode.bos=true", "encode.eos=false"])
def test_other_marks_encode_everything_anew(run: EncodedRun, setting: str) -> None:
    before = written(run.tokens)
    run.encode(setting)

    assert len(redone(before, written(run.tokens))) == len(run.texts())
    ids = run.ids("english/left/000000")[0]
    assert (ids[0] == 2, ids[-1] == EOS) == ("bos" in setting, "bos" in setting)


def test_another_model_under_the_same_name_encodes_everything_anew(run: EncodedRun) -> None:
    before, vocabulary = written(run.tokens), read_manifest(str(run.tokens)).vocabulary
    run.put_model(small_model(split_digits=True, max_sentencepiece_length=3))
    said = run.encode()

    assert "has tokens of another model: they are replaced" in said
    assert "another model" not in run.encode()
    assert len(redone(before, written(run.tokens))) == len(run.texts())
    assert read_manifest(str(run.tokens)).vocabulary != vocabulary
    assert (run.tokens / "tokenizer.model").read_bytes() == run.model.read_bytes()


def test_a_run_that_breaks_off_is_gone_on_with(run: EncodedRun) -> None:
    whole, path = run.tree(), run.data / "shards/others/tale/000001.parquet"
    shutil.rmtree(run.tokens)
    text = path.read_bytes()
    path.write_bytes(b"x" * len(text))
    with pytest.raises(RunError, match="damaged"):
        run.encode()
    before = written(run.tokens)
    assert before
    assert not (run.tokens / "manifest.json").exists()
    path.write_bytes(text)
    run.encode()

    assert run.tree() == whole
    assert redone(before, written(run.tokens)) == {f"encode/{place}.json" for place in run.texts()} - before.keys()


def test_while_tokens_change_there_is_no_manifest_of_the_old_ones(run: EncodedRun) -> None:
    path = run.data / "shards/others/tale/000001.parquet"
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(RunError, match="damaged"):
        run.encode("encode.bos=true")
    assert not (run.tokens / "manifest.json").exists()
    assert (run.tokens / "english/left/000000.bin").exists()


def test_a_model_from_elsewhere_gives_its_size_to_the_name(run: EncodedRun) -> None:
    (run.folder / "mine.model").write_bytes(small_model(320))
    run.encode("encode.model=mine.model")

    manifest = read_manifest(str(run.data / "tokens/letters-320"))
    assert (manifest.tokenizer, manifest.vocab_size) == ("letters-320", 320)
    assert (run.tokens / "manifest.json").exists()


def test_tokens_of_a_large_vocabulary_take_four_bytes(run: EncodedRun, made: EncodedRun) -> None:
    small = read_model(small_model(), "small")
    rare = [Piece(f"<{number}>", -1e6 - number, "normal") for number in range(SIZE, 65_500)]
    (run.folder / "large.model").write_bytes(small.with_pieces([*small.pieces, *rare]))
    run.encode("encode.model=large.model")

    folder = str(run.data / "tokens/letters-65500")
    manifest = read_manifest(folder)
    shard = manifest.units["others"]["tale"].shards[1]
    assert manifest.dtype == "int32"
    assert [ids.tolist() for ids in read_shard(folder, manifest, shard)] == made.ids("others/tale/000001")
    assert Path(folder, "others/tale/000001.bin").stat().st_size == 4 * shard.tokens


def test_where_our_kernels_are_wrong_sentencepiece_encodes_and_all_is_told(
    run: EncodedRun, made: EncodedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Encoder._encode_natively

    def wrong(self: Encoder, *texts: Any) -> Any:
        ids, offsets = right(self, *texts)
        return np.where(ids == 300, 301, ids), offsets

    monkeypatch.setattr(Encoder, "_encode_natively", wrong)
    before = written(run.tokens)
    said = run.encode()

    assert "warning: our kernels and SentencePiece differ: " in said
    assert any("please report it" in one for one in read_status(str(run.tokens)).warnings)
    assert read_manifest(str(run.tokens)).encoder.startswith("SentencePiece: /")
    assert len(redone(before, written(run.tokens))) == len(run.texts())
    assert {place: run.ids(place) for place in run.texts()} == {place: made.ids(place) for place in run.texts()}


def test_a_model_that_our_kernels_do_not_follow_is_left_to_sentencepiece(run: EncodedRun) -> None:
    run.put_model(small_model(model_type="unigram", vocab_size=SIZE))
    said = run.encode()

    assert "warning: SentencePiece encodes everything, several times slower than our kernels: of " in said
    assert read_manifest(str(run.tokens)).encoder == "SentencePiece: it is a unigram model, not BPE"
    processor = sentencepiece.SentencePieceProcessor(model_proto=run.model.read_bytes())
    text = run.texts()["english/left/000000"][0]["text"]
    assert run.ids("english/left/000000")[0] == [*processor.encode(text), EOS]
