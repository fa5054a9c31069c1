"""Who stays of documents that are alike: by the recipe's order and verified pairs alone."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.dedup.near.choosing import ChoiceTask, choose_survivors
from datapipe.dedup.near.records import BETTER_FALLS, MATCH_WORDS, OTHER_FALLS, VERDICT_WORDS, NearForm
from datapipe.dedup.near.row_keys import EARLIER
from datapipe.dedup.near.task_keys import TaskKey
from datapipe.dedup.warm_up import near_kernels
from datapipe.exchange import Split
from datapipe.exchange_files import Slice, read_slice, write_records
from datapipe.kernels.shingling import Shingling
from datapipe.kernels.survivor_choice import choose

ALIKE = OTHER_FALLS | BETTER_FALLS
Matches = Mapping[tuple[int, int], int]
"""Of two documents, the better one first: who of them may fall."""


def plain(matches: Matches, documents: int, fixed: frozenset[int] = frozenset()) -> list[int]:
    """In favour of whom each falls, itself if it stays: the promise word by word."""
    falls_for: dict[int, set[int]] = {one: set() for one in range(documents)}
    for (better, other), who in matches.items():
        if who & OTHER_FALLS:
            falls_for[other].add(better)
        if who & BETTER_FALLS:
            falls_for[better].add(other)
    survivors: dict[int, int] = {}

    def stay(one: int) -> None:
        survivors[one] = one
        for other in range(documents):
            if one in falls_for[other] and other not in fixed:
                survivors.setdefault(other, one)

    def visit(one: int) -> None:
        for other in sorted(falls_for[one]):
            if one not in falls_for[other] and one not in survivors and other not in survivors:
                visit(other)
        if one not in survivors:
            stay(one)

    for one in sorted(fixed):
        stay(one)
    for one in range(documents):
        if one not in survivors:
            visit(one)
    return [survivors[one] for one in range(documents)]


def chosen(matches: Matches, documents: int, fixed: frozenset[int] = frozenset()) -> list[int]:
    pairs = np.array(sorted(matches), np.uint32).reshape(-1, 2)
    falls = np.array([matches[better, other] for better, other in sorted(matches)], np.uint8)
    is_fixed = np.array([one in fixed for one in range(documents)], np.bool_)
    return choose(pairs[:, 0].copy(), pairs[:, 1].copy(), falls, is_fixed).tolist()


@st.composite
def matched(draw: st.DrawFn) -> tuple[Matches, int, frozenset[int]]:
    """Documents of some sizes: of two that are not alike the smaller is contained in the larger."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=9))
    fixed = frozenset(range(draw(st.integers(0, len(sizes) - 1))))
    matches = {}
    for better in range(len(sizes)):
        for other in range(max(better + 1, len(fixed)), len(sizes)):
            kind = draw(st.sampled_from(["none", "alike", "contained"]))
            if kind == "alike":
                matches[better, other] = ALIKE
            if kind == "contained":
                matches[better, other] = OTHER_FALLS if sizes[other] <= sizes[better] else BETTER_FALLS
    return matches, len(sizes), fixed


@settings(deadline=None, max_examples=300)
@given(matched())
def test_who_stays_is_what_plain_python_says(case: tuple[Matches, int, frozenset[int]]) -> None:
    assert chosen(*case) == plain(*case)


@settings(deadline=None, max_examples=300)
@given(matched())
def test_of_no_verified_pair_both_stay_and_each_falls_for_one_that_stays(
    case: tuple[Matches, int, frozenset[int]],
) -> None:
    matches, documents, fixed = case
    survivors = chosen(*case)
    stays = {one for one in range(documents) if survivors[one] == one}

    assert fixed <= stays
    for better, other in matches:
        # What an earlier run has kept does not fall, not even for what contains it.
        assert {better, other} - stays or (better in fixed and matches[better, other] == BETTER_FALLS)
    for one, survivor in enumerate(survivors):
        if one != survivor:
            assert survivor in stays
            bit = OTHER_FALLS if survivor < one else BETTER_FALLS
            assert matches[min(one, survivor), max(one, survivor)] & bit


def test_of_a_chain_in_which_only_neighbours_are_alike_every_second_one_stays() -> None:
    a, b, c, d = range(4)
    chain = {(a, b): ALIKE, (b, c): ALIKE, (c, d): ALIKE}
    assert chosen(chain, 4) == [a, a, c, c]


def test_the_order_decides_which_of_a_chain_stay() -> None:
    b, a, c, d = range(4)  # a-b-c-d as before, but b is the best
    assert chosen({(b, a): ALIKE, (b, c): ALIKE, (c, d): ALIKE}, 4) == [b, b, b, d]


def test_what_is_contained_falls_whichever_is_preferred() -> None:
    assert chosen({(0, 1): BETTER_FALLS}, 2) == [1, 1]
    assert chosen({(0, 1): OTHER_FALLS}, 2) == [0, 0]


def test_what_contains_others_is_not_decided_before_what_contains_it() -> None:
    line, page, book = range(3)
    assert chosen({(line, page): BETTER_FALLS, (page, book): BETTER_FALLS}, 3) == [line, book, book]
    both = {(line, page): BETTER_FALLS, (page, book): BETTER_FALLS, (line, book): BETTER_FALLS}
    assert chosen(both, 3) == [book, book, book]


def test_what_is_contained_in_two_falls_for_the_better_of_them() -> None:
    page, book, other_book = range(3)
    assert chosen({(page, book): BETTER_FALLS, (page, other_book): BETTER_FALLS}, 3) == [book, book, other_book]


def test_what_has_fallen_already_makes_nobody_wait() -> None:
    first, copy, alike, container = range(4)
    # The copy falls for the first. So what contains it is visited in its own turn, and falls for a better one.
    matches = {(first, copy): ALIKE, (copy, container): BETTER_FALLS, (alike, container): ALIKE}
    assert chosen(matches, 4) == [first, first, alike, alike]


def test_a_long_chain_of_containment_takes_no_stack() -> None:
    count = 200_000
    matches = {(one, one + 1): BETTER_FALLS for one in range(count - 1)}
    assert chosen(matches, count)[-4:] == [count - 3, count - 3, count - 1, count - 1]


FORM = NearForm(Shingling(), 2, 2, (), 16, 0.8, None, "shingles", (), (), earlier_runs=1)
TABLE = ("old", "web")


def task(folder: Path, profiles: list[list[int]], matches: list[list[list[int]]]) -> ChoiceTask:
    """`profiles` without band keys and text bytes; matches by block."""
    rows = np.zeros((len(profiles), FORM.profile_words), np.uint64)
    rows[:, : FORM.key_words + 2] = np.array(profiles, np.uint64)
    slices = []
    for number, half in enumerate((rows[::2], rows[1::2])):  # positions are places in the sorted whole
        path = str(folder / f"profiles{number}")
        write_records(path, half, np.zeros(len(half), np.uint32), 1)
        slices.append(Slice(path, 0))
    blocks = []
    for number, block in enumerate(matches):
        path = str(folder / f"matches{number}")
        write_records(path, np.array(block, np.uint64).reshape(-1, MATCH_WORDS), np.zeros(len(block), np.uint32), 1)
        blocks.append(Slice(path, 0))
    key = TaskKey(str(folder), "near.choosing", "000000", "print", "input")
    split = Split(2, 0, 2, (0, 1 << 32))
    return ChoiceTask(key, tuple(slices), tuple(blocks), FORM, TABLE, split)


OWN = 1
"""The run word of this run's documents, behind those of the one earlier run."""


def verdicts(folder: Path) -> list[list[int]]:
    path = str(folder / "exchange/near.choosing/000000.records")
    return [row for partition in (0, 1) for row in read_slice(Slice(path, partition), VERDICT_WORDS).tolist()]


def test_verdicts_tell_who_falls_for_whom_and_what_a_survivor_stands_for(tmp_path: Path) -> None:
    shard = 1 << 32
    profiles = [  # part, run, id, id, row key, count
        [5, OWN, 10, 1, 0, 1],
        [5, OWN, 10, 2, shard + 1, 3],
        [5, OWN, 10, 3, 2, 1],
        [9, OWN, 10, 4, 3, 1],
    ]
    receipt = choose_survivors(task(tmp_path, profiles, [[[0, 1, ALIKE]], [[0, 2, ALIKE]]]))

    assert verdicts(tmp_path) == [[0, 10, 1, 5], [2, 10, 1, 5], [shard + 1, 10, 1, 5]]
    assert (receipt.rows_in, receipt.rows_out) == (4, 3)
    assert receipt.largest_clusters == {"old/00000000000a0000/0000000001": 5}


def test_documents_of_earlier_runs_stay_and_get_no_verdict(tmp_path: Path) -> None:
    profiles = [[5, 0, 10, 1, EARLIER, 2], [5, OWN, 10, 1, 4, 1], [5, OWN, 10, 2, 5, 1]]
    matches = [[[0, 1, ALIKE], [0, 2, BETTER_FALLS]]]
    choose_survivors(task(tmp_path, profiles, matches))

    # The second has the very id of the earlier one, and falls; the third only contains that one, and stays.
    assert verdicts(tmp_path) == [[4, 10, 1, 1 << 63 | 3]]


def test_parts_without_a_verified_pair_lose_nothing(tmp_path: Path) -> None:
    receipt = choose_survivors(task(tmp_path, [[5, OWN, 10, 1, 0, 1], [5, OWN, 10, 2, 1, 9]], [[], []]))
    assert verdicts(tmp_path) == []
    assert receipt.largest_clusters == {"old/00000000000a0000/0000000002": 9}


def test_finished_work_is_not_done_again(tmp_path: Path) -> None:
    one = task(tmp_path, [[5, OWN, 10, 1, 0, 1]], [])
    assert not choose_survivors(one).reused
    assert choose_survivors(one).reused


def test_it_is_compiled_before_a_task_wants_it(tmp_path: Path) -> None:
    near_kernels()
    choose_survivors(task(tmp_path, [[5, OWN, 10, 1, 0, 1], [5, OWN, 10, 2, 1, 1]], [[[0, 1, ALIKE]]]))
    assert len(choose.signatures) == 1


@pytest.mark.parametrize("documents", [0, 1])
def test_nothing_to_decide(documents: int) -> None:
    assert chosen({}, documents) == list(range(documents))
