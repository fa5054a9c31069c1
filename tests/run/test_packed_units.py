"""Unit counts in few bytes are the same counts."""

from datapipe.passes.packed_units import packed
from datapipe.receipts import UnitCount

COUNTS = (UnitCount("code", "C++", 3, 1 << 40, (1, 2)), UnitCount("english", "a/b", 1, 0, (0, 1)))


def test_packed_units_are_the_counts_without_their_ladders() -> None:
    units = packed(COUNTS)

    assert list(units) == [UnitCount("code", "C++", 3, 1 << 40, ()), UnitCount("english", "a/b", 1, 0, ())]
    assert (len(units), units[1].unit, list(units[:1])) == (2, "a/b", [UnitCount("code", "C++", 3, 1 << 40, ())])
    assert packed(()) == ()


def test_shards_of_the_same_units_share_the_names() -> None:
    one, other = packed(COUNTS), packed(tuple(COUNTS))
    assert one.names is other.names  # type: ignore[attr-defined]
