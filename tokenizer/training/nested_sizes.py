"""Smaller vocabularies out of a larger one, without training again."""

from datapipe.output import RunError
from tokenizer.model_file import Model, Piece
from tokenizer.recipe import VOCABULARY_MULTIPLE


def merges_of(model: Model) -> list[Piece]:
    """The pieces that merges made, in the order of the merges."""
    return [piece for piece in model.pieces if piece.kind == "normal" and len(piece.text) > 1]


def no_room(vocab_size: int, others: int) -> str:
    """What to tell where symbols and characters, `others`, are more than the vocabulary."""
    least = -(-others // VOCABULARY_MULTIPLE) * VOCABULARY_MULTIPLE
    return (
        f"train.vocab_sizes: {vocab_size:,} pieces have no room for the {others:,} symbols, bytes and single "
        f"characters there are: choose at least {least:,}, or lower train.character_coverage"
    )


def cut_to(model: Model, vocab_size: int) -> bytes:
    """The model that training `vocab_size` pieces on the same rows gives, byte by byte.

    The trainer chooses its characters before it looks at the size, and a merge does not know how many follow: a smaller
    vocabulary is the first merges of the larger one and all of its characters. Raises RunError where these alone are
    more than `vocab_size`.
    """
    merges = merges_of(model)
    others = model.vocab_size - len(merges)
    if others > vocab_size:
        raise RunError(no_room(vocab_size, others))
    kept = merges[: vocab_size - others]
    fixed = [piece for piece in model.pieces if piece.kind != "normal"]
    characters = [piece for piece in model.pieces if piece.kind == "normal" and len(piece.text) == 1]
    ranked = [piece._replace(score=-float(len(kept) + rank)) for rank, piece in enumerate(characters)]
    return model.with_pieces([*fixed, *kept, *ranked])
