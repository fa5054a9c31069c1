"""The files of an exchange: records in the order of their partitions, then an index, to read one partition alone.

records       rows x words of 64 bits, little-endian, as everything here
starts        the first row of each partition, then the number of rows
checksums     xxh3-64 of each partition's bytes
tail          words, partitions, xxh3-64 of starts and checksums, and eight bytes of magic with the version
"""

import contextlib
import errno
import itertools
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
import xxhash

from datapipe import storage
from datapipe.storage import Output

Records = npt.NDArray[np.uint64]
"""Shape (rows, words), C-contiguous; the key in column 0."""
Partitions = npt.NDArray[np.uint32]
"""One number per record."""

MAGIC = b"exchang1"
TAIL = struct.Struct("<QQQ8s")
WRITE_BYTES = 8 << 20
INDEX_BYTES = 1 << 16
"""Read from the end of a file at once: the index of 4,000 partitions and the tail."""


def write_records(path: str, records: Records, partition: Partitions, partitions: int) -> Output:
    """Write the records in the order of their partitions (each below `partitions`); inside one they stay as they came.

    The same records make the same bytes. Raises OSError.
    """
    from datapipe.kernels.partitions import in_partitions, partition_starts

    records = np.ascontiguousarray(records, np.uint64)
    partition = np.ascontiguousarray(partition, np.uint32)
    if len(partition) != len(records) or (len(partition) and int(partition.max()) >= partitions):
        raise ValueError(f"{path}: expected a partition below {partitions} for each of {len(records)} records")
    starts = partition_starts(partition, partitions)
    ordered = in_partitions(records, partition, starts) if partitions > 1 else records
    data = _bytes_of(ordered)
    edges = (starts * records.shape[1] * 8).tolist()
    checksums = [xxhash.xxh3_64_intdigest(data[start:end]) for start, end in itertools.pairwise(edges)]
    with storage.open_writing(path) as sink:
        _write(sink, data)
        _write_index(sink, records.shape[1], starts.tolist(), checksums)
    return Output(path, sink.size, sink.digest.hexdigest())


@contextlib.contextmanager
def writing_partitions(path: str, words: int) -> Iterator[tuple[Callable[[Records], None], list[Output]]]:
    """What adds the next partition to a new file, and where the file is named when the block has ended well.

    For records that come in the order of their partitions and need not be in memory together. The same bytes as by
    `write_records`. Raises OSError.
    """
    starts, checksums, outputs = [0], list[int](), list[Output]()
    with storage.open_writing(path) as sink:

        def add(records: Records) -> None:
            data = _bytes_of(np.ascontiguousarray(records, np.uint64))
            _write(sink, data)
            starts.append(starts[-1] + len(records))
            checksums.append(xxhash.xxh3_64_intdigest(data))

        yield add, outputs
        _write_index(sink, words, starts, checksums)
    outputs.append(Output(path, sink.size, sink.digest.hexdigest()))


def _write(sink: storage.Sink, data: memoryview) -> None:
    for at in range(0, len(data), WRITE_BYTES):
        sink.write(data[at : at + WRITE_BYTES])  # type: ignore[arg-type]


def _write_index(sink: storage.Sink, words: int, starts: Sequence[int], checksums: Sequence[int]) -> None:
    index = np.array(starts, "<u8").tobytes() + np.array(checksums, "<u8").tobytes()
    sink.write(index)
    sink.write(TAIL.pack(words, len(checksums), xxhash.xxh3_64_intdigest(index), MAGIC))


class Slice(NamedTuple):
    """One partition in one file."""

    path: str
    partition: int


def read_slice(one: Slice, words: int) -> Records:
    """The records of one partition of a file. Raises OSError for a file that is none, or damaged."""
    return read_slices([one], words)


def read_slices(slices: Iterable[Slice], words: int) -> Records:
    """The records of several slices one after another; one file is open at a time. Raises OSError as `read_slice`."""
    gathered = np.empty((0, words), np.uint64)
    for one in slices:
        with storage.open_reading(one.path) as stream:
            place = _locate(stream, one, words)
            filled = len(gathered)
            # Grown in place, which moves pages and copies nothing: at no time are there two of a large array.
            gathered.resize((filled + place.rows, words), refcheck=False)
            stream.seek(place.first_row * words * 8)
            _fill(stream, gathered[filled:], one.path)
        if xxhash.xxh3_64_intdigest(_bytes_of(gathered[filled:])) != place.checksum:
            raise _damaged(one.path)
    return gathered


class _Place(NamedTuple):
    first_row: int
    rows: int
    checksum: int


def _locate(stream: BinaryIO, one: Slice, words: int) -> _Place:
    """Where the slice lies, by the index of its file, which is checked."""
    size = stream.seek(0, 2)
    end = _read_end(stream, size, INDEX_BYTES)
    if len(end) < TAIL.size:
        raise _damaged(one.path)
    found_words, partitions, checksum, magic = TAIL.unpack(end[-TAIL.size :])
    index_bytes = (2 * partitions + 1) * 8
    if magic != MAGIC or found_words != words or index_bytes + TAIL.size > size or one.partition >= partitions:
        raise _damaged(one.path)
    if index_bytes + TAIL.size > len(end):
        end = _read_end(stream, size, index_bytes + TAIL.size)
    index = end[-TAIL.size - index_bytes : -TAIL.size]
    if xxhash.xxh3_64_intdigest(index) != checksum:
        raise _damaged(one.path)
    numbers = np.frombuffer(index, "<u8")
    if int(numbers[partitions]) * words * 8 + index_bytes + TAIL.size != size:
        raise _damaged(one.path)
    first, behind = int(numbers[one.partition]), int(numbers[one.partition + 1])
    return _Place(first, behind - first, int(numbers[partitions + 1 + one.partition]))


def _read_end(stream: BinaryIO, size: int, length: int) -> bytes:
    stream.seek(max(0, size - length))
    return stream.read(min(size, length))


def _fill(stream: BinaryIO, records: Records, path: str) -> None:
    """Read the records' bytes from where the stream stands."""
    view = _bytes_of(records)
    while len(view):
        read = stream.readinto(view)  # type: ignore[attr-defined]
        if not read:
            raise _damaged(path)
        view = view[read:]


def _bytes_of(records: Records) -> memoryview:
    """The same memory as bytes."""
    flat: npt.NDArray[np.uint8] = records.reshape(-1).view(np.uint8)
    return memoryview(flat)  # type: ignore[arg-type]


def _damaged(path: str) -> OSError:
    return OSError(errno.EIO, "damaged; run its recipe again with --verify", path)
