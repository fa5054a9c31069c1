"""What is tried on a tokenizer alone: unreachable pieces, digits, bytes, hard strings."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

from tests.tokenizer.hand_made import ENGLISH, LETTERS, MERGES, SPACE, cell, hand_made, texts_of, tokenizer_json
from tests.tokenizer.sentencepiece_models import trained
from tokenizer.evaluation.hard_strings import LOSSY, STRINGS, try_hard_strings
from tokenizer.evaluation.measuring import measure
from tokenizer.evaluation.metrics import Figure
from tokenizer.evaluation.sentence_piece import SentencePiece
from tokenizer.evaluation.tokenizers import Kind, Named, Tokenizer
from tokenizer.evaluation.vocabulary import (
    Unreachable,
    dead_byte_pieces,
    digit_scripts,
    digit_tokens,
    many_digit_pieces,
    unreachable,
)
from tokenizer.model_file import Piece, read_model


@pytest.fixture(scope="module")
def ours() -> Tokenizer:
    return SentencePiece(trained(), "ours")


@pytest.fixture(scope="module")
def prefixed() -> Tokenizer:
    return SentencePiece(trained(add_dummy_prefix=True), "prefixed")


def never(tokenizer: Tokenizer) -> Unreachable:
    """Pieces out of reach, where no text has any."""
    return unreachable(tokenizer, np.zeros(tokenizer.vocabulary.size, np.int64))


def test_a_piece_that_some_text_has_is_reached(tmp_path: Path) -> None:
    tokenizer = hand_made(tmp_path, tokenizer_json((*LETTERS, "bc"))).tokenizer
    used = np.zeros(tokenizer.vocabulary.size, np.int64)
    used[1 + 256 + len(LETTERS)] = 1
    assert unreachable(tokenizer, used).pieces == ()


def test_pieces_that_go_on_with_a_word_are_not_tested(tmp_path: Path) -> None:
    vocabulary = {"[UNK]": 0, "a": 1, "##b": 2}
    model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "vocab": vocabulary}
    content = json.loads(tokenizer_json(normalizer=None, decoder=None, added_tokens=[]))
    content["model"] = model | {"max_input_chars_per_word": 100}
    tokenizer = hand_made(tmp_path, json.dumps(content)).tokenizer
    assert never(tokenizer) == Unreachable(1, ())
    assert tokenizer.vocabulary.kinds.tolist() == [Kind.UNKNOWN, Kind.TEXT, Kind.INNER]


def test_a_piece_that_no_merge_makes_is_unreachable(tmp_path: Path) -> None:
    lost = tokenizer_json((*LETTERS, "bc", f"{SPACE}c"))
    found = never(hand_made(tmp_path, lost).tokenizer)
    assert (found.tested, found.pieces) == (len(LETTERS) + 2 + len(MERGES), ("bc", " c"))


def test_a_piece_that_an_earlier_merge_takes_apart_is_unreachable(tmp_path: Path) -> None:
    named = hand_made(tmp_path, tokenizer_json(merges=(("a", "b"), ("b", "c"), ("a", "bc"))))
    assert never(named.tokenizer).pieces == ("abc",)


def test_trained_models_reach_all_pieces_with_a_dummy_prefix_too(ours: Tokenizer, prefixed: Tokenizer) -> None:
    assert never(ours).pieces == ()
    assert never(prefixed).pieces == ()


def test_half_characters_of_byte_alphabets_are_not_tested(tmp_path: Path) -> None:
    alphabet = {"vocab": {"a": 0, "\u00e9": 1}, "merges": [], "byte_fallback": False, "unk_token": None}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    content = tokenizer_json(model=alphabet, normalizer=None, pre_tokenizer=level, decoder=level, added_tokens=[])
    found = never(hand_made(tmp_path, content).tokenizer)
    assert (found.tested, found.pieces) == (1, ())


def test_thirteen_bytes_never_stand_in_utf_8(ours: Tokenizer) -> None:
    possible = {byte for code in (*range(0xD800), *range(0xE000, 0x110000, 7)) for byte in chr(code).encode()}
    assert dead_byte_pieces(ours) == Figure(256 - len(possible), 256)


def test_digits_are_apart_where_each_is_a_piece_and_none_merge(tmp_path: Path) -> None:
    ten = tuple("0123456789")
    apart = digit_tokens(hand_made(tmp_path, tokenizer_json(ten, ())).tokenizer)
    assert apart["ASCII"] == Figure(1, 6)
    assert apart["DEVANAGARI"] == Figure(0, 6)  # bytes
    assert apart["all"].value == 1 / len(digit_scripts())
    joined = hand_made(tmp_path, tokenizer_json(ten, (("0", "0"), ("1", "9")))).tokenizer
    assert digit_tokens(joined)["ASCII"] == Figure(0, 6)
    assert many_digit_pieces(joined) == Figure(2, 12)


@pytest.mark.parametrize("has_prefix", [False, True])
def test_our_settings_keep_the_digits_of_every_script_apart(has_prefix: bool) -> None:
    required = "0123456789"  # the others are user-defined symbols
    tokenizer = SentencePiece(trained(add_dummy_prefix=has_prefix, required_chars=required), "ours")
    assert {name for name, one in digit_tokens(tokenizer).items() if one.value != 1} == set()
    assert many_digit_pieces(tokenizer).value == 0


def test_digit_sets_have_ten_digits_that_follow_each_other() -> None:
    scripts = digit_scripts()
    assert scripts["ASCII"] == "0123456789"
    assert scripts["ARABIC-INDIC"] == "٠١٢٣٤٥٦٧٨٩"
    assert all([ord(digit) - ord(digits[0]) for digit in digits] == list(range(10)) for digits in scripts.values())


def test_our_settings_give_back_every_hard_string_but_the_one(ours: Tokenizer) -> None:
    found = try_hard_strings(ours)
    assert found.failed == {LOSSY: STRINGS[LOSSY].replace(SPACE, " ")}
    assert (found.tried, found.given_back) == (len(STRINGS) - 1, len(STRINGS) - 1)


def test_default_settings_of_sentencepiece_lose_some() -> None:
    settings = {"normalization_rule_name": "nmt_nfkc", "remove_extra_whitespaces": True, "add_dummy_prefix": True}
    failed = try_hard_strings(SentencePiece(trained(**settings), "defaults")).failed
    assert failed.keys() >= {"leading spaces", "trailing spaces", "spaces within", "ligatures and full width"}


@pytest.mark.slow
def test_a_vocabulary_of_256_000_is_measured_in_seconds() -> None:
    model = read_model(trained(), "small")
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 506)]
    new = (left + right for left in letters for right in letters)
    count = 256_000 - len(model.pieces) - len(letters)
    pairs = [Piece(pair, -100_000.0 - place, "normal") for place, pair in zip(range(count), new, strict=False)]
    singles = [Piece(letter, -900_000.0 - place, "normal") for place, letter in enumerate(letters)]
    there = {piece.text for piece in model.pieces}
    data = model.with_pieces([*model.pieces, *(one for one in (*pairs, *singles) if one.text not in there)])
    tokenizer = SentencePiece(data, "large")
    assert tokenizer.vocabulary.size > 250_000
    units = [cell("人人生而自由 and so on", unit=str(number)) for number in range(100)]
    start = time.process_time()
    evaluation = measure([Named("large", "large", "", tokenizer)], texts_of(*units), ENGLISH)
    assert time.process_time() - start < 60
    assert evaluation.tokenizers[0].figures["unreachable_pieces"]["all"].n > 250_000
