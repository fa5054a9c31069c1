"""From the pieces of a model to the tables that the encoding kernels work with."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tokenizer.kernels.merge_tables import (
    MergeTables,
    add_inner_characters,
    collect_pairs,
    fill_neighbours,
    fill_symbols,
    neighbour_keys,
    new_neighbour_bits,
    new_pairs,
)
from tokenizer.kernels.string_table import StringTable, new_string_table
from tokenizer.model_file import SPACE, Model

MAX_PIECE_BYTES = 1024
"""Every way to split a piece is looked at, which takes the square of its length. SentencePiece trains none as long."""
_CODES = 0x110000
_TRIE_RESULTS = 64
"""SentencePiece finds so many user-defined symbols at most that begin at one place (`PrefixMatcher`)."""


def why_not_native(model: Model) -> str | None:
    """Why the ids of this model are left to SentencePiece, in words; None where our kernels give the same."""
    user = {piece.text for piece in model.pieces if piece.kind == "user_defined"}
    reasons = {
        f"it is a {model.model_type} model, not BPE": model.model_type != "bpe",
        "it normalises text": not model.is_identity,
        "it removes extra white space": model.remove_extra_whitespaces,
        "it does not escape white space": not model.escape_whitespaces,
        "it has unused pieces": any(piece.kind == "unused" for piece in model.pieces),
        f"it has pieces of more than {MAX_PIECE_BYTES:,} bytes": any(
            len(piece.text.encode()) > MAX_PIECE_BYTES for piece in model.pieces
        ),
        f"{_TRIE_RESULTS} of its user-defined symbols begin with each other": any(
            sum(text[:length] in user for length in range(1, len(text) + 1)) >= _TRIE_RESULTS
            for text in user
            if len(text) >= _TRIE_RESULTS
        ),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def merge_tables(model: Model) -> MergeTables:
    """The tables of a model for which `why_not_native` has no reason."""
    pieces, ids = _strings(model, "normal")
    user, user_ids = _strings(model, "user_defined")
    symbol_of = np.full(_CODES, -1, np.int32)
    fill_symbols(pieces, ids, symbol_of)
    fill_symbols(user, user_ids, symbol_of)
    add_inner_characters(pieces, symbol_of, model.vocab_size)
    several = [piece.text for piece in model.pieces if piece.kind == "user_defined" and len(piece.text) > 1]
    strings, string_ids = _strings(model, "user_defined", least=2)
    begins_string = np.zeros(_CODES, np.bool_)
    begins_string[[ord(_plain(text)[0]) for text in several]] = True
    keys = np.unique(np.concatenate([neighbour_keys(pieces), neighbour_keys(user)]))
    ascii_, bits = np.zeros(128 * 128, np.bool_), new_neighbour_bits(len(keys))
    fill_neighbours(keys, ascii_, bits)
    return MergeTables(
        pairs=_pairs(model, pieces, ids, symbol_of),
        symbol_of=symbol_of,
        begins_string=begins_string,
        strings=strings,
        string_ids=string_ids,
        longest_string=max((len(_plain(text).encode()) for text in several), default=0),
        ascii_neighbours=ascii_,
        neighbours=bits,
        byte_ids=_byte_ids(model),
        unk_id=-1 if model.byte_fallback else model.unk_id,
        vocab_size=model.vocab_size,
    )


def _plain(text: str) -> str:
    return text.replace(SPACE, " ")


def _strings(model: Model, kind: str, least: int = 1) -> tuple[StringTable, npt.NDArray[np.int32]]:
    """Pieces of that kind and of at least so many characters, with spaces as they are in text, and their ids.

    One that holds a space instead of U+2581 is left out: nothing is ever found to be it.
    """
    found = [
        (id_, _plain(piece.text).encode())
        for id_, piece in enumerate(model.pieces)
        if piece.kind == kind and " " not in piece.text and len(piece.text) >= least
    ]
    texts = [text for _, text in found]
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts], dtype=np.int64)])
    table = new_string_table(np.frombuffer(b"".join(texts), np.uint8), offsets.astype(np.int64))
    return table, np.array([id_ for id_, _ in found], np.int32)


def _pairs(
    model: Model, pieces: StringTable, ids: npt.NDArray[np.int32], symbol_of: npt.NDArray[np.int32]
) -> npt.NDArray[np.uint64]:
    keys, made = np.empty(len(pieces.data), np.uint64), np.empty(len(pieces.data), np.int64)
    count = collect_pairs(pieces, ids, symbol_of, model.vocab_size, keys, made)
    results = ids[made[:count]].astype(np.uint64)
    ranks = _ranks([piece.score for piece in model.pieces])[results]
    return np.asarray(new_pairs(keys[:count], ranks << np.uint64(32) | results))


def _ranks(scores: Sequence[float]) -> npt.NDArray[np.uint64]:
    """0 for the highest score, and so on; equal for equal ones. SentencePiece tells -0.0 from 0.0, and so do we."""
    bits = np.array(scores, np.float32).view(np.int32).astype(np.int64)
    order = np.where(bits >= 0, bits, -1 - (bits & 0x7FFFFFFF))
    return np.unique(-order, return_inverse=True)[1].astype(np.uint64)


def _byte_ids(model: Model) -> npt.NDArray[np.int32]:
    byte_ids = np.full(256, -1, np.int32)
    for id_, piece in enumerate(model.pieces):
        if piece.kind == "byte":
            byte_ids[int(piece.text[3:5], 16)] = id_
    return byte_ids
