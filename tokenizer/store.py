"""Token files as Megatron's indexed dataset has them: `PREFIX.bin` and `PREFIX.idx`, byte for byte.

    .bin    all tokens end to end, no header
    .idx    b"MMIDIDX" and two zeros, u64 version = 1, u8 code of the type, u64 sequences, u64 documents + 1;
            i32 length of every sequence, i64 offset of its first byte in the .bin, i64 first sequence of every document
            and, at the end, the number of sequences; little-endian

A document is one sequence. One without tokens is none: its number stands in the list of documents, which then names the
same sequence twice, as Megatron's `preprocess_data.py` has it. The layout is that of megatron-core 0.16.1
(`core/datasets/indexed_dataset.py`), and tests compare with it.
"""

import contextlib
import io
import itertools
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datapipe import storage
from datapipe.output import RunError
from datapipe.storage import Output, Sink

Ids = npt.NDArray[np.integer]
"""Tokens."""
Lengths = npt.NDArray[np.int64]

MAGIC = b"MMIDIDX\x00\x00"
VERSION = 1
HEADER = struct.Struct("<9sQBQQ")
CODES = {1: "u1", 2: "i1", 3: "<i2", 4: "<i4", 5: "<i8", 8: "<u2"}
"""Megatron's numbers of the types that token ids can have; 6 and 7 are floating point."""
SMALL_VOCABULARY = 65_500
"""Below it tokens take two bytes: `DType.optimal_dtype` of Megatron, which leaves some room below 2 ** 16."""
LONGEST = 2**31 - 1
"""Tokens of a document at most: lengths have 32 bits."""
WRITE_ROWS = 1 << 18
"""Documents whose index entries are written at once."""


def token_dtype(vocab_size: int) -> np.dtype[np.integer]:
    """The type that Megatron chooses for a vocabulary."""
    return np.dtype("<u2" if vocab_size < SMALL_VOCABULARY else "<i4")


class IndexedFile:
    """The tokens of one shard being written; of each document its length is kept, nothing more."""

    def __init__(self, sink: Sink, dtype: np.dtype[np.integer]) -> None:
        """Write tokens to `sink`."""
        self._sink, self.dtype = sink, dtype
        self._lengths: list[npt.NDArray[np.int32]] = [np.empty(0, np.int32)]
        self.tokens = 0

    def write(self, ids: Ids, lengths: Lengths) -> None:
        """Add documents: their tokens end to end, and how many each has. Raises ValueError where these disagree."""
        if int(lengths.sum()) != len(ids) or (len(lengths) and not 0 <= lengths.min() <= lengths.max() <= LONGEST):
            raise ValueError(f"{len(ids)} tokens cannot be documents of {lengths} tokens")
        limits = np.iinfo(self.dtype)
        if len(ids) and not limits.min <= ids.min() <= ids.max() <= limits.max:
            raise ValueError(f"ids from {ids.min()} to {ids.max()} do not fit into {self.dtype}")
        self._sink.write(ids.astype(self.dtype).tobytes())
        self._lengths.append(lengths.astype(np.int32))
        self.tokens += len(ids)

    def index(self) -> Iterator[bytes]:
        """The bytes of the `.idx`, in portions."""
        self._lengths = [np.concatenate(self._lengths)]
        lengths = self._lengths[0]
        has_tokens = lengths > 0
        sequences = lengths[has_tokens]
        code = next(code for code, name in CODES.items() if np.dtype(name) == self.dtype)
        yield HEADER.pack(MAGIC, VERSION, code, len(sequences), len(lengths) + 1)
        yield from (part.astype("<i4").tobytes() for part in _portions(sequences))
        yield from _starts(sequences, self.dtype.itemsize)
        yield from _starts(has_tokens.astype(np.int32), 1)
        yield struct.pack("<q", len(sequences))


def _portions(values: npt.NDArray[np.int32]) -> Iterator[npt.NDArray[np.int32]]:
    return (values[at : at + WRITE_ROWS] for at in range(0, len(values), WRITE_ROWS))


def _starts(sizes: npt.NDArray[np.int32], unit: int) -> Iterator[bytes]:
    """Where each of them begins if they stand end to end, times `unit`."""
    base = 0
    for part in _portions(sizes):
        ends = base + np.cumsum(part, dtype=np.int64)
        yield ((ends - part) * unit).astype("<i8").tobytes()
        base = int(ends[-1])


@contextlib.contextmanager
def writing_indexed(prefix: str, dtype: np.dtype[np.integer]) -> Iterator[tuple[IndexedFile, list[Output]]]:
    """The two files of a shard being written; their `Output`s are in the list once the block has ended well."""
    finished: list[Output] = []
    with storage.open_writing(f"{prefix}.bin") as tokens:
        file = IndexedFile(tokens, dtype)
        yield file, finished
    with storage.open_writing(f"{prefix}.idx") as index:
        for part in file.index():
            index.write(part)
    for suffix, sink in ((".bin", tokens), (".idx", index)):
        finished.append(Output(prefix + suffix, sink.size, sink.digest.hexdigest()))


@dataclass(frozen=True)
class IndexedTokens:
    """The tokens of one shard, checked. Local files are mapped into memory, remote ones read."""

    prefix: str
    tokens: Ids
    """All, end to end."""
    lengths: npt.NDArray[np.int32]
    """Of sequences."""
    documents: npt.NDArray[np.int64]
    """The first sequence of every document, and at the end the number of sequences."""

    def __len__(self) -> int:
        """How many documents."""
        return len(self.documents) - 1

    def starts(self) -> npt.NDArray[np.int64]:
        """The first token of every document, and at the end the number of tokens."""
        of_sequences = np.concatenate([[0], np.cumsum(self.lengths, dtype=np.int64)])
        return np.asarray(of_sequences[self.documents], np.int64)

    def __iter__(self) -> Iterator[Ids]:
        """The tokens of each document."""
        starts = self.starts().tolist()
        return (self.tokens[start:end] for start, end in itertools.pairwise(starts))


def read_indexed(prefix: str) -> IndexedTokens:
    """The files of a shard. Raises RunError for files that are none or damaged, OSError for those not there."""
    path = f"{prefix}.idx"
    data = storage.read_bytes(path)
    dtype, sequences, entries = _header(path, data[: HEADER.size], len(data))
    lengths = np.frombuffer(data, "<i4", sequences, HEADER.size)
    offsets = np.frombuffer(data, "<i8", sequences, HEADER.size + 4 * sequences)
    documents = np.frombuffer(data, "<i8", entries, HEADER.size + 12 * sequences)
    _check_index(path, lengths, offsets, documents, dtype.itemsize)
    return IndexedTokens(prefix, _tokens(prefix, dtype, int(lengths.sum(dtype=np.int64))), lengths, documents)


@dataclass(frozen=True)
class Totals:
    """What the files of a shard hold in all."""

    dtype: np.dtype[np.integer]
    tokens: int
    sequences: int
    documents: int


def read_totals(prefix: str) -> Totals:
    """The same without the index's body, which is large where documents are many: its last entry tells the tokens.

    Raises as `read_indexed` does, but does not see a damage between header and end.
    """
    path = f"{prefix}.idx"
    with storage.open_reading(path) as index:
        size = index.seek(0, io.SEEK_END)
        index.seek(0)
        dtype, sequences, entries = _header(path, index.read(HEADER.size), size)
        end = 0
        if sequences:
            index.seek(HEADER.size + 4 * (sequences - 1))
            (length,) = struct.unpack("<i", index.read(4))
            index.seek(HEADER.size + 12 * sequences - 8)
            end = struct.unpack("<q", index.read(8))[0] + length * dtype.itemsize
    tokens = end // dtype.itemsize
    _check_size(f"{prefix}.bin", dtype, tokens)
    return Totals(dtype, tokens, sequences, entries - 1)


def _header(path: str, data: bytes, size: int) -> tuple[np.dtype[np.integer], int, int]:
    """Type, number of sequences and of documents + 1, of an index of `size` bytes that begins with `data`."""
    if len(data) < HEADER.size or not data.startswith(MAGIC):
        raise RunError(f"{path}: no index of Megatron's form: it begins with {data[:9]!r}, expected {MAGIC!r}")
    _, version, code, sequences, entries = HEADER.unpack(data)
    if version != VERSION or code not in CODES:
        known = ", ".join(map(str, CODES))
        raise RunError(f"{path}: version {version}, type {code}; expected version {VERSION} and a type of {known}")
    expected = HEADER.size + 12 * sequences + 8 * entries
    if size != expected or not entries:
        raise RunError(f"{path}: {size:,} bytes; its header asks for {expected:,}: it is damaged or cut off")
    return np.dtype(CODES[code]), sequences, entries


def _check_index(
    path: str,
    lengths: npt.NDArray[np.int32],
    offsets: npt.NDArray[np.int64],
    documents: npt.NDArray[np.int64],
    itemsize: int,
) -> None:
    ends = np.cumsum(lengths, dtype=np.int64)
    wrong = np.flatnonzero((lengths < 0) | (offsets != (ends - lengths) * itemsize))
    if len(wrong):
        raise RunError(f"{path}: damaged: length or offset of sequence {wrong[0]:,} does not fit the one before")
    if documents[0] != 0 or documents[-1] != len(lengths) or (np.diff(documents) < 0).any():
        raise RunError(f"{path}: damaged: its documents do not cover its {len(lengths):,} sequences in order")


def _tokens(prefix: str, dtype: np.dtype[np.integer], count: int) -> Ids:
    """The tokens of a `.bin` of known length. Raises RunError where that is not its size."""
    path = f"{prefix}.bin"
    _check_size(path, dtype, count)
    if "://" in path or not count:  # nothing can be mapped of an empty file
        return np.frombuffer(storage.read_bytes(path), dtype)
    with storage.open_reading(path) as stream:
        return np.frombuffer(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ), dtype)


def _check_size(path: str, dtype: np.dtype[np.integer], count: int) -> None:
    found = storage.size_of(path)
    if found is None:
        raise RunError(f"{path}: not there, though its index is")
    if found != count * dtype.itemsize:
        raise RunError(f"{path}: {found:,} bytes; its index has {count:,} tokens of {dtype.itemsize} bytes")
