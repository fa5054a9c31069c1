"""What validation measures: the first whole documents of every unit that is held out, as windows.

They stand end to end, as in training; each of their tokens but a unit's first is predicted once, so that bits per byte
can be told: whole documents are as many bytes as their text. The last window is short.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainer.corpus import Corpus, ShardFile
from trainer.documents import DocumentIndex
from trainer.id_checks import first_outside, outside_error
from trainer.open_files import OpenFiles
from trainer.row_buffer import Rows
from trainer.sidecar import read_documents

IGNORED = -100
"""Target of what is not to be predicted, as torch.nn.functional.cross_entropy has it."""
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Span:
    """Tokens of one shard."""

    shard: ShardFile
    first: int
    tokens: int


@dataclass(frozen=True)
class ValidationUnit:
    """Documents of a unit that are held out."""

    domain: str
    unit: str
    documents: int
    bytes: int | None
    """Of text; None where nothing tells."""
    spans: tuple[Span, ...]
    """Where their tokens are, in order."""

    @property
    def targets(self) -> int:
        """Tokens that are predicted."""
        return sum(span.tokens for span in self.spans) - 1


def validation_units(corpus: Corpus, max_tokens: int) -> tuple[ValidationUnit, ...]:
    """The documents of each unit, up to `max_tokens` of them in all.

    Documents longer than that are passed over; a unit that has no others, or only one token, is not among the results.
    """
    found = (
        _first_documents(corpus, domain, unit, shards, max_tokens)
        for domain, units in corpus.validation.items()
        for unit, shards in units.items()
    )
    return tuple(one for one in found if one.targets > 0)


def _first_documents(
    corpus: Corpus, domain: str, unit: str, shards: Sequence[ShardFile], max_tokens: int
) -> ValidationUnit:
    spans: list[Span] = []
    documents = text_bytes = 0
    left = max_tokens
    for shard, first, tokens, size in _documents(corpus, shards):
        if tokens > max_tokens:
            continue
        if tokens > left:
            break
        documents, text_bytes, left = documents + 1, text_bytes + size, left - tokens
        if spans and spans[-1].shard is shard and spans[-1].first + spans[-1].tokens == first:
            spans[-1] = Span(shard, spans[-1].first, spans[-1].tokens + tokens)
        else:
            spans.append(Span(shard, first, tokens))
    return ValidationUnit(domain, unit, documents, text_bytes if corpus.has_sidecars else None, tuple(spans))


def _documents(corpus: Corpus, shards: Sequence[ShardFile]) -> Iterator[tuple[ShardFile, int, int, int]]:
    """Shard, first token, tokens and bytes of each document; 0 bytes where nothing tells."""
    for shard in shards:
        if corpus.has_sidecars:
            for rows in read_documents(shard.prefix, ["first_token", "tokens", "bytes"]):
                columns = [rows[name].to_pylist() for name in ("first_token", "tokens", "bytes")]
                yield from ((shard, *row) for row in zip(*columns, strict=True))
        else:
            with DocumentIndex(shard.prefix) as index:
                for number in range(index.documents):
                    first = index.first_token(number)
                    yield shard, first, index.first_token(number + 1) - first, 0


def validation_windows(corpus: Corpus, unit: ValidationUnit) -> tuple[Ids, Ids]:
    """Inputs and targets, [windows, seq_len] each; behind the last token inputs are 0 and targets IGNORED.

    Raises RunError for files that have changed, and ids that the vocabulary does not have.
    """
    seq_len = corpus.sizes.seq_len
    tokens = np.concatenate([_read(corpus, span) for span in unit.spans]).astype(np.int64)
    windows = -(-(len(tokens) - 1) // seq_len)
    inputs, targets = np.zeros(windows * seq_len, np.int64), np.full(windows * seq_len, IGNORED, np.int64)
    inputs[: len(tokens) - 1], targets[: len(tokens) - 1] = tokens[:-1], tokens[1:]
    return inputs.reshape(windows, seq_len), targets.reshape(windows, seq_len)


def _read(corpus: Corpus, span: Span) -> Rows:
    tokens: Rows = np.empty(span.tokens, corpus.dtype)
    with closing(OpenFiles([span.shard], corpus.dtype.itemsize)) as files:
        files.read(0, span.first, tokens.data.cast("B"))
    wrong = first_outside(tokens, corpus.sizes.vocab_size)
    if wrong is not None:
        raise outside_error(span.shard, span.first + wrong, int(tokens[wrong]), corpus.sizes.vocab_size)
    return tokens
