"""The order in which the children of a blend take turns: exact totals, and every prefix within one sample."""

import numpy as np
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.course import PARTS
from trainer.kernels.turns import Int64s, fill_segment
from trainer.turns import SEGMENT, Turns

PARTS_OF_A_FEW = st.lists(st.integers(1, 60), min_size=1, max_size=12)


def entries_of(parts: list[int]) -> Int64s:
    """A whole block, made at once."""
    entries = np.empty(sum(parts), np.uint16)
    fill_segment(np.array(parts), np.zeros(len(parts), np.int64), 0, entries)
    return entries.astype(np.int64)


def sent(turns: Turns, first: int, count: int) -> tuple[list[int], list[int]]:
    """The children and ordinals of samples [first, first + count)."""
    nodes, ordinals = np.zeros(count, np.int64), np.arange(first, first + count)
    turns.send(0, 1, nodes, ordinals)
    return (nodes - 1).tolist(), ordinals.tolist()


def prefix_error(parts: list[int], children: Int64s) -> float:
    """The largest |count - share x n| over all prefixes and children, in samples."""
    counts = np.cumsum(children[:, None] == np.arange(len(parts)), axis=0)
    shares = np.arange(1, len(children) + 1)[:, None] * np.array(parts) / sum(parts)
    return float(np.abs(counts - shares).max())


def test_seventy_fifteen_fifteen_by_hand() -> None:
    """14 of 20 samples, 3 and 3. The first has its uses in [0, 2), [1, 3), [2, 5), [4, 6), [5, 8), [7, 9), the others
    theirs in [0, 7): at 3 none of the first is released, at 5 the third is due before it."""
    children = (entries_of([14, 3, 3]) >> 1).tolist()
    assert children[:8] == [0, 0, 0, 1, 0, 2, 0, 0]
    assert [children.count(child) for child in range(3)] == [14, 3, 3]
    assert prefix_error([14, 3, 3], np.array(children)) == pytest.approx(0.90)


def reference(parts: list[int]) -> list[int]:
    """The same rule without anything clever: of the released uses the one that is due first, then the first source."""
    total, used, children = sum(parts), [0] * len(parts), []
    for position in range(total):
        released = [i for i, q in enumerate(parts) if used[i] < q and used[i] * total // q <= position]
        children.append(min(released, key=lambda i: (-(-(used[i] + 1) * total // parts[i]), i)))
        used[children[-1]] += 1
    return children


@given(PARTS_OF_A_FEW)
def test_turns_are_those_of_the_rule(parts: list[int]) -> None:
    assert sent(Turns(parts), 0, sum(parts))[0] == reference(parts)


def test_the_turns_of_a_whole_block_never_change() -> None:
    """They are part of what a run's sample numbers mean."""
    children, _ = sent(Turns([157_287, 157_286, 734_003]), 0, PARTS)
    assert xxhash.xxh3_64_hexdigest(np.array(children, np.uint8)) == "32510ee858bc5f03"


@given(PARTS_OF_A_FEW)
def test_every_prefix_is_within_one_sample_of_the_shares(parts: list[int]) -> None:
    children, _ = sent(Turns(parts), 0, 2 * sum(parts))
    assert prefix_error(parts, np.array(children)) < 1


@given(PARTS_OF_A_FEW, st.integers(1, 9))
def test_a_common_factor_of_the_parts_changes_nothing(parts: list[int], factor: int) -> None:
    scaled = [one * factor for one in parts]
    children, _ = sent(Turns(scaled), 0, sum(scaled))
    assert children == (entries_of(scaled) >> 1).tolist()


@given(PARTS_OF_A_FEW, st.integers(0, 10**12), st.integers(0, 200))
def test_ordinals_count_the_uses_of_a_child(parts: list[int], first: int, count: int) -> None:
    turns = Turns(parts)
    children, ordinals = sent(turns, first, count)
    expected = turns.uses(first)
    for child, ordinal in zip(children, ordinals, strict=True):
        assert ordinal == expected[child]
        expected[child] += 1
    assert turns.uses(first + count).tolist() == expected.tolist()
    assert expected.sum() == first + count


@pytest.mark.parametrize("blocks", [1, 2**20])
def test_a_block_gives_every_child_its_parts_exactly(blocks: int) -> None:
    parts = [734_003, 157_287, 157_286]
    assert Turns(parts).uses(blocks * PARTS).tolist() == [blocks * one for one in parts]


@settings(max_examples=5)
@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=400), st.permutations(range(16)))
def test_segments_made_in_any_order_are_the_block_made_at_once(shares: list[float], order: list[int]) -> None:
    parts = [int(share / sum(shares) * PARTS) + 1 for share in shares]
    parts[0] += PARTS - sum(parts)
    whole = entries_of(parts)
    turns = Turns(parts)
    for number in order[:5]:
        children, ordinals = sent(turns, number * SEGMENT, SEGMENT)
        at = whole[number * SEGMENT : (number + 1) * SEGMENT]
        places = np.arange(number * SEGMENT, (number + 1) * SEGMENT)
        assert children == (at >> 1).tolist()
        assert ordinals == (places * np.array(parts)[at >> 1] // PARTS + (at & 1)).tolist()
