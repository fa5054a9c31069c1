"""Ids as two words: in the order of the ids as text, and back again."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.dedup.identities import id_words, ids_of, ranked_anew, source_table

NAMES = st.sampled_from(["a", "a-b", "a0", "ab", "a_b", "b", "web"])
IDS = st.builds(
    lambda name, digits, record: (name, f"{name}/{digits:016x}/{record:010}"),
    NAMES, st.integers(0, 2**64 - 1) | st.sampled_from([0, 2**64 - 1]), st.integers(0, 10**10 - 1),
)  # fmt: skip


def words(ids: list[tuple[str, str]], table: tuple[str, ...]) -> np.ndarray:
    return np.concatenate([id_words(pa.array([text]), table.index(name)) for name, text in ids])


@settings(deadline=None)
@given(st.lists(IDS, min_size=1, max_size=6))
def test_words_are_ordered_as_ids_and_make_them_again(ids: list[tuple[str, str]]) -> None:
    table = source_table(name for name, _ in ids)
    found = words(ids, table)
    assert ids_of(found, table) == [text for _, text in ids]
    by_words = sorted(range(len(ids)), key=lambda k: (tuple(found[k].tolist()), k))
    assert by_words == sorted(range(len(ids)), key=lambda k: (ids[k][1], k))


@given(st.lists(IDS, min_size=1, max_size=4), st.lists(NAMES, max_size=4))
def test_ids_of_one_run_are_found_among_the_sources_of_more(ids: list[tuple[str, str]], more: list[str]) -> None:
    old = source_table(name for name, _ in ids)
    new = source_table([*old, *more])
    assert ids_of(ranked_anew(words(ids, old), old, new), new) == [text for _, text in ids]


def test_names_are_ordered_with_the_slash_behind_them() -> None:
    assert source_table(["a0", "a", "a-b", "a_b"]) == ("a-b", "a", "a0", "a_b")


def test_more_sources_than_ids_have_room_for_are_refused() -> None:
    with pytest.raises(ValueError, match="65,537 sources take part, there is room for 65,536"):
        source_table(str(number) for number in range(65_537))


@pytest.mark.parametrize("record", [0, 10**10 - 1, 10**10, 2**48 - 1])
def test_a_record_has_ten_digits_or_as_many_as_it_needs(record: int) -> None:
    name = f"web/00000000000000ff/{record:010}"
    assert ids_of(id_words(pa.array([name]), 1), ("a", "web")) == [name]
