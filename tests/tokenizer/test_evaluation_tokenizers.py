"""Tokenizers of any make behind one surface."""

import json
from pathlib import Path

import pytest

from datapipe.output import RunError
from tests.tokenizer.hand_made import cell, hand_made, parallel, texts_of, tokenizer_json
from tests.tokenizer.sentencepiece_models import sample, trained
from tokenizer.evaluation.measuring import measure
from tokenizer.evaluation.metrics import METRICS
from tokenizer.evaluation.opening import open_tokenizers
from tokenizer.evaluation.sentence_piece import SentencePiece
from tokenizer.evaluation.tokenizers import Kind
from tokenizer.evaluation.word_lists import adds_space
from tokenizer.exporting.hugging_face import converted, files
from tokenizer.model_file import read_model

SPEEDS = {"encode_mb_per_s", "decode_mb_per_s"}


@pytest.mark.parametrize("has_prefix", [False, True])
def test_a_model_and_its_conversion_have_equal_figures(has_prefix: bool, tmp_path: Path) -> None:
    model = read_model(trained(add_dummy_prefix=has_prefix), "ours")
    for name, data in {"tokenizer.model": model.data, **files(model, converted(model))}.items():
        folder = tmp_path / Path(name).suffix.removeprefix(".")
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    tokenizers = open_tokenizers([str(tmp_path / "model"), str(tmp_path / "json")])
    articles = cell(*sample()[:40], "née 漢字 ½ \x00", language="en"), cell(*sample()[-2:], unit="code", is_code=True)
    left, right = measure(
        tokenizers, texts_of(*articles), parallel(en="All human beings", de="Alle Menschen")
    ).tokenizers
    for metric in METRICS.keys() - SPEEDS:
        assert left.figures[metric] == right.figures[metric], metric
    assert left.hard_strings == right.hard_strings
    assert left.words_are_bare == right.words_are_bare == has_prefix
    assert (left.named.name, right.named.name) == ("model", "json")


def test_kinds_of_pieces_are_told_apart() -> None:
    vocabulary = SentencePiece(trained(), "ours").vocabulary
    assert vocabulary.of_kind(Kind.UNKNOWN).tolist() == [0]
    assert vocabulary.of_kind(Kind.CONTROL).tolist() == [1, 2, 3, 4, 5, 6, 7, 8]  # pad, s, /s, three FIM, two reserved
    assert len(vocabulary.of_kind(Kind.BYTE)) == 256
    first = vocabulary.of_kind(Kind.BYTE)[0]
    assert vocabulary.byte_values[first : first + 256].tolist() == list(range(256))


def test_marks_in_text_are_text(tmp_path: Path) -> None:
    tokenizer = hand_made(tmp_path).tokenizer
    (text,) = (texts_of(cell("<unk>")).cells[0].texts.to_pylist(),)
    assert tokenizer.decode(tokenizer.encode(cell("<unk>").texts).rows()) == text
    assert len(tokenizer.encode(cell("<unk>").texts).ids) == 5


def test_a_file_from_before_models_had_types_is_read(tmp_path: Path) -> None:
    old = json.loads(tokenizer_json())
    del old["model"]["type"]
    named = hand_made(tmp_path, json.dumps(old))
    assert named.tokenizer.encode(cell("ab c").texts).counts.tolist() == [3]


def test_truncation_and_padding_of_the_file_are_left_alone(tmp_path: Path) -> None:
    cut = {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0}
    named = hand_made(tmp_path, tokenizer_json(truncation=cut))
    assert named.tokenizer.encode(cell("cccc", "c").texts).counts.tolist() == [4, 1]


def test_whether_a_space_is_added_is_found_out() -> None:
    assert not adds_space(SentencePiece(trained(), "ours"))
    assert adds_space(SentencePiece(trained(add_dummy_prefix=True), "prefixed"))


def test_a_folder_is_searched_for_its_tokenizer(tmp_path: Path) -> None:
    (tmp_path / "english").mkdir()
    (tmp_path / "english" / "en.model").write_bytes(trained())
    (named,) = open_tokenizers([str(tmp_path / "english")])
    assert (named.name, Path(named.path).name) == ("en.model", "en.model")


def test_tokenizers_of_the_same_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    one, two = hand_made(tmp_path / "1"), hand_made(tmp_path / "2")
    assert [named.name for named in open_tokenizers([one.path, two.path])] == [one.path, two.path]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a SentencePiece model: it has no pieces"),
        (b"\x00\x01rubbish" * 9, "not a SentencePiece model, or damaged: "),
        (trained()[:-100], "not a SentencePiece model, or damaged: "),
        (b"{}", "no sound tokenizer.json: "),
        (b'{"model": {"type": "XX"}}', "no sound tokenizer.json: "),
        (b"{", "no sound tokenizer.json: "),
        (
            b'{"model": {"type": "WordLevel", "vocab": {"a": 0, "a": 1}}}',
            "no sound tokenizer.json: 'a' stands twice in one object",
        ),
        (
            b'{"model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "?"}}',
            "no sound tokenizer.json: its unk_token '?'",
        ),
        (b'{"\xff": 1}', "no sound tokenizer.json: "),
    ],
)
def test_what_is_no_tokenizer_is_refused_in_a_line(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.model"
    path.write_bytes(content)
    with pytest.raises(RunError) as found:
        open_tokenizers([str(path)])
    assert str(found.value).startswith(f"{path}: {message}")
    assert "\n" not in str(found.value)


def test_a_json_file_that_is_no_object_is_taken_for_the_json_that_it_is(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text("[1, 2]")
    with pytest.raises(RunError, match=r"tokenizer\.json: no sound tokenizer\.json: "):
        open_tokenizers([str(path)])


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"gone.model: no such tokenizer"):
        open_tokenizers([str(tmp_path / "gone.model")])
    with pytest.raises(RunError, match=r"no tokenizer there; expected tokenizer.model or tokenizer.json"):
        open_tokenizers([str(tmp_path)])
