"""Counts of fragments in a table that grows, and as records of an exchange: exact, and in order."""

from collections import Counter

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from tokenizer.counting.fragment_counts import FragmentCounts
from tokenizer.kernels.fragment_records import MORE_BYTES, read_fragments, rows_of

STRING = st.one_of(
    st.text(min_size=1, max_size=4),
    st.sampled_from(["a", "a\0", "a" * 7, "a" * 8, "a" * 9, "a" * 8 + "\0", "a" * 32, "a" * 33, "b" * 32]),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=3), st.integers(1, 60)),
)
COUNTED = st.lists(st.tuples(STRING, st.integers(0, 2**32 - 1), st.integers(1, 2**40)), max_size=60)


def rows(counted: list[tuple[str, int, int]]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Strings, tags and counts as the table takes them."""
    data, strings, at = b"", [], 0
    for text, tag, count in counted:
        data += text.encode()
        strings.append((at, len(data), tag, count))
        at = len(data)
    return np.frombuffer(data, np.uint8), np.array(strings, np.int64).reshape(-1, 4)


def sums(counted: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """The same by Counter, in order of bytes and tag."""
    total: Counter[tuple[str, int]] = Counter()
    for text, tag, count in counted:
        total[text, tag] += count
    return sorted(((text, tag, n) for (text, tag), n in total.items()), key=lambda one: (one[0].encode(), one[1]))


def contents(counts: FragmentCounts) -> list[tuple[str, int, int]]:
    return [tuple(row.values()) for row in counts.sorted_batch().to_pylist()]


@given(COUNTED)
def test_equal_strings_of_a_tag_are_added_up_and_sorted_by_bytes(counted: list[tuple[str, int, int]]) -> None:
    counts = FragmentCounts()
    assert counts.add(*rows(counted)) == len(counted)
    assert contents(counts) == sums(counted)


@given(COUNTED)
def test_records_hold_what_the_table_held(counted: list[tuple[str, int, int]]) -> None:
    counts = FragmentCounts()
    counts.add(*rows(counted))
    records = counts.take_records()
    assert (len(counts), len(records)) == (0, sum(rows_of(len(text.encode())) for text, _, _ in sums(counted)))
    counts.add(*read_fragments(records))
    assert contents(counts) == sums(counted)


def test_all_records_of_a_fragment_have_its_key() -> None:
    counts = FragmentCounts()
    counts.add(*rows([("x" * (8 + 2 * MORE_BYTES + 1), 7, 1), ("y", 7, 2)]))
    records = counts.take_records()
    assert len(records) == 5
    assert len(set(records[:4, 0].tolist())) == 1 and records[4, 0] != records[0, 0]
    assert records[4, 1:].tolist() == [7 << 32 | 1, 2, ord("y")]


def test_many_strings_make_the_table_grow() -> None:
    many = [(f"number {k}", k % 3, k) for k in range(1, 50_000)]
    counts = FragmentCounts()
    assert counts.add(*rows(many)) == len(many)
    assert counts.add(*rows(many)) == len(many)
    assert contents(counts) == [(text, tag, 2 * count) for text, tag, count in sums(many)]


def test_a_full_table_says_how_many_it_took() -> None:
    many = [(f"number {k}", 0, 1) for k in range(100_000)]
    data, strings = rows(many)
    counts = FragmentCounts(limit_bytes=2_000_000)
    taken, parts = 0, []
    while taken < len(many):
        added = counts.add(data, strings[taken:])
        assert added > 1_000
        taken += added
        parts.append(counts.take_records())
    assert len(parts) > 2
    whole = FragmentCounts()
    for part in parts:
        whole.add(*read_fragments(part))
    assert contents(whole) == sums(many)


def test_a_string_larger_than_the_limit_is_taken_alone() -> None:
    counts = FragmentCounts(limit_bytes=100_000)
    data, strings = rows([("a", 0, 1), ("b" * 900_000, 0, 1), ("c", 0, 1)])
    assert counts.add(data, strings) == 1
    counts.take_records()
    assert counts.add(data, strings[1:]) == 1
    assert contents(counts) == [("b" * 900_000, 0, 1)]


def test_strings_of_one_hash_are_told_apart() -> None:
    """Slots hold half a hash: these two have it in common, found among 600,000."""
    counts = FragmentCounts()
    counts.add(*rows([("fyrlaa", 0, 1), ("jdubba", 0, 2), ("fyrlaa", 0, 4)]))
    slots = counts._table.slots
    assert len(set((slots[slots != 0] >> np.uint64(32)).tolist())) == 1
    assert contents(counts) == [("fyrlaa", 0, 5), ("jdubba", 0, 2)]
