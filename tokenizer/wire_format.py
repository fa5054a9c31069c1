"""The fields of a protobuf message, as they stand on the wire (protobuf.dev/programming-guides/encoding).

Read by us because SentencePiece's own Python classes of its messages refuse every protobuf library older than the one
that they were generated with, and other packages of an environment ask for older ones.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types. The two of groups, 3 and 4, were given up in 2008: no message of SentencePiece has them."""
_FIXED = {FIXED64: 8, FIXED32: 4}
_MAX_VARINT_BYTES = 10


class WireError(ValueError):
    """What is no message: `place` is the byte, counted from the start of `data`, and the text what was found there."""

    def __init__(self, place: int, found: str) -> None:
        """Say what was found where."""
        super().__init__(f"byte {place:,}: {found}")


class Field(NamedTuple):
    """One field; `number` and `wire` as they were written."""

    number: int
    wire: int
    value: int
    """Of a varint; of other wire types the place where the content starts."""
    end: int
    """Behind the content."""
    start: int
    """Where the field itself starts, its number included."""


def fields(data: bytes, start: int, end: int) -> Iterator[Field]:
    """The fields of the message `data[start:end]`, in order. Raises WireError where it is none."""
    while start < end:
        key, place = read_varint(data, start, end)
        wire = key & 7
        if wire == BYTES:
            length, place = read_varint(data, place, end)
        elif wire == VARINT:
            number, behind = read_varint(data, place, end)
            yield Field(key >> 3, wire, number, behind, start)
            start = behind
            continue
        elif wire in _FIXED:
            length = _FIXED[wire]
        else:
            raise WireError(start, f"a field of wire type {wire}, which messages of SentencePiece do not have")
        if length > end - place:
            raise WireError(start, f"a field of {length:,} bytes where {end - place:,} are left")
        if not key >> 3:
            raise WireError(start, "a field with the number 0")
        yield Field(key >> 3, wire, place, place + length, start)
        start = place + length


def read_varint(data: bytes, start: int, end: int) -> tuple[int, int]:
    """The unsigned 64-bit number at `start`, and the place behind it."""
    if start < end and data[start] < 0x80:
        return data[start], start + 1
    value = 0
    for index, byte in enumerate(data[start : min(end, start + _MAX_VARINT_BYTES)]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, start + index + 1
    raise WireError(start, "a number that does not end")


def varint(number: int) -> bytes:
    """A number from 0 on as it is written."""
    written = bytearray()
    while number >= 0x80:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def bytes_field(number: int, content: bytes) -> bytes:
    """A field that holds bytes, a string or a message."""
    return varint(number << 3 | BYTES) + varint(len(content)) + content


def replace_varint(data: bytes, number: int, value: int) -> bytes:
    """The message `data` with one field `number`, of that value, where it stood first, or at its end."""
    written, found = bytearray(), False
    changed = varint(number << 3 | VARINT) + varint(value)
    for field in fields(data, 0, len(data)):
        if field.number != number:
            written += data[field.start : field.end]
        elif not found:
            written, found = written + changed, True
    return bytes(written if found else written + changed)


class Settings:
    """The optional fields of a message: the last of each number counts, as every reader of protobuf has it."""

    def __init__(self, data: bytes, spans: Iterable[tuple[int, int]], wires: Mapping[int, int]) -> None:
        """Read a message that stands at `spans` of `data`, merged where it stands in several; `wires`: number -> type.

        Raises WireError.
        """
        self._data = data
        self._found: dict[int, Field] = {}
        for start, end in spans:
            for field in fields(data, start, end):
                if wires.get(field.number, field.wire) != field.wire:
                    raise WireError(field.start, f"field {field.number} of wire type {field.wire}")
                if field.number in wires:
                    self._found[field.number] = field

    def number(self, number: int, default: int) -> int:
        """The varint of that field."""
        return self._found[number].value if number in self._found else default

    def bytes(self, number: int) -> bytes:
        """The content of that field; empty where there is none."""
        field = self._found.get(number)
        return b"" if field is None else self._data[field.value : field.end]
