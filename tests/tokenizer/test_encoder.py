"""The encoder's ids are SentencePiece's, id for id, whatever the text, the model, the batch and what came before."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise, product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import sentencepiece
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tokenizer.trained_models import texts, trained
from tokenizer.encoding.encoder import Encoder
from tokenizer.encoding.plain_encoder import PlainEncoder
from tokenizer.encoding.self_test import first_difference
from tokenizer.kernels.fragment_cache import new_fragment_cache
from tokenizer.model_file import Piece, read_model
from tokenizer.wire_format import bytes_field, varint

MODELS: dict[str, Callable[[], bytes]] = {
    "ours": lambda: trained(5000),
    "ours_large": lambda: trained(12000),
    "llama": lambda: trained(3000, "llama"),
    "suffix": lambda: trained(3000, "llama", treat_whitespace_as_suffix=True),
    "no_bytes": lambda: trained(3000, "llama", byte_fallback=False),
    "strings": lambda: trained(5000, user_defined_symbols=("<a", "<a><b>", "ab", "ba", "\n\n", "the", "▁▁▁", "  ")),
    "whole_lines": lambda: trained(3000, "llama", split_by_whitespace=False, split_by_unicode_script=False),
    "equal_scores": lambda: changed(lambda number, piece: piece._replace(score=float(-(number // 50)))),
    "odd_scores": lambda: changed(lambda number, piece: piece._replace(score=(number * 7919 % 200) / 8 - 12)),
    "dense": lambda: with_more(*dense_pieces()),
    "no_space": lambda: changed(lambda number, piece: piece._replace(text="▁x▁y") if piece.text == "▁" else piece),
    "no_letters": lambda: changed(
        lambda number, piece: piece._replace(text=f"<{number}>") if piece.text in "etaoin" else piece
    ),
}
"""Models that our kernels encode with."""
PLAIN: dict[str, Callable[[], bytes]] = {
    "it is a unigram model, not BPE": lambda: trained(5000, "library"),
    "it normalises text": lambda: trained(5000, "library", model_type="bpe"),
    "it removes extra white space": lambda: trained(3000, "llama", remove_extra_whitespaces=True),
    "it does not escape white space": lambda: trained(3000, "llama") + bytes_field(3, varint(5 << 3) + varint(0)),
    "it has pieces of more than 1,024 bytes": lambda: with_more(Piece("a" * 1025, -1.0, "normal")),
    "64 of its user-defined symbols begin with each other": lambda: with_more(
        *(Piece("<" * length, 0.0, "user_defined") for length in range(100, 165))
    ),
    "it has unused pieces": lambda: changed(lambda n, one: one._replace(kind="unused") if n == 2000 else one),
}
"""Models that are left to SentencePiece, by the reason why."""


def changed(change: Callable[[int, Piece], Piece]) -> bytes:
    """Our model with its normal pieces changed, each by its number."""
    model = read_model(trained(5000), "")
    pieces = [change(id_, piece) if piece.kind == "normal" else piece for id_, piece in enumerate(model.pieces)]
    return model.with_pieces(pieces)


def dense_pieces() -> list[Piece]:
    """Pieces of which any word of `χψω` is full, many of one score: nowhere is there a cut, everywhere a choice."""
    words = ("".join(letters) for length in range(2, 6) for letters in product("χψω", repeat=length))
    return [Piece(word, -float(number * 7919 % 97), "normal") for number, word in enumerate(words)]


def with_more(*more: Piece) -> bytes:
    """Our model with these pieces too."""
    model = read_model(trained(5000), "")
    return model.with_pieces([*model.pieces, *more])


@cache
def encoder(name: str) -> Encoder:
    return Encoder(MODELS[name](), name)


@cache
def processor(name: str) -> sentencepiece.SentencePieceProcessor:
    return sentencepiece.SentencePieceProcessor(model_proto=MODELS[name]())


def ids_of(one: Encoder, documents: list[bytes]) -> list[list[int]]:
    ids, ends = one.encode(pa.array(documents, pa.large_binary()))
    return [ids[start:end].tolist() for start, end in pairwise(ends)]


def expected(name: str, documents: list[bytes]) -> list[list[int]]:
    return [processor(name).encode(document) for document in documents]


PARTS = [
    *" \n\t▁aéß",
    "  ",
    "\u00a0",
    "\u3000",
    "\u200d",
    "\u0301",
    "\ufeff",
    "\x00",
    "\r\n",
    "\u2028",
    "\ufffd",
    "0",
    "９",
    "१",
    "٣",
]
INVALID = [
    b"\xff",
    b"\x80",
    b"\xe2\x96",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xc0\x80",
    b"\xf0\x9f\x98",
    b"\xe2\x96\x81",
]


@cache
def piece_texts() -> list[str]:
    """Pieces of all models: where they overlap, merges compete."""
    found = {piece.text.replace("▁", " ") for name in MODELS for piece in read_model(MODELS[name](), name).pieces}
    return sorted(found)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Text of pieces, of odd characters, of any characters at all, and of bytes that are none."""
    parts = st.one_of(
        st.sampled_from(piece_texts()).map(str.encode),
        st.sampled_from(PARTS).map(str.encode),
        st.text(max_size=5).map(lambda text: text.encode(errors="surrogatepass")),
        st.sampled_from(INVALID),
        st.binary(max_size=4),
        st.sampled_from(["ab", "ha", "the", " ", "<a><b>", "a"]).flatmap(
            lambda word: st.integers(1, 60).map(lambda times: (word * times).encode())
        ),
    )
    return b"".join(draw(st.lists(parts, max_size=30)))


@pytest.mark.parametrize("name", MODELS)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(documents(), max_size=4))
def test_ids_are_sentencepieces_for_any_bytes(name: str, found: list[bytes]) -> None:
    assert encoder(name).is_native
    assert ids_of(encoder(name), found) == expected(name, found)


LETTERS = "ab▁é\n"


@st.composite
def vocabularies(draw: st.DrawFn) -> bytes:
    """Models of a few short pieces over five characters, with equal scores, competing merges, and symbols inside."""
    kind, has_bytes = draw(st.sampled_from(["paper", "llama"])), draw(st.booleans())
    template = read_model(trained(5000, kind) if has_bytes else trained(5000, kind, byte_fallback=False), "")
    strings = draw(st.lists(st.text(LETTERS, min_size=1, max_size=5), max_size=40, unique=True))
    scores = st.sampled_from([0.0, -0.0, -1.0, -2.5, 3.0, 1e-40])
    kinds = st.sampled_from(["normal"] * 8 + ["user_defined", "control"])
    kept = [piece for piece in template.pieces if piece.kind in ("unknown", "byte")]
    return template.with_pieces([*kept, *(Piece(text, draw(scores), draw(kinds)) for text in strings)])


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(vocabularies(), st.lists(st.text(LETTERS + " ☃", max_size=90), min_size=1, max_size=4))
def test_ids_are_sentencepieces_for_any_vocabulary(data: bytes, found: list[str]) -> None:
    one, plain = Encoder(data, "any"), sentencepiece.SentencePieceProcessor(model_proto=data)
    one._idle.append(new_fragment_cache(64, 4096))

    assert one.is_native
    assert ids_of(one, [text.encode() for text in found]) == [plain.encode(text) for text in found]


@pytest.mark.parametrize("name", MODELS)
def test_ids_are_sentencepieces_for_real_text(name: str) -> None:
    sample = pa.array(list(texts()[::7]), pa.large_string())

    assert first_difference(encoder(name), sample) is None
    assert encoder(name).encode(sample)[0].tolist() == [
        id_ for text in sample.to_pylist() for id_ in processor(name).encode(text)
    ]


@pytest.mark.parametrize("name", ["ours", "llama", "no_bytes"])
def test_every_character_of_unicode_has_sentencepieces_ids(name: str) -> None:
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    found = ["".join(characters[at : at + 5000]).encode() for at in range(0, len(characters), 5000)]

    assert ids_of(encoder(name), found) == expected(name, found)


@pytest.mark.parametrize("name", ["ours", "strings", "equal_scores", "whole_lines", "dense"])
def test_a_word_of_many_characters_has_sentencepieces_ids(name: str) -> None:
    letters = random.Random(3)
    for alphabet in ("a", "ab", "the", "etaoinshrd", "\u0e01\u0e32\u0e23", "<a><b>", " ", "χψω"):
        for length in (63, 64, 65, 66, 129, 20_000):
            word = "".join(letters.choice(alphabet) for _ in range(length)).encode()
            assert ids_of(encoder(name), [word]) == expected(name, [word])


def test_a_word_of_300_000_characters_takes_no_quadratic_time() -> None:
    letters = random.Random(4)
    word = "".join(letters.choice("χψω") for _ in range(300_000)).encode()

    assert ids_of(encoder("dense"), [word]) == expected("dense", [word])


@pytest.mark.slow
def test_a_line_of_10_mb_has_sentencepieces_ids() -> None:
    line = " ".join(texts()).replace("\n", " ").encode()
    line = (line * (1 + 10_000_000 // len(line)))[:10_000_000]

    assert ids_of(encoder("ours"), [line]) == expected("ours", [line])
    assert ids_of(encoder("dense"), ["χψω".encode() * 500_000]) == expected("dense", ["χψω".encode() * 500_000])


@settings(deadline=None, max_examples=30)
@given(st.lists(documents(), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_ids_depend_neither_on_the_batch_nor_on_what_came_before(found: list[bytes], random_: random.Random) -> None:
    one, other = encoder("ours"), Encoder(MODELS["ours"](), "fresh")
    other._idle.append(new_fragment_cache(16, 256))  # forgets all the time
    shuffled = random_.sample(found, len(found))
    together = dict(zip(shuffled, ids_of(other, shuffled), strict=True))

    assert [ids_of(one, [document])[0] for document in found] == [together[document] for document in found]


def test_threads_do_not_disturb_each_other() -> None:
    one = Encoder(MODELS["ours"](), "threads")
    parts = [pa.array(list(texts()[at::4]), pa.large_string()) for at in range(4)] * 2
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(one.encode, parts))

    for part, (ids, ends) in zip(parts, together, strict=True):
        alone = one.encode(part)
        assert np.array_equal(alone[0], ids)
        assert np.array_equal(alone[1], ends)


@pytest.mark.parametrize("reason", PLAIN)
def test_other_models_are_left_to_sentencepiece_with_a_reason(reason: str) -> None:
    one = Encoder(PLAIN[reason](), "other")
    plain = sentencepiece.SentencePieceProcessor(model_proto=PLAIN[reason]())
    found = [b" The  quick\n brown \xff fox ", b"", "１２ ﬁ".encode()]

    assert (one.is_native, one.reason) == (False, reason)
    assert ids_of(one, found) == [plain.encode(document) for document in found]


def test_ours_can_be_left_to_sentencepiece_too() -> None:
    one = Encoder(MODELS["ours"](), "ours", plain=True)

    assert not one.is_native
    assert one.reason == "plain SentencePiece was asked for"
    assert ids_of(one, [b"a b"]) == expected("ours", [b"a b"])


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string()])
def test_slices_nulls_and_both_widths_of_arrow_are_read(type_: Any) -> None:
    whole = pa.array(["not this", "", "some text", None, "more\n", "nor this"], type_)
    ids, ends = encoder("ours").encode(whole[1:5])

    assert ends[0] == ends[1] == 0
    assert ends[2] == ends[3]
    assert ids.dtype == np.int32
    assert ids[: ends[2]].tolist() == processor("ours").encode("some text")
    assert ids[ends[3] :].tolist() == processor("ours").encode("more\n")
    assert [part.tolist() for part in encoder("ours").encode(whole[:0])] == [[], [0]]


def test_the_self_test_names_the_first_difference() -> None:
    one = Encoder(MODELS["ours"](), "ours")
    one.plain = PlainEncoder(MODELS["llama"](), "llama")
    first, second = processor("ours").encode("text"), processor("llama").encode("text")

    assert first_difference(one, pa.array(["", "text"])) == (
        f"text 1, id 0: {', '.join(map(str, first[:4]))} where SentencePiece has {', '.join(map(str, second[:4]))}"
    )


def test_ids_are_decoded() -> None:
    text = " Leading  and trailing \n\x00 ☃ "

    assert encoder("ours").decode(encoder("ours").encode(pa.array([text]))[0].tolist()) == text
