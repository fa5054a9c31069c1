"""A corpus of some shards whose every token tells where it stands, and a course over it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.trainer.token_files import write_shard
from trainer.corpus import Corpus, CorpusSizes, ShardFile, UnitSize
from trainer.course import PARTS, Course, Parts, Stretch
from trainer.order import Order

SEQ_LEN = 4
TOKENS = {
    "english": {"news": [50, 3, 81], "tales": [5, 5, 41]},
    "others": {"de": [30], "fr": [1, 120], "zu": [4]},
}
"""Tokens of every shard; the last unit has no window."""
SHARES = {"english": {"news": 0.75, "tales": 0.25}, "others": {"de": 0.5, "fr": 0.5, "zu": 0.0}}


@dataclass(frozen=True)
class Small:
    """Both."""

    corpus: Corpus
    course: Course


def small(folder: Path, dtype: str = "<i4", batches: tuple[int, ...] = (4, 8, 12)) -> Small:
    """Shard s has the tokens 1000 s, 1000 s + 1 and so on; three phases of ten steps, 70 % English."""
    units: dict[str, dict[str, tuple[ShardFile, ...]]] = {}
    number = 0
    for domain, of_domain in TOKENS.items():
        for unit, lengths in of_domain.items():
            shards = []
            for length in lengths:
                ids = list(range(1000 * number, 1000 * number + length))
                shards.append(ShardFile(write_shard(folder / unit / f"{number:06}", [ids], dtype), length))
                number += 1
            units.setdefault(domain, {})[unit] = tuple(shards)
    sizes = CorpusSizes(
        {d: {u: UnitSize.of((s.tokens for s in found), SEQ_LEN) for u, found in of.items()} for d, of in units.items()},
        SEQ_LEN,
        vocab_size=10_000,
        fingerprint="small",
    )
    corpus = Corpus(sizes, np.dtype(dtype), units, {}, has_sidecars=False)
    return Small(corpus, course_over(corpus, batches))


def course_over(corpus: Corpus, batches: tuple[int, ...]) -> Course:
    """Ten steps with each of these batches."""
    domains = {"english": round(0.7 * PARTS), "others": PARTS - round(0.7 * PARTS)}
    parts = Parts(domains, {d: {u: round(share * PARTS) for u, share in of.items()} for d, of in SHARES.items()})
    cursors = {domain: dict.fromkeys(of, 0) for domain, of in corpus.units.items()}
    stretches = []
    first = 0

    for batch in batches:
        stretches.append(Stretch(f"batch {batch}", first, first + 10 * batch, batch, parts, cursors))
        first += 10 * batch
        so_far = Course(11, corpus.sizes.seq_len, corpus.sizes.windows, "small", tuple(stretches), ())
        cursors = Order(so_far).cursors(first)
    return so_far
