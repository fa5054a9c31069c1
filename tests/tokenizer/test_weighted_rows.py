"""Rows that vocabularies are learned from: sums over units, scaled and rounded."""

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.output import RunError
from tests.tokenizer.training_texts import pieces, rows_of, texts
from tokenizer.recipe import Symbols, Train
from tokenizer.symbols import user_symbols
from tokenizer.training.vocabulary import train_model
from tokenizer.training.weighted_rows import BOUNDARY, LARGEST, weighted_rows

Count = tuple[str, str, str, float, int]
COUNTS: list[Count] = [
    ("a", "english", "books", 1.0, 3),
    ("a", "english", "web", 1.0, 5),
    (" b", "english", "web", 1.0, 1),
    ("的", "multilingual", "zh", 0.5, 7),
    ("的", "multilingual", "zh", 1.0, 1),
]
FACTORS = {("english", "books"): 2.0, ("english", "web"): 1.0, ("multilingual", "zh"): 3.0}


def batch(counts: list[Count]) -> pa.RecordBatch:
    columns = list(zip(*counts, strict=True)) if counts else [[]] * 5
    types = {"fragment": pa.string(), "domain": pa.dictionary(pa.int32(), pa.string()), "unit": pa.string(),
             "sample_rate": pa.float64(), "count": pa.int64()}  # fmt: skip
    arrays = [pa.array(column, pa.string()).cast(kind) if pa.types.is_dictionary(kind) else pa.array(column, kind)
              for column, kind in zip(columns, types.values(), strict=True)]  # fmt: skip
    return pa.record_batch(arrays, schema=pa.schema(types))


def as_dict(counts: list[Count], factors: dict[tuple[str, str], float]) -> dict[str, int]:
    found = weighted_rows([batch(counts)], factors)
    return dict(zip(found.fragments.to_pylist(), found.counts.tolist(), strict=True))


def test_a_fragment_counts_over_all_units_times_their_factors() -> None:
    assert as_dict(COUNTS, FACTORS) == {"a": 2 * 3 + 5, " b": 1, "的": 3 * (14 + 1)}


def test_what_is_not_whole_is_scaled_before_it_is_rounded() -> None:
    found = weighted_rows([batch(COUNTS)], {**FACTORS, ("english", "web"): 1.3})
    assert found.scale == 1e14  # 12.5 + 1.3 + 45 is 58.8, and below 2**53 = 9.0e15 times this
    assert (found.counts / found.scale).tolist() == pytest.approx([12.5, 1.3, 45])


def test_a_large_corpus_is_scaled_by_a_thousand_all_the_same() -> None:
    found = weighted_rows([batch([("a", "e", "w", 1.0, 10**13), ("b", "e", "w", 1.0, 1)])], {("e", "w"): 1.3})
    assert (found.scale, found.counts[1]) == (1000.0, 1300)


@given(st.lists(st.integers(1, 2**60), min_size=1, max_size=5), st.floats(1e-3, 1.0, exclude_max=True))
def test_no_sum_comes_near_the_limit_of_64_bits(counts: list[int], factor: float) -> None:
    rows = [(str(number), "e", "w", 1.0, count) for number, count in enumerate(sorted(counts))]
    found = weighted_rows([batch(rows)], {("e", "w"): factor})
    assert sum(found.counts.tolist()) <= LARGEST * 1.01


def test_rows_that_count_nothing_are_left_out_and_told() -> None:
    counts: list[Count] = [("a", "e", "w", 1.0, 10**13), ("b", "e", "x", 1.0, 1), ("c", "e", "y", 1.0, 1)]
    found = weighted_rows([batch(counts)], {("e", "w"): 1.3, ("e", "x"): 1e-6, ("e", "y"): 0.0})
    assert (found.fragments.to_pylist(), found.unweighted, found.rounded_away) == (["a"], 1, 1)


@given(st.lists(st.integers(0, 5), max_size=4))
def test_where_batches_end_changes_nothing(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), 5]
    batches = [batch(COUNTS[start:end]) for start, end in itertools.pairwise(places)]
    factors = {**FACTORS, ("english", "web"): 1.3}
    found, whole = weighted_rows(batches, factors), weighted_rows([batch(COUNTS)], factors)
    assert found.fragments.equals(whole.fragments)
    assert np.array_equal(found.counts, whole.counts)


def test_symbols_become_one_row_that_sentencepiece_takes_for_a_boundary() -> None:
    counts: list[Count] = [("\n", "e", "w", 1.0, 4), ("a", "e", "w", 1.0, 2), ("२", "e", "w", 1.0, 3)]
    found = weighted_rows([batch(counts)], {("e", "w"): 1.0}, user_symbols(Symbols()))
    assert (found.fragments.to_pylist(), found.counts.tolist()) == (["a", BOUNDARY], [2, 7])


@pytest.mark.parametrize("count", [
    ("a", "english", "nobody", 1.0, 1), ("a", "english", "web", 0.0, 1), ("a", "english", "web", 1.5, 1),
    ("a", "english", "web", float("nan"), 1), ("a", "english", "web", 1.0, 0), ("a", "english", "web", 1.0, -4),
])  # fmt: skip
def test_damaged_counts_are_refused(count: Count) -> None:
    with pytest.raises(RunError, match="the counts are damaged"):
        weighted_rows([batch([*COUNTS, count])], FACTORS)


def test_counts_of_nothing_are_refused() -> None:
    with pytest.raises(RunError, match="no text was counted"):
        weighted_rows([batch([])], FACTORS)
    with pytest.raises(RunError, match="all that was counted has weight 0"):
        weighted_rows([batch(COUNTS)], dict.fromkeys(FACTORS, 0.0))


def test_whole_factors_train_as_text_that_is_repeated_so_often() -> None:
    symbols, train = Symbols(), Train(fim=(), reserved=0)
    units = {"english": 3.0, "hindi": 7.0, "thai": 1.0, "arabic": 0.0}
    counts = sorted(
        (fragment, "text", name, 1.0, count)
        for name in units
        for fragment, count in zip(*_counted(texts(name)[:60]), strict=True)
    )
    repeated = [text for name, times in units.items() for text in texts(name)[:60] * int(times)]
    weighted = weighted_rows([batch(counts)], {("text", name): times for name, times in units.items()})
    assert weighted.scale == 1
    model = train_model(weighted, train, symbols, 3072)
    assert pieces(model) == pieces(train_model(rows_of(repeated), train, symbols, 3072))


def _counted(documents: tuple[str, ...]) -> tuple[list[str], list[int]]:
    found = rows_of(documents)
    return found.fragments.to_pylist(), found.counts.tolist()
