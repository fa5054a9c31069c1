"""A few kills of each kind; `python -m tests.crashes` for many."""

import random
from pathlib import Path

import pytest

from tests.crashes.__main__ import KINDS, histories
from tests.crashes.history import aims

SIZES = {"extract": 80, "decide": 80, "pack": 200}


def test_kills_are_spread_over_the_passes_and_follow_one_another() -> None:
    planned = [aims(SIZES, 3, random.Random(seed)) for seed in range(300)]

    for three in planned:
        order = [(list(SIZES).index(aim.pass_name), aim.receipts) for aim in three]
        assert order == sorted(order)
        assert all(aim.receipts < SIZES[aim.pass_name] for aim in three)
    hits = [aim.pass_name for three in planned for aim in three]
    assert all(250 < hits.count(name) < 350 for name in SIZES)


@pytest.mark.slow
def test_runs_that_lose_processes_of_every_kind_end_with_the_same_bytes(tmp_path: Path) -> None:
    stories = histories(tmp_path, KINDS, kills=8, seed=7, per_run=2)

    assert sum(len(story.outcome.kills) for story in stories) == 8
    assert {story.kind for story in stories} == set(KINDS)
    assert [name for story in stories for name in story.outcome.different] == []
    assert [name for story in stories for name in story.outcome.redone] == []
