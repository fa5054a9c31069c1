"""Documents in shards, and pairs of them compared as the phases of a round do it."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from datapipe.dedup.identities import id_words
from datapipe.dedup.near.evidence import EVIDENCE_WORDS, evidence_batch, sorted_evidence
from datapipe.dedup.near.index_records import index_records
from datapipe.dedup.near.records import MEMBER_WORDS, PAIR_WORDS, NearForm, block_key
from datapipe.dedup.near.row_keys import first_key
from datapipe.dedup.near.shingle_sets import EarlierShingleTask, ShingleTask, gather_earlier_shingles, gather_shingles
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.dedup.near.verifying import VerifyTask, verify_pairs
from datapipe.exchange import Split
from datapipe.exchange_files import Slice, read_slice, write_records
from datapipe.kernels.minhash import signatures
from datapipe.kernels.packed_records import spread
from datapipe.kernels.packed_sets import pack_sets
from datapipe.kernels.shingles import shingle_sets
from datapipe.kernels.shingling import Shingling
from datapipe.receipts import Receipt
from datapipe.shard_files import Upstream
from datapipe.stage import text_buffers
from datapipe.storage import writing_parquet

FORM = NearForm(Shingling(), 4, 2, (), 16, 0.8, None, "shingles", (), ())
TEXT = (Upstream("documents", "extract", ("id", "text")),)
SIGNED = (Upstream("documents", "extract", ("id",)), Upstream("annotations", "dedup", ("signature",)))
SOURCES = ("old", "web")
"""Of earlier runs, and of this one."""


def texts_of(texts: Sequence[str]) -> pa.Array:
    return pa.array(texts, pa.large_string())


def ids_of(source: str, holder: int, count: int) -> list[str]:
    return [f"{source}/{holder:016x}/{row:010}" for row in range(count)]


def sign(texts: Sequence[str], form: NearForm) -> np.ndarray:
    return signatures(*shingle_sets(*text_buffers(texts_of(texts)), form.shingling), form.permutations)


def sets_of(texts: Sequence[str], shingling: Shingling = FORM.shingling) -> list[set[int]]:
    """The hashes of the shingles of each."""
    lists, hashes = shingle_sets(*text_buffers(texts_of(texts)), shingling)
    return [set(hashes[start:end].tolist()) for start, end in itertools.pairwise(lists)]


def write_shard(folder: Path, number: int, texts: Sequence[str], form: NearForm = FORM, group: int = 2) -> str:
    """The documents and their signatures, in row groups of so many."""
    name = f"web-{number:06}-0000"
    ids = ids_of("web", number, len(texts))
    width = pa.list_(pa.uint32(), form.permutations)
    signed = pa.FixedSizeListArray.from_arrays(pa.array(sign(texts, form).reshape(-1)), type=width)
    documents = pa.record_batch({"id": pa.array(ids), "text": texts_of(texts)})
    annotations = pa.record_batch({"signature": signed})
    for path, batch in ((f"documents/extract/{name}", documents), (f"annotations/dedup/{name}", annotations)):
        with writing_parquet(str(folder / f"{path}.parquet"), batch.schema, align=True) as (file, _):
            for start in range(0, len(texts), group):
                file.write(batch.slice(start, group))
            file.add_metadata({"id_digest": f"digest {number}"})
    return name


def one_slice(path: Path, rows: Sequence[Sequence[int]] | np.ndarray, words: int) -> Slice:
    records = np.array(rows, np.uint64).reshape(-1, words)
    write_records(str(path), records, np.zeros(len(records), np.uint32), 1)
    return Slice(str(path), 0)


def write_index(folder: Path, texts: Sequence[str], form: NearForm, stored: bool) -> tuple[Slice, Slice | None]:
    """A file of an earlier run's index, and its shingles if they were kept."""
    ids = id_words(pa.array(ids_of("old", 0, len(texts))), 0)
    zeros = np.zeros(len(texts), np.uint64)
    records = index_records(ids, zeros, zeros, zeros, sign(texts, form))
    index = one_slice(folder / "index", records, records.shape[1])
    if not stored:
        return index, None
    starts, words = pack_sets(*shingle_sets(*text_buffers(texts_of(texts)), form.shingling))
    rows = np.arange(len(texts))
    shingles = spread(starts, words, rows, rows.astype(np.uint64), rows.astype(np.uint64), 16)
    return index, one_slice(folder / "shingles", shingles, 16)


def key_of(folder: Path, phase: str) -> TaskKey:
    return TaskKey(str(folder), f"near.{phase}", "000000", "print", "input")


class Compared(NamedTuple):
    evidence: list[dict[str, Any]]
    matches: list[list[int]]
    """Two positions, and who may fall."""
    gathered: Receipt
    verified: Receipt


def gather(
    folder: Path, shards: Sequence[str], requests: np.ndarray, form: NearForm, split: Split, **options: Any
) -> Receipt:
    upstream = SIGNED if form.compare == "signatures" else TEXT
    asked = one_slice(folder / "requests", requests, 2)
    key = key_of(folder, "shingles")
    return gather_shingles(ShingleTask(key, tuple(shards), 0, upstream, (asked,), form, split, **options))


def compare(
    folder: Path,
    texts: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    earlier: Sequence[str] = (),
    stored: bool = False,
    options: Mapping[str, Any] | None = None,
) -> Compared:
    """Compare pairs of positions: `earlier` documents come first, then `texts`, in shards of three."""
    form = dataclasses.replace(FORM, **(options or {}))
    names = [write_shard(folder, k, texts[3 * k : 3 * k + 3], form) for k in range(-(-len(texts) // 3))]
    own_keys = [first_key(k // 3) + k % 3 for k in range(len(texts))]
    keys = [*(first_key(0, earlier=True) + k for k in range(len(earlier))), *own_keys]
    members = sorted({position for pair in pairs for position in pair})
    names_of = [*ids_of("old", 0, len(earlier))]
    own_ids = [name for k in range(len(names)) for name in ids_of("web", k, 3)][: len(texts)]
    words = np.concatenate([id_words(pa.array(names_of, pa.string()), 0), id_words(pa.array(own_ids), 1)])
    block = block_key(0, 0)
    split = Split(1, 0, 1, (block,))
    requests = np.array([[keys[one], block] for one in members], np.uint64)
    own = requests[:, 0] < first_key(0, earlier=True)
    gathered = gather(folder, names, requests[own], form, split)
    slices = [Slice(str(folder / one.path), 0) for one in gathered.outputs]
    if earlier:
        index, shingles = write_index(folder, earlier, form, stored)
        asked = one_slice(folder / "earlier_requests", requests[~own], 2)
        task = EarlierShingleTask(
            key_of(folder, "earlier_shingles"), (index,), (shingles,), 0, (asked,), form, split
        )  # fmt: skip
        slices += [Slice(str(folder / one.path), 0) for one in gather_earlier_shingles(task).outputs]
    written_pairs = one_slice(folder / "pairs", [[0, *pair] for pair in pairs], PAIR_WORDS)
    written_members = one_slice(
        folder / "members", [[0, one, keys[one], *words[one].tolist()] for one in members], MEMBER_WORDS
    )
    groups = Split(2, 0, 2, (0, first_key(1)))
    key = key_of(folder, "verifying")
    verified = verify_pairs(VerifyTask(key, written_pairs, written_members, tuple(slices), form, groups))
    evidence = [read_slice(Slice(key.path("evidence"), group), EVIDENCE_WORDS) for group in (0, 1)]
    for group, records in enumerate(evidence):
        assert (records[:, 0] < first_key(1)).all() == (group == 0) or not len(records)
    rows = evidence_batch(sorted_evidence(np.concatenate(evidence)), SOURCES).to_pylist()
    return Compared(rows, read_slice(Slice(key.path("matches"), 0), 3).tolist(), gathered, verified)
