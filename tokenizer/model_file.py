"""A SentencePiece `.model`: read from bytes that nobody vouches for, and written with other pieces.

What is read here is what SentencePiece itself would accept, and nothing else: its C++ is only given bytes that have
passed. Its rules are those of `ModelInterface::InitializePieces` and `SentencePieceProcessor::Load` of 0.2.3.
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from datapipe.output import RunError
from tokenizer.wire_format import (
    BYTES,
    FIXED32,
    VARINT,
    Settings,
    WireError,
    bytes_field,
    fields,
    replace_varint,
    varint,
)

Kind = Literal["normal", "unknown", "control", "user_defined", "unused", "byte"]
ModelType = Literal["unigram", "bpe", "word", "char"]

SPACE = "\u2581"
"""How a space is written in pieces."""
MAX_BYTES = 1 << 28
"""Of a model; one of 256,000 pieces has 4.5 million."""
MAX_PIECES = 1 << 22
"""Of a model. A token has to fit an int32, and a vocabulary the memory of a test of its soundness."""
BYTE_PIECES = frozenset(f"<0x{byte:02X}>" for byte in range(256))
"""All of them stand in a model that falls back to bytes."""
MAX_PIECE_BYTES = 7_999
"""SentencePiece refuses longer pieces (`kMaxPieceSize`)."""

_KINDS: dict[int, Kind] = {1: "normal", 2: "unknown", 3: "control", 4: "user_defined", 5: "unused", 6: "byte"}
_NUMBERS = {kind: number for number, kind in _KINDS.items()}
_MODEL_TYPES: dict[int, ModelType] = {1: "unigram", 2: "bpe", 3: "word", 4: "char"}
_PIECES, _TRAINER, _NORMALIZER, _DENORMALIZER = 1, 2, 3, 5  # fields of ModelProto, in sentencepiece_model.proto
_TEXT, _SCORE, _KIND = 1, 2, 3  # of SentencePiece
_MODEL_TYPE, _VOCAB_SIZE, _SUFFIX, _BYTE_FALLBACK, _BOS, _EOS, _PAD = 3, 4, 24, 35, 46, 47, 48  # of TrainerSpec
_CHARSMAP, _DUMMY_PREFIX, _EXTRA_SPACES, _ESCAPE = 2, 3, 4, 5  # of NormalizerSpec
_TRAINER_WIRES = dict.fromkeys((_MODEL_TYPE, _SUFFIX, _BYTE_FALLBACK), VARINT) | dict.fromkeys(
    (_BOS, _EOS, _PAD), BYTES
)
_NORMALIZER_WIRES = {_CHARSMAP: BYTES, _DUMMY_PREFIX: VARINT, _EXTRA_SPACES: VARINT, _ESCAPE: VARINT}
_PIECE_WIRES = {_TEXT: BYTES, _SCORE: FIXED32, _KIND: VARINT}
_FLOAT = struct.Struct("<f")


class Piece(NamedTuple):
    """One entry of a vocabulary; its id is its place."""

    text: str
    """Spaces are U+2581."""
    score: float
    """A 32-bit float. In BPE the pair whose piece has the highest score is merged first."""
    kind: Kind


@dataclass(frozen=True)
class Model:
    """What a `.model` says."""

    name: str
    """What it is called in messages: its path."""
    data: bytes
    """The file."""
    pieces: tuple[Piece, ...]
    model_type: ModelType
    byte_fallback: bool
    """Whether a character without a piece becomes the pieces of its bytes."""
    unk_id: int
    """-1, here and below, where there is none."""
    bos_id: int
    eos_id: int
    pad_id: int
    add_dummy_prefix: bool
    """Whether each text gets a space in front (behind, with `treat_whitespace_as_suffix`)."""
    remove_extra_whitespaces: bool
    escape_whitespaces: bool
    """Whether a space becomes U+2581 before it is looked for in pieces."""
    treat_whitespace_as_suffix: bool
    is_identity: bool
    """Whether text is taken as it is: no rules of normalisation."""

    @property
    def vocab_size(self) -> int:
        """Number of pieces, of every kind."""
        return len(self.pieces)

    @cached_property
    def max_piece_length(self) -> int:
        """Characters of the longest normal or user-defined piece; 0 without one."""
        return max((len(one.text) for one in self.pieces if one.kind in ("normal", "user_defined")), default=0)

    @cached_property
    def fingerprint(self) -> str:
        """32 hex digits of the xxh3_128 of the file: token shards and trainers are compared by it."""
        from xxhash import xxh3_128_hexdigest

        return str(xxh3_128_hexdigest(self.data))

    def with_pieces(self, pieces: Sequence[Piece]) -> bytes:
        """The file with these pieces, its stated size too, and everything else as it is."""
        written = [bytes_field(_PIECES, _written(piece)) for piece in pieces]
        for field in fields(self.data, 0, len(self.data)):
            content = self.data[field.value : field.end]
            if field.number == _TRAINER:
                written.append(bytes_field(_TRAINER, replace_varint(content, _VOCAB_SIZE, len(pieces))))
            elif field.number != _PIECES:
                written.append(self.data[field.start : field.end])
        return b"".join(written)


def read_model(data: bytes, name: str) -> Model:
    """The model in `data`, called `name` in messages. Raises RunError, in one line, for anything that is none."""
    if len(data) > MAX_BYTES:
        raise RunError(f"{name}: {len(data):,} bytes; a SentencePiece model has {MAX_BYTES:,} at most")
    try:
        return _model(data, name)
    except WireError as error:
        raise RunError(f"{name}: not a SentencePiece model, or damaged: {error}") from None


def _model(data: bytes, name: str) -> Model:
    spans: dict[int, list[tuple[int, int]]] = {_PIECES: [], _TRAINER: [], _NORMALIZER: [], _DENORMALIZER: []}
    for field in fields(data, 0, len(data)):
        if field.number in spans:
            if field.wire != BYTES:
                raise WireError(field.start, f"field {field.number} of wire type {field.wire}")
            spans[field.number].append((field.value, field.end))
    trainer = Settings(data, spans[_TRAINER], _TRAINER_WIRES)
    normalizer = Settings(data, spans[_NORMALIZER], _NORMALIZER_WIRES)
    Settings(data, spans[_DENORMALIZER], _NORMALIZER_WIRES)
    model_type = trainer.number(_MODEL_TYPE, 1)
    if not spans[_PIECES]:
        raise RunError(f"{name}: not a SentencePiece model: it has no pieces")
    if len(spans[_PIECES]) > MAX_PIECES:
        raise RunError(f"{name}: {len(spans[_PIECES]):,} pieces; {MAX_PIECES:,} at most are possible")
    if model_type not in _MODEL_TYPES:
        raise RunError(f"{name}: model type {model_type}; expected one of 1 to 4, {', '.join(_MODEL_TYPES.values())}")
    pieces = tuple(_piece(data, start, end) for start, end in spans[_PIECES])
    has_bytes = bool(trainer.number(_BYTE_FALLBACK, 0))
    ids = _ids(pieces, has_bytes, name)

    def special(field: int, default: str, kind: Kind) -> int:
        found = ids.get(trainer.bytes(field).decode(errors="replace") or default, -1)
        return found if found >= 0 and pieces[found].kind == kind else -1

    return Model(
        name=name,
        data=data,
        pieces=pieces,
        model_type=_MODEL_TYPES[model_type],
        byte_fallback=has_bytes,
        unk_id=next((number for number, piece in enumerate(pieces) if piece.kind == "unknown"), -1),
        bos_id=special(_BOS, "<s>", "control"),
        eos_id=special(_EOS, "</s>", "control"),
        pad_id=special(_PAD, "<pad>", "control"),
        add_dummy_prefix=bool(normalizer.number(_DUMMY_PREFIX, 1)),
        remove_extra_whitespaces=bool(normalizer.number(_EXTRA_SPACES, 1)),
        escape_whitespaces=bool(normalizer.number(_ESCAPE, 1)),
        treat_whitespace_as_suffix=bool(trainer.number(_SUFFIX, 0)),
        is_identity=not normalizer.bytes(_CHARSMAP),
    )


def _piece(data: bytes, start: int, end: int) -> Piece:
    text, score, kind = b"", 0.0, 1
    for field in fields(data, start, end):
        if _PIECE_WIRES.get(field.number, field.wire) != field.wire:
            raise WireError(field.start, f"field {field.number} of wire type {field.wire} in a piece")
        if field.number == _TEXT:
            text = data[field.value : field.end]
        elif field.number == _SCORE:
            score = _FLOAT.unpack_from(data, field.value)[0]
        elif field.number == _KIND:
            kind = field.value
    if kind not in _KINDS:
        raise WireError(start, f"a piece of kind {kind}; expected 1 to 6")
    if not 0 < len(text) <= MAX_PIECE_BYTES:
        raise WireError(start, f"a piece of {len(text):,} bytes; expected 1 to {MAX_PIECE_BYTES:,}")
    if not math.isfinite(score):
        raise WireError(start, f"a piece with the score {score}")
    try:
        return Piece(text.decode(), score, _KINDS[kind])
    except UnicodeDecodeError:
        raise WireError(start, "a piece that is not UTF-8") from None


def _ids(pieces: Sequence[Piece], has_bytes: bool, name: str) -> dict[str, int]:
    """Piece -> id, once the pieces are known to go together."""
    ids: dict[str, int] = {}
    unknown, bytes_ = [], set()
    for number, piece in enumerate(pieces):
        if ids.setdefault(piece.text, number) != number:
            raise RunError(f"{name}: piece {number:,}, {piece.text!r}, is piece {ids[piece.text]:,} already")
        if "\0" in piece.text:
            raise RunError(f"{name}: piece {number:,}, {piece.text!r}, has a NUL character")
        if piece.kind == "unknown":
            unknown.append(number)
        elif piece.kind == "byte":
            bytes_.add(piece.text)
    if bytes_ != (BYTE_PIECES if has_bytes else set()):
        expected = "<0x00> to <0xFF>, as it falls back to bytes" if has_bytes else "none without byte_fallback"
        raise RunError(f"{name}: {len(bytes_)} byte pieces; expected {expected}")
    if len(unknown) > 1 or not (unknown or has_bytes):
        raise RunError(f"{name}: {len(unknown)} pieces for what is unknown; expected 1")
    return ids


def _written(piece: Piece) -> bytes:
    kind = b"" if piece.kind == "normal" else varint(_KIND << 3 | VARINT) + varint(_NUMBERS[piece.kind])
    score = varint(_SCORE << 3 | FIXED32) + _FLOAT.pack(piece.score)
    return bytes_field(_TEXT, piece.text.encode()) + score + kind
