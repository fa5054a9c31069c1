"""Blocks of eight bytes answer as their bytes do one by one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels import ascii_blocks
from datapipe.kernels.ascii_blocks import HIGH, bytes_before, count_bytes, invisible, read_block

ASCII = st.binary(min_size=8, max_size=8).map(lambda data: bytes(byte & 0x7F for byte in data))


def block_of(data: bytes) -> np.uint64:
    return np.uint64(read_block(np.frombuffer(b"<" + data, np.uint8), np.uint64(1)))


def named(answer: int) -> list[bool]:
    """Which bytes an answer names."""
    assert int(answer) & ~int(HIGH) == 0
    return [byte == 0x80 for byte in int(answer).to_bytes(8, "little")]


@settings(deadline=None)  # the first call compiles
@given(st.binary(min_size=8, max_size=8))
def test_invisible_bytes_are_spaces_controls_and_all_beyond_ascii(data: bytes) -> None:
    assert named(int(invisible(block_of(data)))) == [byte <= 0x20 or byte >= 0x80 for byte in data]


@settings(deadline=None)  # the first call compiles
@given(ASCII)
def test_letters_capitals_and_digits_are_those_of_ascii(data: bytes) -> None:
    characters = data.decode()
    for question, answer in (
        (ascii_blocks.letters, [character.isalpha() for character in characters]),
        (ascii_blocks.capitals, [character.isupper() for character in characters]),
        (ascii_blocks.digits, [character.isdigit() for character in characters]),
    ):
        found = np.uint64(question(block_of(data)))
        assert named(int(found)) == answer
        assert count_bytes(found) == sum(answer)
        if found:
            assert bytes_before(found) == answer.index(True)
