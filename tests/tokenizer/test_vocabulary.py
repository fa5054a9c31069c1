"""A vocabulary learned from counts is the one that SentencePiece learns from the text."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.output import RunError
from tests.tokenizer.native_counts import native_rows
from tests.tokenizer.training_texts import learned_from_text, pieces, rows, rows_of, texts
from tokenizer.recipe import Symbols, Train
from tokenizer.symbols import fixed_pieces, user_symbols
from tokenizer.training.vocabulary import train_model
from tokenizer.training.weighted_rows import Rows

SIZES = {
    "english": (2048, 8192),
    "code": (2048, 8192),
    "chinese_japanese": (3072, 6016),
    "thai": (1280, 2048),
    "arabic": (1280, 3072),
    "hindi": (1280, 2048),
    "mix": (6016, 16_000),
}
SMALL = Train(fim=(), reserved=0)


@pytest.mark.parametrize(("name", "size"), [(name, size) for name, sizes in SIZES.items() for size in sizes])
def test_counts_give_the_vocabulary_of_the_text(name: str, size: int) -> None:
    assert pieces(train_model(rows(name), Train(), Symbols(), size)) == learned_from_text(texts(name), size)


@pytest.mark.parametrize("change", [
    {"character_coverage": 1.0}, {"character_coverage": 0.99}, {"max_piece_length": 4}, {"max_piece_length": 64},
])  # fmt: skip
def test_so_they_do_with_other_settings(change: dict[str, float]) -> None:
    train = replace(SMALL, **change)  # type: ignore[arg-type]
    assert pieces(train_model(rows("code"), train, Symbols(), 4096)) == learned_from_text(texts("code"), 4096, train)


@pytest.mark.parametrize("symbols", [
    Symbols(split_digits="ascii"), Symbols(split_digits="none"),
    Symbols(user_defined=("\n", "\t", "the", "<tool>", "==", ',"')),
])  # fmt: skip
def test_so_they_do_with_other_symbols(symbols: Symbols) -> None:
    some = texts("code")[::2] + texts("hindi")
    model = train_model(rows_of(some, symbols), SMALL, symbols, 3072)
    assert pieces(model) == learned_from_text(some, 3072, SMALL, symbols)
    assert pieces(model)[: len(fixed_pieces(symbols, SMALL))] == fixed_pieces(symbols, SMALL)


def test_the_order_of_rows_changes_not_a_byte() -> None:
    order = np.random.default_rng(7).permutation(len(rows("arabic").counts))
    shuffled = Rows(rows("arabic").fragments.take(pa.array(order)), rows("arabic").counts[order])
    assert train_model(shuffled, SMALL, Symbols(), 2048) == train_model(rows("arabic"), SMALL, Symbols(), 2048)


STRANGE = [
    ("CR", "\r"), ("VT", "\v"), ("FF", "\f"), ("NEL", "\x85"), ("line separator", "\u2028"),
    ("paragraph separator", "\u2029"), ("NBSP", "\xa0"), ("ideographic space", "\u3000"), ("ZWJ", "\u200d"),
    ("combining acute", "\u0301"), ("BOM", "\ufeff"), ("ZWSP", "\u200b"), ("unit separator", "\x1f"), ("quote", '"'),
    ("soft hyphen", "\xad"), ("emoji", "👩\u200d🚀"), ("private use", "\ue000"), ("replacement", "\ufffd"),
    ("non-character", "\uffff"), ("space symbol", "\u2581"), ("NUL", "\0"),
]  # fmt: skip


@pytest.mark.parametrize("strange", [one for _, one in STRANGE], ids=[name for name, _ in STRANGE])
def test_strange_characters_in_rows_are_learned_as_in_text(strange: str) -> None:
    words = " ".join(texts("english"))[:30_000].split(" ")
    forms = (strange, " " + strange, strange + " ", strange * 2, " ")
    text = "".join(word + forms[number % 5] for number, word in enumerate(words)).strip("\r")
    learned = pieces(train_model(rows_of([text]), SMALL, Symbols(), 1536))
    assert learned == learned_from_text([text], 1536, SMALL)
    assert not any("\0" in piece for piece in learned)


def test_a_row_may_be_longer_than_any_line_of_the_default() -> None:
    long = "ab" * 150_000
    documents = ["some text here, " * 9, long]
    assert pieces(train_model(rows_of(documents), SMALL, Symbols(), 1024)) == learned_from_text(documents, 1024, SMALL)


@pytest.fixture(scope="module")
def processor() -> Iterator[sentencepiece.SentencePieceProcessor]:
    yield sentencepiece.SentencePieceProcessor(model_proto=train_model(rows("mix"), Train(), Symbols(), 8192))


def test_symbols_stand_in_front_in_the_order_of_their_ids(processor: sentencepiece.SentencePieceProcessor) -> None:
    fixed = fixed_pieces(Symbols(), Train())
    assert processor.vocab_size() == 8192
    assert [processor.id_to_piece(number) for number in range(len(fixed))] == fixed
    assert (processor.unk_id(), processor.pad_id(), processor.bos_id(), processor.eos_id()) == (0, 1, 2, 3)
    assert all(processor.is_control(number) for number in (1, 2, 3, 4, 106))


def test_every_digit_of_every_script_is_a_token_of_its_own(processor: sentencepiece.SentencePieceProcessor) -> None:
    digits = [*"0123456789", *map(chr, range(0xFF10, 0xFF1A)), *user_symbols(Symbols())[2:]]
    alone = [processor.encode(digit) for digit in digits]
    assert processor.encode("".join(digits)) == [number for ids in alone for number in ids]
    assert all(processor.id_to_piece(number) == digit for digit, (number,) in zip(digits[20:], alone[20:], strict=True))
    assert all(len(set(piece) & set(digits)) == 0 or len(piece) == 1 for piece in _normal(processor))


def _normal(processor: sentencepiece.SentencePieceProcessor) -> list[str]:
    first = len(fixed_pieces(Symbols(), Train()))
    return [processor.id_to_piece(number) for number in range(first, processor.vocab_size())]


def test_new_lines_and_tabs_are_pieces(processor: sentencepiece.SentencePieceProcessor) -> None:
    assert processor.encode("\n\n\t", out_type=str) == ["\n", "\n", "\t"]


ADVERSARIAL = [
    "", " ", "   ", " a", "a ", "  a  b  ", "\t", "\n", "\r\n", "a\r\nb\r", "\0", "a\0b", "\xa0a", "\u3000", "\u200d",
    "👩\u200d🚀 x", "e\u0301", "\u0301", "שלום עולם", "\u202eabc", "\ufeffa", "１２３", "१२३", "<s>", "<unk>", "<0x41>",
    "<fim_prefix>", "\u2585", "\ue000", "\U0010ffff", "\uffff", "\x1f",
]  # fmt: skip


@pytest.mark.parametrize("text", ADVERSARIAL, ids=ascii)
def test_adversarial_text_comes_back(processor: sentencepiece.SentencePieceProcessor, text: str) -> None:
    assert processor.decode(processor.encode(text)) == text
    assert not any(processor.is_control(number) for number in processor.encode(text))


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\u2581")))
def test_all_text_comes_back(processor: sentencepiece.SentencePieceProcessor, text: str) -> None:
    assert processor.decode(processor.encode(text)) == text
    assert processor.unk_id() not in processor.encode(text)


def test_but_for_the_sign_that_stands_for_a_space(processor: sentencepiece.SentencePieceProcessor) -> None:
    assert processor.decode(processor.encode("a\u2581b")) == "a b"


def test_a_vocabulary_without_room_for_the_characters_says_how_large_it_must_be() -> None:
    expected = r"2,048 pieces have no room for the [\d,]+ symbols, bytes and .*choose at least [\d,]+, or lower"
    with pytest.raises(RunError, match=expected):
        train_model(rows("mix"), Train(), Symbols(), 2048)


def test_what_sentencepiece_refuses_is_one_line() -> None:
    broken = Rows(pa.array(["a\tb"], pa.large_string()), np.array([3]))
    with pytest.raises(RunError, match=r"SentencePiece ended with code 1 while .* 1,024 pieces: .*word <tab> freq"):
        train_model(broken, SMALL, Symbols(), 1024)


@pytest.mark.parametrize(
    ("name", "size"), [("english", 4096), ("code", 4096), ("chinese_japanese", 4096), ("mix", 8192)]
)
def test_native_counts_give_the_same_vocabulary(name: str, size: int) -> None:
    native = native_rows([pa.array(texts(name), pa.large_string())])
    assert pieces(train_model(native, Train(), Symbols(), size)) == learned_from_text(texts(name), size)
