"""Which documents of a run are like a given text: its signature against the stored ones, by datasketch.

datasketch's `MinHashLSH` holds the given text, and every stored signature, which is a `LeanMinHash` as it is, asks it:
so memory does not grow with the run.
"""

import dataclasses
import heapq
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datapipe import storage
from datapipe.dedup.near.signed_documents import SIGNATURE, signatures
from datapipe.loading.located_yaml import RecipeError
from datapipe.locating import Library
from datapipe.passes.rounds import Round, rounds_of, signature_stage
from datapipe.shard_files import Upstream, open_aligned

SEED, SCHEME = 1, "affine32"
"""Of the permutations, in datasketch's words: those of the stage `minhash`."""
Values = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Alike:
    """A document that has a band in common with the given text."""

    jaccard: float
    """As the signatures estimate it."""
    id: str
    drop_reason: str | None
    text: str = ""


@dataclass(frozen=True)
class Search:
    """What was found, the most alike first, and among how many documents."""

    searched: int
    documents: tuple[Alike, ...]


def find_alike(library: Library, one: Round, text_file: str, count: int) -> Search:
    """The documents most like the text of a file (`-`: standard input), whether they were kept or not.

    Raises RecipeError where there is nothing to compare.
    """
    from datasketch import LeanMinHash, MinHashLSH

    assert one.near is not None, "a round of near-duplicates"
    bands, rows = one.near.banding
    if bands < 2:
        raise RecipeError("--like needs two bands or more: datasketch's MinHashLSH takes no fewer")
    given = LeanMinHash(seed=SEED, hashvalues=_signature(one, text_file), scheme=SCHEME)
    index = MinHashLSH(num_perm=bands * rows, params=(bands, rows))
    index.insert("given", given)
    searched, best = 0, list[Alike]()
    for batch in _stored(library, one):
        searched += batch.num_rows
        values = signatures(batch, bands * rows)
        # An equal band begins with an equal value: few signatures have to be made objects of to be asked for more.
        for row in np.flatnonzero((values[:, ::rows] == given.hashvalues[::rows]).any(axis=1)).tolist():
            signature = LeanMinHash(seed=SEED, hashvalues=values[row], scheme=SCHEME)
            if index.query(signature):
                identifier, reason = (batch[name][row].as_py() for name in ("id", "drop_reason"))
                best.append(Alike(given.jaccard(signature), identifier, reason))
        best = heapq.nsmallest(count, best, key=lambda one: (-one.jaccard, one.id))
    texts = library.texts(one.id for one in best)
    return Search(searched, tuple(dataclasses.replace(one, text=texts.get(one.id, "")) for one in best))


def _signature(one: Round, text_file: str) -> Values:
    """Of the given text."""
    assert one.near is not None, "a round of near-duplicates"
    data = sys.stdin.buffer.read() if text_file == "-" else storage.read_bytes(text_file)
    text = pa.array([data.decode("utf-8", "replace")], pa.large_string())
    stage = signature_stage(one.near)
    signed = stage(pa.RecordBatch.from_arrays([text], ["text"]))
    if signed[SIGNATURE].null_count:
        raise RecipeError(f"{text_file}: no words to compare")
    values: Values = signatures(signed, stage.permutations)[0]
    return values


def _stored(library: Library, one: Round) -> Iterator[pa.RecordBatch]:
    """Id, drop reason and signature of all documents that have one."""
    upstream = (
        Upstream("documents", library.home, ("id",)),
        Upstream("annotations", one.pass_name, (SIGNATURE,)),
        Upstream("annotations", rounds_of(library.recipe)[-1].name, ("drop_reason",)),
    )
    for shard in library.all_shards():
        for batch in open_aligned(library.folder, shard, upstream):
            yield batch.filter(batch[SIGNATURE].is_valid())
