"""What one stage leaves for the next changes how long it takes, never what comes out."""

import threading

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.kernels import shared_walk
from datapipe.stage import text_buffers
from datapipe.stages.repetition import Repetition
from datapipe.stages.text_statistics import TextStatistics

STAGES = (TextStatistics(), Repetition("dclm"), Repetition("datatrove"))
BATCHES = tuple(
    pa.record_batch({"text": pa.array(texts, pa.large_string())})
    for texts in (
        ["one two one two\none two one two\n", ""],
        ["the cat. the cat. the end"],
        ["中国中国中国", "x", "y\n\ny"],
    )
)


def alone(stage: TextStatistics | Repetition, batch: pa.RecordBatch) -> pa.RecordBatch:
    """What a thread that knows nothing measures."""
    results = []
    thread = threading.Thread(target=lambda: results.append(stage(batch)))
    thread.start()
    thread.join()
    return results[0]


EXPECTED = {(stage, number): alone(stage, batch) for stage in STAGES for number, batch in enumerate(BATCHES)}


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(STAGES), st.sampled_from(range(len(BATCHES)))), max_size=12))
def test_any_order_of_stages_and_batches_gives_what_each_gives_alone(
    calls: list[tuple[TextStatistics | Repetition, int]],
) -> None:
    for stage, number in calls:
        assert stage(BATCHES[number]) == EXPECTED[stage, number]


def is_left_for_repetition(batch: pa.RecordBatch) -> bool:
    return shared_walk.take(*text_buffers(batch["text"]), datatrove=False) is not None


def measure_both(batch: pa.RecordBatch) -> None:
    for stage in STAGES[:2]:
        stage(batch)


@pytest.fixture
def fresh_thread() -> None:
    """A thread that has learnt nothing: the state is the thread's own, so this one forgets it."""
    shared_walk._walk.__dict__.clear()


@pytest.mark.usefixtures("fresh_thread")
def test_the_second_batch_is_walked_over_once() -> None:
    measure_both(BATCHES[0])
    STAGES[0](BATCHES[1])

    assert is_left_for_repetition(BATCHES[1])
    assert not is_left_for_repetition(BATCHES[1])


@pytest.mark.usefixtures("fresh_thread")
def test_nothing_is_left_for_another_text_or_another_count() -> None:
    measure_both(BATCHES[0])
    STAGES[0](BATCHES[1])

    assert not is_left_for_repetition(BATCHES[2])
    assert shared_walk.take(*text_buffers(BATCHES[1]["text"]), datatrove=True) is None


@pytest.mark.usefixtures("fresh_thread")
def test_without_repetition_nothing_more_is_left() -> None:
    measure_both(BATCHES[0])
    for batch in (BATCHES[1], BATCHES[2], BATCHES[0]):
        STAGES[0](batch)

    assert not is_left_for_repetition(BATCHES[0])
