"""A `.model` is read as SentencePiece reads it; what is none is refused in one line before SentencePiece sees it."""

import struct
from random import Random

import pyarrow as pa
import pytest
import sentencepiece
from hypothesis import given
from hypothesis import strategies as st

from datapipe.output import RunError
from tests.tokenizer.trained_models import trained
from tokenizer.encoding.encoder import Encoder
from tokenizer.encoding.self_test import first_difference
from tokenizer.model_file import Model, Piece, read_model
from tokenizer.wire_format import bytes_field, fields, replace_varint, varint

MUTATIONS = 300
SAMPLE = " The quick\tbrown 狐 १२ \n\x00"


def processor(data: bytes) -> sentencepiece.SentencePieceProcessor:
    return sentencepiece.SentencePieceProcessor(model_proto=data)


def small(pieces: list[Piece], settings: bytes = b"") -> bytes:
    """A model of these pieces, BPE and without normalisation; `settings`: further fields of its trainer's."""
    template = read_model(trained(5000, byte_fallback=False), "template").with_pieces(pieces)
    return template + bytes_field(2, settings)


@pytest.mark.parametrize("kind", ["paper", "llama", "library"])
def test_a_model_is_what_sentencepiece_reads_in_it(kind: str) -> None:
    data = trained(5000, kind)
    model, theirs = read_model(data, "tokenizer.model"), processor(data)

    assert [piece.text for piece in model.pieces] == [theirs.id_to_piece(id_) for id_ in range(theirs.vocab_size())]
    assert [piece.score for piece in model.pieces] == [theirs.get_score(id_) for id_ in range(theirs.vocab_size())]
    for kind, asked in (("control", theirs.is_control), ("unknown", theirs.is_unknown), ("byte", theirs.is_byte)):
        assert [piece.kind == kind for piece in model.pieces] == [asked(id_) for id_ in range(theirs.vocab_size())]
    assert (model.unk_id, model.bos_id) == (theirs.unk_id(), theirs.bos_id())
    assert (model.eos_id, model.pad_id) == (theirs.eos_id(), theirs.pad_id())


def test_the_settings_that_change_ids_are_read() -> None:
    ours, library = (read_model(trained(5000, kind), kind) for kind in ("paper", "library"))

    assert (ours.model_type, library.model_type) == ("bpe", "unigram")
    assert ours.is_identity and not library.is_identity
    assert ours.byte_fallback and not library.byte_fallback
    assert not ours.add_dummy_prefix and library.add_dummy_prefix
    assert not ours.remove_extra_whitespaces and library.remove_extra_whitespaces
    assert not read_model(trained(5000), "").treat_whitespace_as_suffix
    assert read_model(trained(5000, treat_whitespace_as_suffix=True), "").treat_whitespace_as_suffix
    assert ours.max_piece_length == 16


def test_a_fingerprint_is_of_the_file_alone() -> None:
    data = trained(5000)

    assert read_model(data, "one").fingerprint == read_model(data, "other").fingerprint
    assert read_model(data, "one").fingerprint != read_model(trained(3000, "llama"), "one").fingerprint


def test_pieces_written_back_give_the_same_file() -> None:
    for data in (trained(5000), trained(5000, "library")):
        assert read_model(data, "").with_pieces(read_model(data, "").pieces) == data


def test_a_model_cut_to_fewer_pieces_is_one_that_sentencepiece_takes() -> None:
    model = read_model(trained(5000), "")
    kept = model.pieces[:1100] + model.pieces[1200:]
    cut = read_model(model.with_pieces(kept), "")

    assert cut.vocab_size == processor(cut.data).vocab_size() == 4900
    assert cut.pieces == kept
    assert processor(cut.data).decode(processor(cut.data).encode(SAMPLE)) == SAMPLE


UNKNOWN, A = Piece("<unk>", 0, "unknown"), Piece("a", -1, "normal")


PIECES: list[tuple[list[Piece], bytes, str]] = [
    ([], b"", "it has no pieces"),
    ([A], b"", "0 pieces for what is unknown; expected 1"),
    ([UNKNOWN, Piece("<u>", 0, "unknown")], b"", "2 pieces for what is unknown; expected 1"),
    ([UNKNOWN, A, A], b"", "piece 2, 'a', is piece 1 already"),
    ([UNKNOWN, Piece("a\0", 0, "normal")], b"", r"piece 1, 'a\x00', has a NUL character"),
    ([UNKNOWN, Piece("", 0, "normal")], b"", "a piece of 0 bytes; expected 1 to 7,999"),
    ([UNKNOWN, Piece("a" * 8000, 0, "normal")], b"", "a piece of 8,000 bytes"),
    ([UNKNOWN, Piece("a", float("nan"), "normal")], b"", "a piece with the score nan"),
    ([UNKNOWN, Piece("<0x00>", 0, "byte")], b"", "1 byte pieces; expected none without byte_fallback"),
    ([UNKNOWN, A], varint(35 << 3) + varint(1), "0 byte pieces; expected <0x00> to <0xFF>"),
    ([UNKNOWN, A], varint(3 << 3) + varint(9), "model type 9; expected one of 1 to 4"),
]


@pytest.mark.parametrize(("pieces", "settings", "message"), PIECES)
def test_pieces_that_do_not_go_together_are_refused(pieces: list[Piece], settings: bytes, message: str) -> None:
    assert message in refusal(small(pieces, settings))


def test_what_is_no_model_is_refused_in_one_line() -> None:
    assert "not a SentencePiece model: it has no pieces" in refusal(b"")
    assert "byte 0: a number that does not end" in refusal(b"\xff" * 20)
    assert "byte 2: a field of wire type 3" in refusal(b"PK\x03\x04 a zip file")
    assert "bytes where" in refusal(trained(5000)[:-3])
    assert "a piece that is not UTF-8" in refusal(small([UNKNOWN]) + bytes_field(1, bytes_field(1, b"\xff")))
    assert "a piece of kind 7" in refusal(small([UNKNOWN]) + bytes_field(1, bytes_field(1, b"a") + b"\x18\x07"))


def refusal(data: bytes) -> str:
    with pytest.raises(RunError) as error:
        read_model(data, "some/tokenizer.model")
    assert str(error.value).startswith("some/tokenizer.model: ")
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("kind", ["paper", "library"])
def test_damaged_models_are_refused_or_read_as_sentencepiece_reads_them(kind: str) -> None:
    whole, random = read_model(trained(5000, kind), kind), Random(1)
    data = whole.with_pieces(whole.pieces[:1200])
    refused = 0
    for _ in range(MUTATIONS):
        mutated = damaged(data, random)
        try:
            model = read_model(mutated, "damaged")
        except RunError:
            refused += 1
        else:
            assert agrees(model)

    assert 0 < refused < MUTATIONS


def damaged(data: bytes, random: Random) -> bytes:
    """A few bytes changed, or a stretch gone or doubled; most often near an end, where the settings stand."""
    changed = bytearray(data)
    near_end = random.random() < 0.5
    place = random.randrange(max(0, len(data) - 300), len(data)) if near_end else random.randrange(len(data))
    length = random.randrange(1, 9)
    how = random.randrange(3)
    if how == 0:
        for at in range(place, min(len(data), place + random.randrange(1, 4))):
            changed[at] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
    elif how == 1:
        del changed[place : place + length]
    else:
        changed[place:place] = data[place : place + length]
    return bytes(changed)


def agrees(model: Model) -> bool:
    """Whether SentencePiece reads the same in a model that we have let through and encodes as we do, or refuses it."""
    try:
        theirs = processor(model.data)
    except RuntimeError:
        return True
    assert first_difference(Encoder(model.data, model.name), pa.array([SAMPLE, "the theory of " * 9])) is None
    return [piece.text for piece in model.pieces] == [theirs.id_to_piece(id_) for id_ in range(theirs.vocab_size())]


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with pytest.raises(RunError):
        read_model(data, "bytes")


@given(st.integers(0, 2**64 - 1), st.binary(max_size=300))
def test_what_is_written_is_read_back(number: int, content: bytes) -> None:
    message = varint(7 << 3) + varint(number) + bytes_field(600, content) + varint(3 << 3 | 5) + struct.pack("<f", 1.5)
    first, second, third = fields(message, 0, len(message))

    assert (first.number, first.value) == (7, number)
    assert (second.number, message[second.value : second.end]) == (600, content)
    assert (third.number, third.end) == (3, len(message))
    assert replace_varint(message, 7, 5).startswith(varint(7 << 3) + varint(5) + bytes_field(600, content))
