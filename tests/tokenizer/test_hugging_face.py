"""Models as tokenizers of Hugging Face: the same ids in SentencePiece, `tokenizers` and `transformers`."""

import functools
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer

from datapipe.output import RunError
from tests.tokenizer.sentencepiece_models import SETTINGS, sample, trained
from tokenizer.exporting.hugging_face import converted, files, loaded, merges, refusal
from tokenizer.model_file import Model, Piece, read_model

USER = [*SETTINGS["user_defined_symbols"], "<|im_start|>", "<|im", "\n\n", "\r\n", "def", "a b", "    ", "x▁y"]
MODELS = {
    "ours": {},
    "with user symbols of many characters": {"user_defined_symbols": USER},
    "with a dummy prefix": {"add_dummy_prefix": True},
    "with pieces over several words": {"split_by_whitespace": False},
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.text(
    "ab 19\n\t\r▁<s>/|im_startdefxyдन१あ" + "\u0301\u200d\u00a0\U0001f600", max_size=60
)


@functools.cache
def model_of(name: str) -> Model:
    return read_model(trained(**MODELS[name]), name)


@functools.cache
def both(name: str) -> tuple[SentencePieceProcessor, Tokenizer]:
    model = model_of(name)
    return SentencePieceProcessor(model_proto=model.data), loaded(files(model, converted(model))["tokenizer.json"])


def by_hand(*pieces: tuple[str, float], kind: str = "normal") -> Model:
    """The model `ours` with only these pieces behind its bytes."""
    ours = model_of("ours")
    fixed = [piece for piece in ours.pieces if piece.kind != "normal"]
    return read_model(ours.with_pieces([*fixed, *(Piece(*piece, kind) for piece in pieces)]), "by hand")


def test_merges_are_all_splits_of_a_piece_by_its_score_then_by_the_ids_of_its_parts() -> None:
    letters = (("a", -10), ("b", -11), ("c", -12))
    model = by_hand(("bc", -1), ("abc", -3), ("ab", -2), *letters)
    assert list(merges(model)) == [("b", "c"), ("a", "b"), ("ab", "c"), ("a", "bc")]


def test_a_piece_that_no_two_pieces_make_has_no_merge() -> None:
    assert list(merges(by_hand(("abc", -1), ("a", -2), ("b", -3), ("c", -4)))) == []


@pytest.mark.parametrize("name", MODELS)
def test_ids_and_text_are_those_of_sentencepiece_on_real_text(name: str) -> None:
    reference, tokenizer = both(name)
    for text in sample():
        ids = reference.encode(text)
        assert tokenizer.encode(text).ids == ids
        assert tokenizer.decode(ids) == reference.decode(ids) == text


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=150)
@given(text=TEXTS)
def test_ids_and_text_are_those_of_sentencepiece_on_any_text(name: str, text: str) -> None:
    reference, tokenizer = both(name)
    ids = reference.encode(text)
    assert tokenizer.encode(text).ids == ids
    assert tokenizer.decode(ids) == reference.decode(ids)


@pytest.mark.parametrize("letters", ["a", "ab", "ab ", "abc"])
def test_texts_of_few_letters_in_which_splits_compete_are_equal_too(letters: str) -> None:
    draw = random.Random(letters)
    for _ in range(5):
        texts = tuple("".join(draw.choices(letters, k=draw.randrange(1, 60))) for _ in range(330))
        model = read_model(trained(texts[:30], vocab_size=290, control_symbols=[], user_defined_symbols=[]), letters)
        reference = SentencePieceProcessor(model_proto=model.data)
        found = [one.ids for one in converted(model).encode_batch(texts)]
        assert found == reference.encode(list(texts))


def test_words_are_cut_before_merging_only_where_no_piece_goes_on_behind_a_space() -> None:
    assert both("ours")[1].pre_tokenizer is not None
    assert both("with pieces over several words")[1].pre_tokenizer is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"model_type": "unigram", "vocab_size": 2000}, "of type unigram"),
        ({"normalization_rule_name": "nmt_nfkc"}, "normalises text"),
        ({"remove_extra_whitespaces": True}, "removes spaces"),
        ({"treat_whitespace_as_suffix": True}, "spaces behind words"),
        ({"add_dummy_prefix": True, "user_defined_symbols": USER}, "a space in front of texts"),
        ({"byte_fallback": False}, "does not fall back to bytes"),
    ],
)
def test_what_has_no_exact_counterpart_is_refused_with_the_reason(changes: dict[str, object], why: str) -> None:
    with pytest.raises(RunError, match=f"^some.model: cannot be exported: it .*{why}"):
        converted(read_model(trained(**changes), "some.model"))


def test_pieces_whose_order_is_left_open_are_refused() -> None:
    letters = (("a", -10), ("b", -11))
    assert refusal(by_hand(("ab", -1), ("ba", -1), *letters)) is not None
    assert refusal(by_hand(("ab", -1), ("ba", -2), *letters)) is None
    assert "unused" in str(refusal(by_hand(("ab", -1), kind="unused")))


def test_control_symbols_in_a_text_are_text_unless_the_user_asks(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    model, (reference, tokenizer) = model_of("ours"), both("ours")
    for name, content in files(model, converted(model)).items():
        (tmp_path / name).write_bytes(content)
    text = "<s>a<fim_prefix></s>"
    expected = reference.encode(text)
    as_symbols = [model.bos_id, reference.piece_to_id("a"), reference.piece_to_id("<fim_prefix>"), model.eos_id]
    assert not set(expected) & {model.bos_id, model.eos_id}

    auto = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert auto(text)["input_ids"] == expected
    assert auto.encode(text, split_special_tokens=False) == as_symbols
    asked = transformers.AutoTokenizer.from_pretrained(tmp_path, split_special_tokens=False)
    assert asked(text)["input_ids"] == as_symbols

    assert tokenizer.encode(text).ids == expected
    alone = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert alone.encode(text).ids == as_symbols  # the setting is no part of that file
    alone.encode_special_tokens = True
    assert alone.encode(text).ids == expected


@pytest.mark.parametrize("name", MODELS)
def test_transformers_loads_the_folder_with_the_same_ids_and_symbols(name: str, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    model, (reference, _) = model_of(name), both(name)
    for file, content in files(model, converted(model)).items():
        (tmp_path / file).write_bytes(content)
    auto = transformers.AutoTokenizer.from_pretrained(tmp_path)
    texts = [*sample(), "", " ", "  a ", "<s>", "a b\n\n\r\nx y", "<|im_start|> <|im", "\u2581", "\x00", "e\u0301"]
    ids = reference.encode(texts)
    assert auto(texts)["input_ids"] == ids
    assert [auto.decode(one) for one in ids] == [reference.decode(one) for one in ids]
    assert (auto.unk_token_id, auto.pad_token_id, auto.bos_token_id, auto.eos_token_id) == (0, 1, 2, 3)
    assert sorted(auto.all_special_ids) == [*range(9)]
    assert len(auto) == model.vocab_size
    assert auto.decode([2, *ids[0], 3], skip_special_tokens=True) == texts[0]


def test_the_files_are_the_same_whenever_they_are_made() -> None:
    model = model_of("ours")
    assert files(model, converted(model)) == files(model, converted(model))


def test_ids_that_no_text_has_decode_to_replacement_characters_in_both_but_not_always_as_many() -> None:
    reference, tokenizer = both("ours")
    broken = [reference.piece_to_id(piece) for piece in ("<0xE4>", "<0x41>", "<0xF0>")]
    assert reference.decode(broken) == "\ufffdA\ufffd"
    assert tokenizer.decode(broken) == "\ufffd\ufffd\ufffd"
