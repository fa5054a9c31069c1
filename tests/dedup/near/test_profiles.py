"""Profiles say who is in a part: of the labelled documents of shards and of earlier runs, and of no others."""

import itertools
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe import storage
from datapipe.dedup.near import parts
from datapipe.dedup.near.bands import BandTask, EarlierBandTask, gather_bands, gather_earlier_bands
from datapipe.dedup.near.index_records import index_records
from datapipe.dedup.near.parts import Profiles, part_keys, read_profiles
from datapipe.dedup.near.profiles import EarlierProfileTask, ProfileTask, profile_documents, profile_earlier
from datapipe.dedup.near.records import BAND_WORDS, LABEL_WORDS, NearForm
from datapipe.dedup.near.row_keys import first_key
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.exchange import Split
from datapipe.exchange_files import Records, Slice, read_slice, write_records
from datapipe.kernels.shingling import Shingling
from datapipe.shard_files import Upstream, shard_path

FORM = NearForm(Shingling(), 3, 2, ("language",), 16, 0.8, None, "shingles", ("copies",), (("stars", True, 1),), 1)
OWN = 1
UPSTREAM = (
    Upstream("documents", "extract", ("id", "text_bytes", "language", "stars")),
    Upstream("annotations", "duplicates", ("signature",)),
    Upstream("annotations", "routes", ("drop_reason", "copies")),
)
SHARDS = ("web-000000-0000", "web-000001-0000")
FILE = "00000000000000ab"
TABLE = ("old", "web")
LANGUAGES = ["en", None]
ONE = Split(1, 0, 1)


def write_file(folder: Path, one: Upstream, shard: str, columns: dict[str, pa.Array]) -> None:
    batch = pa.RecordBatch.from_pydict(columns)
    path = storage.join(str(folder), shard_path(one.kind, one.pass_name, shard))
    with storage.writing_parquet(path, batch.schema, align=True) as (file, _):
        for start in range(0, batch.num_rows, 3):  # a row group each
            file.write(batch.slice(start, 3))


def signature(row: int) -> list[int]:
    return [row, 7, 7, row, 9, 9]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shards of eight documents: the second of each has fallen before, the third has no signature."""
    folder = tmp_path_factory.mktemp("shards")
    for number, shard in enumerate(SHARDS):
        rows = range(8)
        documents, signatures, routes = UPSTREAM
        write_file(folder, documents, shard, {
            "id": pa.array([f"web/{FILE}/{100 * number + row:010}" for row in rows]),
            "text_bytes": pa.array([10 * row for row in rows]),
            "language": pa.array([LANGUAGES[row % 2] for row in rows]),
            "stars": pa.array([None if row == 7 else row for row in rows]),
        })  # fmt: skip
        signed = [None if row == 2 else signature(row) for row in rows]
        write_file(folder, signatures, shard, {"signature": pa.array(signed, pa.list_(pa.uint32(), FORM.permutations))})
        write_file(folder, routes, shard, {
            "drop_reason": pa.array(["rule" if row == 1 else None for row in rows]),
            "copies": pa.array([row + 1 if row > 4 else None for row in rows], pa.int64()),
        })  # fmt: skip
    return folder


def slice_of(folder: Path, name: str, rows: Sequence[Sequence[int]] | Records, words: int) -> Slice:
    records = np.array(rows, np.uint64).reshape(-1, words)
    path = str(folder / f"{name}.records")
    write_records(path, records, np.zeros(len(records), np.uint32), 1)
    return Slice(path, 0)


def key(folder: Path, phase: str) -> TaskKey:
    return TaskKey(str(folder), f"near.{phase}", "000000", "print", "input")


def keys_by_row(folder: Path, phase: str) -> dict[int, list[int]]:
    """What the phase of bands says: the band keys of every document, by row key."""
    found: dict[int, list[int]] = {}
    path = str(folder / f"exchange/near.{phase}/000000.records")
    for band_key, row_key in read_slice(Slice(path, 0), BAND_WORDS).tolist():
        found.setdefault(row_key, []).append(band_key)
    return found


def profiled(folder: Path, rows: list[list[int]], crowded: tuple[tuple[int, int], ...] = ()) -> Profiles:
    """The profiles of documents of the two shards, which are numbers 4 and 5, labelled so."""
    labels = slice_of(folder, "labels", rows, LABEL_WORDS)
    task = ProfileTask(
        key(folder, "profiles"), SHARDS, ("web", "web"), 4, UPSTREAM, {"old": 0, "web": 1}, (labels,), crowded, FORM,
        ONE,
    )  # fmt: skip
    storage.remove(str(folder / "receipts/near.profiles/000000.json"))
    receipt = profile_documents(task)
    assert receipt.rows_out == len(rows)
    return read_profiles([Slice(task.key.path(), 0)], FORM)


LABELLED = [(4, 0), (4, 3), (4, 7), (5, 6)]
"""Shard and row."""


def labels_of(places: Sequence[tuple[int, int]], documents: int) -> list[list[int]]:
    """Of one part."""
    return [[first_key(shard) + row, first_key(4), documents] for shard, row in places]


def test_a_profile_says_what_is_known_of_a_document(folder: Path) -> None:
    gather_bands(BandTask(key(folder, "bands"), SHARDS, 4, UPSTREAM, FORM, ONE))
    bands = keys_by_row(folder, "bands")
    profiles = profiled(folder, labels_of(LABELLED, 4))

    # Most stars first, those without any last: rows 6, 3, 0, 7.
    in_order = [(5, 6), (4, 3), (4, 0), (4, 7)]
    row_keys = [first_key(shard) + row for shard, row in in_order]
    assert profiles.row_keys.tolist() == row_keys
    assert profiles.counts.tolist() == [7, 1, 1, 8]
    assert profiles.text_bytes.tolist() == [60, 30, 0, 70]
    assert profiles.band_keys.tolist() == [bands[row_key] for row_key in row_keys]
    assert profiles.records[:, FORM.run_words].tolist() == [OWN] * 4
    assert (profiles.ids[:, 1] & np.uint64(2**48 - 1)).tolist() == [106, 3, 0, 7]
    assert profiles.starts.tolist() == [0, 4]


def test_of_a_part_that_is_too_large_those_stay_together_that_share_a_band(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "MOST_OF_A_PART", 2)
    same = [(4, 0), (5, 0), (4, 3), (5, 3), (4, 7)]  # signatures are made of the row
    profiles = profiled(folder, labels_of(same, 5))

    together = [set(profiles.row_keys[one:behind].tolist()) for one, behind in itertools.pairwise(profiles.starts)]
    assert sorted(map(sorted, together)) == sorted(
        [first_key(shard) + row for shard in shards] for shards, row in [((4, 5), 0), ((4, 5), 3), ((4,), 7)]
    )


def test_shards_without_labels_are_not_read(folder: Path) -> None:
    labels = slice_of(folder, "none", [], LABEL_WORDS)
    task = ProfileTask(
        key(folder, "unread"), ("there-is-no-such-shard",), ("web",), 9, UPSTREAM, {"web": 0}, (labels,), (), FORM, ONE
    )
    assert profile_documents(task).rows_out == 0


def test_documents_of_earlier_runs_stand_first_whatever_the_order(tmp_path: Path) -> None:
    count = 3
    ids = np.array([[0, row] for row in range(count)], np.uint64)  # of a table in which theirs was the only source
    scopes = np.array([1, 1, 2], np.uint64)
    numbers = np.arange(count, dtype=np.uint64)
    signed = np.array([signature(1)] * count, np.uint32)
    records = index_records(ids, scopes, numbers + np.uint64(1), numbers * np.uint64(10), signed)
    file = slice_of(tmp_path, "index", records, records.shape[1])
    gather_earlier_bands(EarlierBandTask(key(tmp_path, "earlier_bands"), (file,), 2, FORM, ONE))
    bands = keys_by_row(tmp_path, "earlier_bands")

    first = first_key(2, earlier=True)
    labels = slice_of(tmp_path, "labels", [[first + row, 5, 2] for row in (1, 2)], LABEL_WORDS)
    task = EarlierProfileTask(key(tmp_path, "profiles"), (file,), (0,), (("web",),), TABLE, 2, (labels,), (), FORM, ONE)
    assert profile_earlier(task).rows_out == 2

    profiles = read_profiles([Slice(task.key.path(), 0)], FORM)
    part, run, order, *_ = profiles.records[0].tolist()
    assert (run, order) == (0, 0)
    assert profiles.records[1, 0] == part
    assert profiles.ids.tolist() == [[1 << 48, 1], [1 << 48, 2]]
    assert profiles.row_keys.tolist() == [first + 1, first + 2]
    assert profiles.counts.tolist() == [2, 3]
    assert profiles.text_bytes.tolist() == [10, 20]
    assert profiles.band_keys.tolist() == [bands[first + 1], bands[first + 2]]
    assert bands[first + 1] != bands[first + 2], "the scopes differ"


def test_a_document_has_the_same_part_however_it_came_here(tmp_path: Path, folder: Path) -> None:
    own = profiled(folder, [[first_key(4), 5, 2]])
    signed = np.array([signature(0)], np.uint32)
    zeros = np.zeros(1, np.uint64)
    records = index_records(np.zeros((1, 2), np.uint64), zeros, zeros, zeros, signed)
    labels = slice_of(tmp_path, "labels", [[first_key(0, earlier=True), 5, 2]], LABEL_WORDS)
    file = slice_of(tmp_path, "index", records, records.shape[1])
    task = EarlierProfileTask(key(tmp_path, "profiles"), (file,), (0,), (("old",),), TABLE, 0, (labels,), (), FORM, ONE)
    profile_earlier(task)

    earlier = read_profiles([Slice(task.key.path(), 0)], FORM)
    assert earlier.records[:, 0].tolist() == own.records[:, 0].tolist()


MOST = 4
BAND_KEYS = st.tuples(st.sampled_from([10, 11, 12]), st.sampled_from([20, 21]), st.sampled_from([30, 31]))
LABELS = st.sampled_from([1, 2, 3])


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(LABELS, BAND_KEYS), max_size=40))
def test_large_parts_are_divided_by_what_is_not_crowded_and_small_ones_are_not(
    documents: list[tuple[int, tuple[int, ...]]],
) -> None:
    sizes = Counter(label for label, _ in documents)
    buckets = Counter(band for _, bands in documents for band in bands)
    crowded = sorted((band, size) for band, size in buckets.items() if size > MOST)
    labels = np.array([[0, label, sizes[label]] for label, _ in documents], np.uint64).reshape(-1, LABEL_WORDS)
    bands = np.array([bands for _, bands in documents], np.uint64).reshape(-1, 3)
    ids = np.array([[0, number] for number in range(len(documents))], np.uint64).reshape(-1, 2)
    found = part_keys(labels, bands, ids, crowded, MOST).tolist()

    def plain(label: int, bands: tuple[int, ...]) -> tuple[object, ...]:
        """What the part of a document is, but for the piece of a bucket."""
        if sizes[label] <= MOST:
            return (label,)
        return (label, *[band for band in bands if buckets[band] <= MOST][:1])

    expected = [plain(*one) for one in documents]
    for one, other in itertools.combinations(range(len(found)), 2):
        if found[one] == found[other]:
            assert expected[one] == expected[other]
        elif sizes[documents[one][0]] <= MOST or len(expected[one]) == 2:
            assert expected[one] != expected[other]


def test_documents_with_crowded_buckets_only_are_divided_into_pieces_of_bounded_size() -> None:
    count = 100_000
    labels = np.array([[0, 5, count]] * count, np.uint64)
    bands = np.full((count, 3), 7, np.uint64)
    ids = np.stack([np.zeros(count, np.uint64), np.arange(count, dtype=np.uint64)], axis=1)
    sizes = Counter(part_keys(labels, bands, ids, [(7, count)], 1000).tolist())

    assert len(sizes) == 200  # of about half of what is allowed
    assert max(sizes.values()) <= 1000


def test_a_part_holds_a_million_documents_unless_their_bands_take_too_much() -> None:
    assert parts.most_of_a_part(FORM) == 1 << 20
    many = NearForm(Shingling(), 450, 20, (), 16, 0.8, None, "shingles", (), ())
    assert parts.most_of_a_part(many) * 450 * 8 <= 256 << 20
