"""Which documents of a run are like a given text: its signature against the stored ones, by datasketch.

datasketch's `MinHashLSH` holds the given text, and every stored signature, which is a `LeanMinHash` as it is, asks it:
so memory does not grow with the run.
"""

import heapq
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapipe import storage
from datapipe.dedup.near.signed_documents import signatures
from datapipe.loading.located_yaml import RecipeError
from datapipe.locating import Library
from datapipe.passes.rounds import Round, rounds_of, signature_stage
from datapipe.shard_files import Upstream, open_aligned

SEED, SCHEME = 1, "affine32"
"""Of the permutations, in datasketch's words: those of the stage `minhash`."""
Values = npt.NDArray[np.uint32]


@dataclass(frozen=True, order=True)
class Alike:
    """A document that has a band in common with the given text."""

    jaccard: float
    """As the signatures estimate it."""
    id: str
    drop_reason: str
    text: str = ""


@dataclass(frozen=True)
class Search:
    """What was found, the most alike first, and among how many documents."""

    searched: int
    documents: tuple[Alike, ...]


def find_alike(library: Library, one: Round, text_file: str, count: int) -> Search:
    """The documents most like the text of a file (`-`: standard input), whether they were kept or not.

    Raises RecipeError where datasketch is not there, or there is nothing to compare.
    """
    try:
        from datasketch import LeanMinHash, MinHashLSH
    except ModuleNotFoundError:
        raise RecipeError("--like needs datasketch: pip install 'datasketch>=2'") from None
    assert one.near is not None, "a round of near-duplicates"
    bands, rows = one.near.banding
    if bands < 2:
        raise RecipeError("--like needs two bands or more: datasketch's MinHashLSH takes no fewer")
    given = LeanMinHash(seed=SEED, hashvalues=_signature(one, text_file), scheme=SCHEME)
    index = MinHashLSH(num_perm=bands * rows, params=(bands, rows))
    index.insert("given", given)
    searched, best = 0, list[Alike]()
    for identifier, reason, values in _stored(library, one):
        searched += 1
        signature = LeanMinHash(seed=SEED, hashvalues=values, scheme=SCHEME)
        if index.query(signature):
            best = heapq.nlargest(count, [*best, Alike(given.jaccard(signature), identifier, reason)])
    texts = library.texts(found.id for found in best)
    documents = [Alike(found.jaccard, found.id, found.drop_reason, texts.get(found.id, "")) for found in best]
    return Search(searched, tuple(documents))


def _signature(one: Round, text_file: str) -> Values:
    """Of the given text."""
    assert one.near is not None, "a round of near-duplicates"
    data = sys.stdin.buffer.read() if text_file == "-" else storage.read_bytes(text_file)
    text = pa.array([data.decode("utf-8", "replace")], pa.large_string())
    stage = signature_stage(one.near)
    signed = stage(pa.RecordBatch.from_arrays([text], ["text"]))
    if signed["signature"].null_count:
        raise RecipeError(f"{text_file}: no words to compare")
    values: Values = signatures(signed, stage.permutations)[0]
    return values


def _stored(library: Library, one: Round) -> Iterator[tuple[str, str, Values]]:
    """Id, drop reason and signature of all documents that have one."""
    assert one.near is not None, "a round of near-duplicates"
    bands, rows = one.near.banding
    last = rounds_of(library.recipe)[-1]
    upstream = (
        Upstream("documents", library.home, ("id",)),
        Upstream("annotations", one.pass_name, ("signature",)),
        Upstream("annotations", last.name, ("drop_reason",)),
    )
    for shard in library.all_shards():
        for batch in open_aligned(library.folder, shard, upstream):
            known = batch.filter(batch["signature"].is_valid())
            values = signatures(known, bands * rows)
            reasons: list[Any] = known["drop_reason"].to_pylist()
            yield from zip(known["id"].to_pylist(), (reason or "" for reason in reasons), values, strict=True)
