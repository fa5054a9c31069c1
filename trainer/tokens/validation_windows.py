"""What validation measures: the first whole documents of every unit that is held out, as windows.

They stand end to end, as in training; each of their tokens but a unit's first is predicted once, so that bits per byte
can be told: whole documents are as many bytes as their text. The last window is short.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainer.corpus import Corpus, ShardFile
from trainer.tokens.documents import DocumentIndex
from trainer.tokens.id_checks import first_outside, outside_error
from trainer.tokens.open_files import OpenFiles
from trainer.tokens.row_buffer import Rows
from trainer.tokens.sidecar import read_documents

IGNORED = -100
"""Target of what is not to be predicted, as torch.nn.functional.cross_entropy has it."""
COLUMNS = ("first_token", "tokens", "bytes")
PORTION = 256
"""Documents of other people's files that are looked at together."""
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


def not_measured(corpus: Corpus, units: Iterable[ValidationUnit]) -> list[str]:
    """Units that are held out and not among those of `validation_units`."""
    measured = {(one.domain, one.unit) for one in units}
    held_out = ((domain, unit) for domain, of_domain in corpus.validation.items() for unit in of_domain)
    return [f"{domain}/{unit}" for domain, unit in held_out if (domain, unit) not in measured]


def _first_documents(
    corpus: Corpus, domain: str, unit: str, shards: Sequence[ShardFile], max_tokens: int
) -> ValidationUnit:
    spans: list[Span] = []
    documents = text_bytes = 0
    left = max_tokens
    for shard, first, tokens, sizes in _documents(corpus, shards):
        could_fit = tokens <= max_tokens
        no_longer = np.flatnonzero(could_fit & (np.cumsum(np.where(could_fit, tokens, 0)) > left))
        until = int(no_longer[0]) if len(no_longer) else len(tokens)
        taken = np.flatnonzero(could_fit[:until])
        spans += _spans(shard, first[taken], tokens[taken])
        documents, text_bytes = documents + len(taken), text_bytes + int(sizes[taken].sum())
        left -= int(tokens[taken].sum())
        if len(no_longer):
            break
    return ValidationUnit(domain, unit, documents, text_bytes if corpus.has_sidecars else None, tuple(spans))


def _spans(shard: ShardFile, first: Ids, tokens: Ids) -> Iterator[Span]:
    """Documents in order, those that follow each other as one."""
    begins = np.ones(len(first), bool)
    begins[1:] = first[1:] != (first + tokens)[:-1]
    starts = np.flatnonzero(begins)
    ends = np.flatnonzero(np.append(begins, True)[1:])
    for one, last in zip(starts.tolist(), ends.tolist(), strict=True):
        yield Span(shard, int(first[one]), int(first[last] + tokens[last] - first[one]))


def _documents(corpus: Corpus, shards: Sequence[ShardFile]) -> Iterator[tuple[ShardFile, Ids, Ids, Ids]]:
    """Portions of documents: shard, and of each first token, tokens and bytes; 0 bytes where nothing tells."""
    for shard in shards:
        if corpus.has_sidecars:
            for rows in read_documents(shard.prefix, COLUMNS):
                first, tokens, sizes = (rows[name].to_numpy() for name in COLUMNS)
                yield shard, first, tokens, sizes
        else:
            with DocumentIndex(shard.prefix) as index:
                for number in range(0, index.documents, PORTION):
                    edges = np.array(index.edges(number, min(number + PORTION, index.documents)), np.int64)
                    yield shard, edges[:-1], np.diff(edges), np.zeros(len(edges) - 1, np.int64)


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
