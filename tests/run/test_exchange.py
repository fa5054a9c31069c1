"""The exchange moves every record to its partition, once, in order, in files that are checked."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe import storage
from datapipe.exchange import Layout, Sizes, group_shards, layout_at, layout_for
from datapipe.exchange_files import Slice, read_slice, read_slices, write_records, writing_partitions
from datapipe.receipts import read_receipt
from datapipe.relays import MapFile, RelayTask, partition_slices, plan_relays, relay

Rows = list[list[int]]
WORDS = 2
RECORD = WORDS * 8
ONE_LEVEL = Sizes(map_bytes=64 * RECORD, partition_bytes=4 * RECORD, slice_bytes=RECORD)
TWO_LEVELS = Sizes(map_bytes=4 * RECORD, partition_bytes=2 * RECORD, slice_bytes=RECORD)
"""Files of at most four partitions: sixteen on two levels."""


def records_of(rows: Rows) -> npt.NDArray[np.uint64]:
    return np.array(rows, np.uint64).reshape(len(rows), WORDS)


@dataclass
class Shuffle:
    """An exchange of the records of some map tasks, in a folder."""

    folder: Path
    layout: Layout
    sizes: Sizes

    def maps(self, groups: Sequence[Rows]) -> list[MapFile]:
        split = self.layout.map_split
        files = []
        for number, rows in enumerate(groups):
            records = records_of(rows)
            path = str(self.folder / f"map-{number}.records")
            output = write_records(path, records, split.partition(records[:, 0]), split.count)
            files.append(MapFile(path, output.bytes, output.sha256))
        return files

    def relays(self, maps: list[MapFile]) -> list[RelayTask]:
        template = RelayTask(str(self.folder), "letters.relay", "", "print", "", (), self.layout.map_split, WORDS)
        return plan_relays(self.layout, maps, template, self.sizes)

    def partitions(self, groups: Sequence[Rows]) -> list[Rows]:
        maps = self.maps(groups)
        relays = self.relays(maps)
        for task in relays:
            relay(task)
        return [read_slices(slices, WORDS).tolist() for slices in partition_slices(self.layout, maps, relays)]


def in_plain_python(groups: Sequence[Rows], bounds: Sequence[int]) -> list[Rows]:
    """Each record in the partition whose range its key lies in, by group, then as it came."""
    partitions: list[Rows] = [[] for _ in bounds]
    for row in itertools.chain(*groups):
        partitions[sum(bound <= row[0] for bound in bounds) - 1].append(row)
    return partitions


KEYS = st.one_of(st.integers(0, 2**64 - 1), st.sampled_from([0, 2**62, 2**63, 2**64 - 1]))
GROUPS = st.lists(st.lists(st.tuples(KEYS, st.integers(0, 2**64 - 1)).map(list), max_size=12), max_size=6)


@settings(deadline=None, max_examples=60)
@given(GROUPS, st.sampled_from([1, 2, 4, 8, 16]), st.sampled_from([ONE_LEVEL, TWO_LEVELS]))
def test_it_shuffles_hashes_as_plain_python_does(
    tmp_path_factory: pytest.TempPathFactory, groups: list[Rows], partitions: int, sizes: Sizes
) -> None:
    layout = layout_for(partitions * sizes.partition_bytes // RECORD, WORDS, sizes)
    found = Shuffle(tmp_path_factory.mktemp("shuffle"), layout, sizes).partitions(groups)

    assert layout.partitions == partitions
    assert len(layout.fan_out) == (2 if partitions > sizes.fan_out else 1)
    assert found == in_plain_python(groups, [number * 2**64 // partitions for number in range(partitions)])


@settings(deadline=None, max_examples=60)
@given(GROUPS, st.sets(st.integers(1, 2**64 - 1), max_size=15), st.sampled_from([ONE_LEVEL, TWO_LEVELS]))
def test_it_divides_at_given_keys_as_plain_python_does(
    tmp_path_factory: pytest.TempPathFactory, groups: list[Rows], edges: set[int], sizes: Sizes
) -> None:
    bounds = [0, *sorted(edges)]
    layout = layout_at(bounds, WORDS, sizes)

    assert Shuffle(tmp_path_factory.mktemp("shuffle"), layout, sizes).partitions(groups) == in_plain_python(
        groups, bounds
    )


def test_two_levels_read_few_files_at_once_and_leave_receipts(tmp_path: Path) -> None:
    """Sixteen partitions from twelve map files of four records: a relay task reads four slices of one record each."""
    layout = layout_for(32, WORDS, TWO_LEVELS)
    shuffle = Shuffle(tmp_path, layout, TWO_LEVELS)
    quarter = 2**62
    groups = [[[k * quarter + number, number] for k in range(4)] for number in range(12)]
    maps = shuffle.maps(groups)
    mean = maps[0].bytes // 4
    shuffle.sizes = Sizes(map_bytes=4 * mean, partition_bytes=2 * RECORD, slice_bytes=mean)
    tasks = shuffle.relays(maps)

    assert layout.fan_out == (4, 4)
    assert [len(task.slices) for task in tasks] == [4] * 12
    assert [task.shard for task in tasks[:4]] == ["00000-00000", "00000-00001", "00000-00002", "00001-00000"]
    first = relay(tasks[0])
    assert (first.rows_in, first.rows_out, first.reused) == (4, 4, False)
    assert read_receipt(str(tmp_path), "letters.relay", "00000-00000") == first
    assert relay(tasks[0]).reused
    assert [one.path for one in first.outputs] == ["exchange/letters.relay/00000-00000.records"]


def test_the_default_layouts_keep_slices_above_a_mebibyte() -> None:
    records = {"64 MiB": 64 << 20, "1 GiB": 1 << 30, "64 GiB": 64 << 30, "65 GiB": 65 << 30, "16 TiB": 16 << 40}

    assert {name: layout_for(size // 24, 3).fan_out for name, size in records.items()} == {
        "64 MiB": (1,),
        "1 GiB": (4,),
        "64 GiB": (256,),
        "65 GiB": (32, 16),
        "16 TiB": (256, 256),
    }


def test_more_than_two_levels_can_divide_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"131,072 partitions: an exchange has at most 65,536 \(16 TiB\)"):
        layout_for((17 << 40) // 24, 3)


def test_shards_are_grouped_while_their_records_fit() -> None:
    sizes = Sizes(map_bytes=10 * RECORD)

    assert group_shards([], WORDS, sizes) == []
    assert group_shards([0], WORDS, sizes) == [range(1)]
    assert group_shards([4, 6, 1, 30, 9, 1, 1], WORDS, sizes) == [
        range(0, 2), range(2, 3), range(3, 4), range(4, 6), range(6, 7)
    ]  # fmt: skip


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Three records in the second, none in the third and two in the first of three partitions."""
    path = tmp_path / "a.records"
    write_records(str(path), records_of([[5, 1], [2, 2], [6, 3], [1, 4], [5, 5]]), np.array([1, 0, 1, 0, 1]), 3)
    return path


def test_a_slice_is_read_alone(written: Path) -> None:
    slices = [read_slice(Slice(str(written), partition), WORDS).tolist() for partition in range(3)]

    assert slices == [[[2, 2], [1, 4]], [[5, 1], [6, 3], [5, 5]], []]


def test_slices_are_read_one_after_another(written: Path) -> None:
    order = [Slice(str(written), partition) for partition in (1, 2, 0, 1)]

    assert read_slices(order, WORDS)[:, 1].tolist() == [1, 3, 5, 2, 4, 1, 3, 5]


def test_the_same_records_make_the_same_bytes(tmp_path: Path) -> None:
    records = records_of([[3, 1], [1, 2]])
    outputs = [write_records(str(tmp_path / name), records, np.array([1, 0]), 2) for name in "ab"]

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert outputs[0].sha256 == outputs[1].sha256
    assert outputs[0].bytes == (tmp_path / "a").stat().st_size


def test_partitions_written_as_they_come_make_the_same_file(written: Path, tmp_path: Path) -> None:
    with writing_partitions(str(tmp_path / "b"), WORDS) as (add, outputs):
        for rows in ([[2, 2], [1, 4]], [[5, 1], [6, 3], [5, 5]], []):
            add(records_of(rows))

    data = (tmp_path / "b").read_bytes()
    assert data == written.read_bytes()
    assert outputs == [storage.Output(str(tmp_path / "b"), len(data), hashlib.sha256(data).hexdigest())]


def test_a_file_without_partitions_can_be_written(tmp_path: Path) -> None:
    with writing_partitions(str(tmp_path / "b"), WORDS) as (_, outputs):
        pass

    assert outputs[0].bytes == (tmp_path / "b").stat().st_size
    with pytest.raises(OSError, match="damaged"):
        read_slice(Slice(str(tmp_path / "b"), 0), WORDS)


def test_the_format_is_pinned(written: Path) -> None:
    """It is read by other processes, and by later runs of a later version."""
    data = written.read_bytes()

    assert np.frombuffer(data[:80], "<u8").tolist() == [2, 2, 1, 4, 5, 1, 6, 3, 5, 5]
    assert np.frombuffer(data[80:112], "<u8").tolist() == [0, 2, 5, 5]
    assert data[-8:] == b"exchang1"
    assert len(data) == 80 + 4 * 8 + 3 * 8 + 32


def test_an_index_longer_than_the_first_read_is_read_whole(tmp_path: Path) -> None:
    path, partitions = str(tmp_path / "a"), 50_000
    write_records(path, records_of([[1, 1], [2, 2]]), np.array([7, 49_999]), partitions)

    assert read_slices([Slice(path, 7), Slice(path, 49_999), Slice(path, 3)], WORDS).tolist() == [[1, 1], [2, 2]]


def test_every_damage_is_found(written: Path) -> None:
    whole = written.read_bytes()
    damaged = [
        *(whole[:k] + bytes([whole[k] ^ 1]) + whole[k + 1 :] for k in range(len(whole))),
        *(whole[:k] for k in range(len(whole))),
        whole + b"\0",
        b"PAR1" + bytes(200),
    ]
    for data in damaged:
        written.write_bytes(data)
        with pytest.raises(OSError, match="damaged; run its recipe again with --verify") as error:
            read_slices([Slice(str(written), partition) for partition in range(3)], WORDS)
        assert error.value.filename == str(written)


def test_a_file_of_other_records_or_fewer_partitions_is_refused(written: Path) -> None:
    with pytest.raises(OSError, match="damaged"):
        read_slice(Slice(str(written), 0), 3)
    with pytest.raises(OSError, match="damaged"):
        read_slice(Slice(str(written), 3), WORDS)


def test_a_file_that_is_not_there_is_missed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_slice(Slice(str(tmp_path / "nothing"), 0), WORDS)


def test_a_partition_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected a partition below 2 for each of 1 records"):
        write_records(str(tmp_path / "a"), records_of([[1, 1]]), np.array([2]), 2)
    assert not storage.exists(str(tmp_path / "a"))
