"""The kernel hash is part of the format: these values never change."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels.hashing import SEED, finish, hash_bytes, mix


def hash_of(text: bytes) -> int:
    """Hash of a whole byte string, read from the middle of a longer one."""
    data = np.frombuffer(b"<" + text + b">", np.uint8)
    return int(hash_bytes(data, 1, 1 + len(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", 0x381AA8BB196614BA),
        (b"a", 0xA73C9150D9EB4655),
        (b"abcdefg", 0x35EE5A5EC44EBC36),
        (b"abcdefgh", 0x8C45641FFF1E2C12),
        (b"abcdefghi", 0x9D414F1CE4DA09A2),
        (b"The quick brown fox jumps over the lazy dog", 0x24BB5B271E6FC36E),
    ],
)
def test_bytes_have_pinned_hashes(text: bytes, expected: int) -> None:
    assert hash_of(text) == expected


def reference(text: bytes) -> int:
    """The same hash in plain integers."""
    wide, state = 2**64 - 1, 0x9E3779B97F4A7C15
    whole = len(text) // 8 * 8
    values = [int.from_bytes(text[i : i + 8], "little") for i in range(0, whole, 8)]
    values.append((len(text) - whole) << 56 | int.from_bytes(text[whole:], "little"))
    for value in values:
        state = (state ^ value) * 0xD6E8FEB86659FD93 & wide
        state ^= state >> 32
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        state = (state ^ state >> 33) * factor & wide
    return state ^ state >> 33


@settings(deadline=None)  # the first call compiles
@given(st.binary(max_size=100))
def test_bytes_hash_as_in_plain_integers(text: bytes) -> None:
    assert hash_of(text) == reference(text)


@settings(deadline=None)  # the first call compiles
@given(st.binary(max_size=100), st.binary(max_size=10))
def test_the_hash_does_not_depend_on_what_follows(text: bytes, after: bytes) -> None:
    data = np.frombuffer(text + after, np.uint8)

    assert int(hash_bytes(data, 0, len(text))) == reference(text)


def hash_of_values(*values: int) -> int:
    """Hash of a sequence of 64-bit values."""
    state = SEED
    for value in values:
        state = np.uint64(mix(state, np.uint64(value)))
    return int(finish(state))


def test_a_sequence_of_values_has_a_pinned_hash() -> None:
    assert hash_of_values(1, 2) == 0x1EDBDE8C3DBC6355
    assert hash_of_values(2, 1) != hash_of_values(1, 2)


def test_zeros_of_different_lengths_hash_differently() -> None:
    assert len({hash_of(b"\0" * length) for length in range(40)}) == 40


def test_each_input_bit_changes_about_half_of_the_output_bits() -> None:
    changed = [(hash_of_values(12345) ^ hash_of_values(12345 ^ 1 << bit)).bit_count() for bit in range(64)]

    assert 28 < sum(changed) / 64 < 36
    assert min(changed) > 12
