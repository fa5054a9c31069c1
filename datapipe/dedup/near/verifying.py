"""Every pair of a block compared: on its shingles, or where an earlier run kept none on all permutations."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datapipe.dedup.near.evidence import (
    ALIKE,
    CONTAINED,
    CONTAINS,
    CONTAINS_EARLIER,
    DIFFERENT,
    REASONS,
    SIGNED_ALIKE,
    SIGNED_DIFFERENT,
    evidence_records,
)
from datapipe.dedup.near.records import (
    BETTER_FALLS,
    MATCH_WORDS,
    MEMBER_WORDS,
    OTHER_FALLS,
    PAIR_WORDS,
    SHINGLE_WORDS,
    NearForm,
)
from datapipe.dedup.near.row_keys import is_earlier
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Records, Slice, read_slice, read_slices, write_records
from datapipe.receipts import Receipt, Stopwatch

FALLS = np.array(
    [OTHER_FALLS | BETTER_FALLS, OTHER_FALLS, BETTER_FALLS, 0, OTHER_FALLS | BETTER_FALLS, 0, 0], np.uint64
)
"""Who may fall, by reason."""

Numbers = npt.NDArray[np.int64]
Measures = npt.NDArray[np.float64]


@dataclass(frozen=True)
class VerifyTask:
    """One block."""

    key: TaskKey
    pairs: Slice
    members: Slice
    shingles: tuple[Slice, ...]
    form: NearForm
    split: Split
    """Of the evidence, by group of shards."""


def verify_pairs(task: VerifyTask) -> Receipt:
    """Write evidence on every pair (by the row key of the worse document) and the matches, and the receipt.

    Two outputs, `exchange/{pass_name}.evidence/` and `.matches/` (one partition, sorted), each `{shard}.records`. Bands
    hit and estimated similarity come of signatures made anew of the shingles. A document of an earlier run may not
    fall. `figures`: `{"pairs": {reason: n}}`. Raises ValueError where a member's shingles are missing.
    """
    done = task.key.finished()
    if done is not None:
        return done
    watch = Stopwatch()
    members, pairs = read_slice(task.members, MEMBER_WORDS), read_slice(task.pairs, PAIR_WORDS)
    numbers = np.stack([np.searchsorted(members[:, 1], pairs[:, column]) for column in (1, 2)], axis=1)
    better, other = members[numbers[:, 0]], members[numbers[:, 1]]
    bands, reasons, measures = _compare(task, members[:, 2], numbers)
    is_fixed = is_earlier(better[:, 2])
    reasons[is_fixed & (reasons == CONTAINS)] = CONTAINS_EARLIER
    evidence = evidence_records(other[:, 2], other[:, 3:], better[:, 3:], bands, reasons, measures)
    falls = FALLS[reasons] & ~np.where(is_fixed, np.uint64(BETTER_FALLS), np.uint64(0))
    matches = np.column_stack([pairs[:, 1:], falls])[falls > 0].astype(np.uint64).reshape(-1, MATCH_WORDS)
    outputs = [
        write_records(task.key.path("evidence"), evidence, task.split.partition(evidence[:, 0]), task.split.count),
        write_records(task.key.path("matches"), matches, np.zeros(len(matches), np.uint32), 1),
    ]
    counts = np.bincount(reasons, minlength=len(REASONS)).tolist()
    return task.key.leave(
        watch, outputs, rows_in=len(pairs), rows_out=len(matches),
        figures={"pairs": dict(zip(REASONS, counts, strict=True))},
    )  # fmt: skip


def _compare(task: VerifyTask, row_keys: npt.NDArray[np.uint64], pairs: Numbers) -> tuple[Numbers, Numbers, Measures]:
    """Bands hit, reason and measures of every pair of members."""
    from datapipe.kernels.minhash import signatures
    from datapipe.kernels.packed_records import unpack_documents
    from datapipe.kernels.pair_overlap import common_hashes, equal_values

    form = task.form
    records = read_slices(task.shingles, SHINGLE_WORDS)
    lists, hashes, signed, stored = unpack_documents(records, _places(task, records, row_keys), form.permutations)
    del records
    signed_rows = np.zeros(len(row_keys), np.bool_)
    signed_rows[signed] = True
    all_signatures = signatures(lists, hashes, form.permutations)
    all_signatures[signed] = stored
    equal, bands = equal_values(pairs, all_signatures, form.bands, form.rows)
    del all_signatures
    estimated = equal / form.permutations
    on_signatures = signed_rows[pairs].any(axis=1)
    sizes = np.diff(lists)[pairs].astype(np.float64)
    common = common_hashes(pairs, lists, hashes).astype(np.float64)
    with np.errstate(invalid="ignore"):  # sets that are not there are empty: their measures are unknown
        jaccard = np.where(on_signatures, np.nan, common / (sizes.sum(axis=1) - common))
        containment = np.where(on_signatures, np.nan, common / sizes.min(axis=1))
    reasons = _reasons(form, estimated, jaccard, containment, sizes)
    return bands, reasons, np.column_stack([estimated, jaccard, containment])


def _places(task: VerifyTask, records: Records, row_keys: npt.NDArray[np.uint64]) -> Numbers:
    """The first record of every member."""
    from datapipe.kernels.packed_records import firsts

    at = firsts(records)[:-1]
    at = at[np.argsort(records[at, 1], kind="stable")]
    places = np.searchsorted(records[at, 1], row_keys)
    places[places == len(at)] = 0
    missing = records[at[places], 1] != row_keys if len(at) else np.ones(len(row_keys), np.bool_)
    if missing.any():
        key = int(row_keys[missing][0])
        raise ValueError(f"{task.key.pass_name} {task.key.shard}: no shingles of the document with row key {key:#x}")
    return at[places]


def _reasons(form: NearForm, estimated: Measures, jaccard: Measures, containment: Measures, sizes: Measures) -> Numbers:
    """Why each pair is accepted or not. Of two sets of one size the worse document's is the contained one."""
    least = 2.0 if form.containment is None else form.containment
    return np.select(
        [
            np.isnan(jaccard) & (estimated >= form.verify),
            np.isnan(jaccard),
            jaccard >= form.verify,
            (containment >= least) & (sizes[:, 1] <= sizes[:, 0]),
            containment >= least,
        ],
        [SIGNED_ALIKE, SIGNED_DIFFERENT, ALIKE, CONTAINED, CONTAINS],
        DIFFERENT,
    )
