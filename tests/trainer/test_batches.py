"""Batches of a course: equal for any number of ranks and threads, from any step on, and errors come out."""

import dataclasses
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from datapipe.output import RunError
from tests.trainer.small_corpus import Small, course_over, small
from trainer.data import Batches, steps_after, tokens_to_device
from trainer.order import Order
from trainer.tokens.reading import Reader

BATCHES = (4, 8, 12)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The small corpus."""
    return small(tmp_path_factory.mktemp("batches"), batches=BATCHES)


def rows_of(made: Small, samples_seen: int = 0, rank: int = 0, world: int = 1, threads: int = 1) -> list[np.ndarray]:
    """The rows of all steps from there on."""
    reader = Reader(made.corpus, Order(made.course), threads)
    with Batches(reader, made.course, samples_seen, rank, world) as batches:
        found = [batch.rows.copy() for batch in batches]
    reader.close()
    return found


def test_steps_follow_each_other_through_all_phases(made: Small) -> None:
    with Batches(Reader(made.corpus, Order(made.course)), made.course) as batches:
        spans = [(batch.first, batch.end) for batch in batches]
    assert spans[:2] == [(0, 4), (4, 8)]
    assert spans[9:11] == [(36, 40), (40, 48)]
    assert spans[19:21] == [(112, 120), (120, 132)]
    assert spans[-1] == (228, 240)
    assert len(spans) == 30


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("world", [1, 2, 4])
def test_ranks_share_the_rows_of_a_step_in_order(made: Small, world: int, threads: int) -> None:
    whole = rows_of(made)
    shares = [rows_of(made, rank=rank, world=world, threads=threads) for rank in range(world)]
    for step, rows in enumerate(whole):
        assert np.concatenate([share[step] for share in shares]).tolist() == rows.tolist()


def test_any_batch_size_sees_the_same_samples_one_after_the_other(made: Small) -> None:
    one_phase = dataclasses.replace(made, course=course_over(made.corpus, (24,)))
    stretches = (dataclasses.replace(one_phase.course.stretches[0], batch=3),)
    in_threes = dataclasses.replace(made, course=dataclasses.replace(one_phase.course, stretches=stretches))
    assert np.concatenate(rows_of(one_phase)).tolist() == np.concatenate(rows_of(in_threes)).tolist()


def test_reopened_at_any_step_it_goes_on_as_if_never_closed(made: Small) -> None:
    whole = rows_of(made)
    edges = [0, *(end for _, end in steps_after(made.course, 0))]
    for step, samples_seen in enumerate(edges):
        again = rows_of(made, samples_seen)
        assert [rows.tolist() for rows in again] == [rows.tolist() for rows in whole[step:]]


@pytest.mark.parametrize(("samples_seen", "phase"), [(2, "batch 4"), (44, "batch 8"), (239, "batch 12")])
def test_nothing_begins_inside_a_step(made: Small, samples_seen: int, phase: str) -> None:
    with pytest.raises(RunError, match=rf"{samples_seen} samples seen is inside a step: those of {phase} have"):
        rows_of(made, samples_seen)


def test_ranks_that_do_not_divide_a_batch_are_refused_until_their_number_changes(made: Small) -> None:
    with pytest.raises(RunError, match="batch 4: a batch of 4 cannot be divided evenly by 8 ranks"):
        rows_of(made, world=8)
    assert len(rows_of(made, 40, world=4)) == 20
    with pytest.raises(RunError, match="batch 12: a batch of 12 cannot be divided evenly by 8 ranks"):
        rows_of(made, 40, world=8)
    stretches = tuple(dataclasses.replace(one, gpus=one.batch) for one in made.course.stretches)
    growing = dataclasses.replace(made, course=dataclasses.replace(made.course, stretches=stretches))
    reader = Reader(made.corpus, Order(growing.course))
    with Batches(reader, growing.course, 40, rank=7, world=8) as batches:
        assert next(batches).rows.shape == (1, 5)


def test_a_batch_stays_as_it_is_while_the_next_is_read(made: Small) -> None:
    with Batches(Reader(made.corpus, Order(made.course)), made.course) as batches:
        for batch in batches:
            copy = batch.rows.copy()
            if batches._ahead is not None:
                assert batches._ahead.result().rows.tolist() != copy.tolist()
            assert batch.rows.tolist() == copy.tolist()


def test_memory_is_used_again(made: Small) -> None:
    with Batches(Reader(made.corpus, Order(made.course)), made.course) as batches:
        of_first_phase = {next(batches).rows.ctypes.data for _ in range(10)}
    assert len(of_first_phase) == 2


def test_what_goes_wrong_while_reading_ahead_comes_out_where_batches_are_taken(tmp_path: Path) -> None:
    made = small(tmp_path)
    before = threading.active_count()
    with (
        pytest.raises(RunError, match=r"000002\.bin: 0 bytes"),
        Batches(Reader(made.corpus, Order(made.course)), made.course) as batches,
    ):
        next(batches)
        os.truncate(made.corpus.units["english"]["news"][2].prefix + ".bin", 0)
        for _ in batches:
            pass
    assert threading.active_count() == before
    assert list(batches) == []


def test_an_error_elsewhere_ends_the_thread_too(made: Small) -> None:
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt), Batches(Reader(made.corpus, Order(made.course)), made.course) as batches:
        next(batches)
        raise KeyboardInterrupt
    assert threading.active_count() == before


def test_tokens_of_two_bytes_are_widened_without_a_sign() -> None:
    rows = np.array([[0, 32_767, 32_768, 65_499, 65_535]], np.uint16)
    ids = tokens_to_device(rows, "cpu")
    assert str(ids.dtype) == "torch.int64"
    assert ids.tolist() == [[0, 32_767, 32_768, 65_499, 65_535]]


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "int64"])
def test_ids_do_not_change_when_their_rows_are_read_into_anew(dtype: str) -> None:
    rows = np.array([[1, 2], [3, 255]], dtype)
    ids = tokens_to_device(rows, "cpu")
    rows[:] = 0
    assert ids.tolist() == [[1, 2], [3, 255]]
