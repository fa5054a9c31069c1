"""Which documents are held out follows from their ids alone, and a small unit holds out enough of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop import Workshop, many, rows

from datapipe.passes.holdout import below, draws, ladder, share
from datapipe.recipe import Holdout


def test_the_ladder_doubles_up_to_the_largest_share() -> None:
    assert ladder(Holdout(0.01, 200, 0.05)) == (0.01, 0.02, 0.04, 0.05)
    assert ladder(Holdout(0.01, 200, 0.04)) == (0.01, 0.02, 0.04)


def test_the_ladder_has_one_step_where_no_number_of_documents_is_asked_for() -> None:
    assert ladder(Holdout(0.01, 0, 0.05)) == (0.01,)


def test_the_ladder_has_one_step_where_the_share_is_the_largest_already() -> None:
    assert ladder(Holdout(0.05, 200, 0.05)) == (0.05,)
    assert ladder(Holdout(0.1, 200, 0.05)) == (0.1,)


def test_nothing_is_held_out_of_a_share_of_zero() -> None:
    assert ladder(Holdout(0, 200, 0.05)) == ()
    assert share(Holdout(0, 200, 0.05), ()) == 0


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((200, 400, 800, 1000), 0.01),  # large enough at the first step
        ((199, 400, 800, 1000), 0.02),
        ((50, 100, 200, 250), 0.04),
        ((1, 2, 4, 5), 0.05),  # a small unit gives what the largest share gives
        ((0, 0, 0, 0), 0.05),
    ],
)
def test_the_share_is_the_smallest_step_that_gives_enough_documents(counts: tuple[int, ...], expected: float) -> None:
    assert share(Holdout(0.01, 200, 0.05), counts) == expected


def test_no_number_of_documents_asked_for_means_the_plain_share() -> None:
    assert share(Holdout(0.01, 0, 0.05), (0,)) == 0.01


def test_draws_are_pinned() -> None:
    """They decide which documents no model ever sees: the same on every machine and in every version."""
    assert draws(["web/0123456789abcdef/0000000000", "", "世"], 17).tolist() == [
        0.6104684632187753, 0.7041544023958203, 0.40015298568869373
    ]  # fmt: skip
    assert draws([], 17).tolist() == []


def test_draws_differ_by_seed_and_spread_evenly() -> None:
    ids = [f"web/0/{number:010}" for number in range(10_000)]
    numbers, others = draws(ids, 17), draws(ids, 18)

    assert (numbers != others).all()
    assert np.histogram(numbers, 10, (0, 1))[0] == pytest.approx([1000] * 10, abs=120)
    assert abs(np.corrcoef(numbers, others)[0, 1]) < 0.05


@given(st.lists(st.text(), max_size=50), st.integers(0, 2**63))
def test_draws_lie_between_zero_and_one_whatever_the_ids(ids: list[str], seed: int) -> None:
    numbers = draws(ids, seed)

    assert ((numbers >= 0) & (numbers < 1)).all()
    assert below(numbers, (0.0, 1.0)) == (0, len(ids))


def split(workshop: Workshop, *settings: str) -> tuple[set[str], set[str]]:
    """Ids in training and in validation."""
    name = f"out{len(list(workshop.folder.iterdir()))}"
    workshop.run(f"output={name}", *settings)
    training = [row["id"] for row in rows(workshop.folder / name, "shards/*/*/*.parquet")]
    validation = [row["id"] for row in rows(workshop.folder / name, "validation/*/*/*.parquet")]
    assert len(training) == len(set(training))
    assert len(validation) == len(set(validation))
    return set(training), set(validation)


def test_held_out_documents_are_never_in_training_whatever_the_sizes_of_shards(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", many(900, 1))
    workshop.write("right/b.tsv", many(300, 2))
    training, validation = split(workshop)

    assert training.isdisjoint(validation)
    assert split(workshop, "cut_bytes=300_000", "shard_bytes=100_000") == (training, validation)
    everything, nothing = split(workshop, "holdout.fraction=0")
    assert everything == training | validation
    assert nothing == set()
    assert split(workshop, "seed=18")[1] != validation


def test_every_unit_holds_out_enough_or_what_the_largest_share_gives(workshop: Workshop) -> None:
    workshop.write("left/a.tsv", many(2000, 1, ("en", "de")))
    workshop.write("right/b.tsv", many(40, 2, ("en",)))
    workshop.run("holdout={fraction: 0.01, min_documents: 20, max_fraction: 0.2}", "cut_bytes=100_000")

    held_out = {}
    for domain in ("english", "others"):
        for folder in (workshop.out / "validation" / domain).iterdir():
            ids = [row["id"] for row in rows(folder, "*.parquet")]
            kept = ids + [row["id"] for row in rows(workshop.out / "shards" / domain / folder.name, "*.parquet")]
            numbers = draws(kept, 17)
            step = next((s for s in ladder(Holdout(0.01, 20, 0.2)) if (numbers < s).sum() >= 20), 0.2)
            assert sorted(ids) == sorted(one for one, number in zip(kept, numbers, strict=True) if number < step)
            held_out[f"{domain}/{folder.name}"] = len(ids)
    assert all(count >= 20 for unit, count in held_out.items() if unit != "english/right")
    assert held_out["english/right"] < 20
