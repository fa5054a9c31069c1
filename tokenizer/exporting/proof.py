"""The proof that two tokenizers are one: the same ids for the same texts, and the same text for the same ids."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tokenizer.model_file import Model

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor
    from tokenizers import Tokenizer

AT_ONCE_BYTES = 1 << 20
"""Text that is encoded at once."""
LISTED = 20
"""Differences that are shown; all are counted."""
EXCERPT = 20
"""Characters of a text that are shown before and behind the place of a difference."""


@dataclass
class Compared:
    """How much was compared."""

    documents: int = 0
    bytes: int = 0
    """Of UTF-8."""
    ids: int = 0
    exact: int = 0
    """Documents whose ids decode to exactly their text."""


@dataclass(frozen=True)
class Difference:
    """A text for which the tokenizers differ."""

    where: str
    """Which texts it is of."""
    what: str
    """`ids` or `decoded text`."""
    position: int
    """Of the first id, or character, that differs."""
    excerpt: str
    """The text around it."""
    expected: str
    """What SentencePiece says, from there on."""
    found: str

    def __str__(self) -> str:
        """One line of the list that a user sees."""
        return (
            f"{self.where}: {self.what} at {self.position:,}: SentencePiece {self.expected}, "
            f"tokenizers {self.found}, in {self.excerpt!r}"
        )


@dataclass
class Proof:
    """What was compared, by where the texts are from, and what differed."""

    compared: dict[str, Compared] = field(default_factory=dict)
    differing: int = 0
    """Documents that differ."""
    differences: list[Difference] = field(default_factory=list)
    """The first of them."""

    def total(self) -> Compared:
        """The sums over everything that was compared."""
        found = self.compared.values()
        return Compared(
            sum(one.documents for one in found),
            sum(one.bytes for one in found),
            sum(one.ids for one in found),
            sum(one.exact for one in found),
        )

    def note(self, difference: Difference) -> None:
        """Count a difference; keep it while there are few."""
        self.differing += 1
        if len(self.differences) < LISTED:
            self.differences.append(difference)


def prove(model: Model, tokenizer: "Tokenizer", texts: Mapping[str, Iterable[str]]) -> Iterator[Proof]:
    """Compare on all `texts`, by name of where they are from; the proof so far, now and then.

    Both ways: ids of `tokenizers` decoded by SentencePiece, ids of SentencePiece decoded by `tokenizers`. Texts are
    Unicode without surrogates, as only such can be given to either.
    """
    from sentencepiece import SentencePieceProcessor

    reference, proof = SentencePieceProcessor(model_proto=model.data), Proof()
    _compare_vocabularies(model, tokenizer, proof)
    for where, documents in texts.items():
        proof.compared[where] = Compared()
        for batch in _batches(documents):
            _compare(reference, tokenizer, where, batch, proof)
            yield proof
    yield proof


def _compare_vocabularies(model: Model, tokenizer: "Tokenizer", proof: Proof) -> None:
    for number in range(max(model.vocab_size, tokenizer.get_vocab_size())):
        expected = model.pieces[number].text if number < model.vocab_size else None
        found = tokenizer.id_to_token(number)
        if found != expected:
            proof.note(Difference("vocabulary", "piece", number, "", repr(expected), repr(found)))


def _batches(documents: Iterable[str]) -> Iterator[list[str]]:
    batch, size = [], 0
    for document in documents:
        batch.append(document)
        size += len(document)
        if size >= AT_ONCE_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _compare(
    reference: "SentencePieceProcessor", tokenizer: "Tokenizer", where: str, batch: Sequence[str], proof: Proof
) -> None:
    expected: list[list[int]] = reference.encode(list(batch))
    found = [one.ids for one in tokenizer.encode_batch_fast(list(batch), add_special_tokens=False)]
    forward: list[str] = reference.decode(found)
    backward = tokenizer.decode_batch(expected)
    sums = proof.compared[where]
    for text, ids, others, decoded, also in zip(batch, expected, found, forward, backward, strict=True):
        sums.documents += 1
        sums.bytes += len(text.encode())
        sums.ids += len(ids)
        sums.exact += decoded == text
        if ids != others:
            position = _first_difference(ids, others)
            around = _around(text, len(reference.decode(ids[:position])))
            proof.note(Difference(where, "ids", position, around, *_shown(position, ids, others)))
        elif decoded != also:
            position = _first_difference(decoded, also)
            around = _around(text, position)
            proof.note(Difference(where, "decoded text", position, around, *_shown(position, decoded, also)))


def _first_difference(one: Sequence[object], other: Sequence[object]) -> int:
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )


def _around(text: str, position: int) -> str:
    return text[max(position - EXCERPT, 0) : position + EXCERPT]


def _shown(position: int, one: Sequence[object], other: Sequence[object]) -> tuple[str, str]:
    """A few of both from the place on."""
    return repr(one[position : position + 4]), repr(other[position : position + 4])
