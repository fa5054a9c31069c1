"""Which columns exist where, and in whose files they lie."""

from collections.abc import Iterator

import pytest

from datapipe.loading.columns import Column, columns_before, document_fields
from datapipe.reader import READER_SCHEMA
from tests.recipe.own_stages import own_stages, recipe
from tests.recipe.small_recipe import RECIPE, changed, loaded


@pytest.fixture(autouse=True, scope="module")
def _own_stages() -> Iterator[None]:
    with own_stages():
        yield


def found(text: str, index: int) -> dict[str, Column]:
    return columns_before(loaded(text), index)


def test_documents_have_an_id_a_source_and_what_readers_deliver() -> None:
    base = ["id", "source", *(name for name in READER_SCHEMA.names if name != "record")]
    assert [field.name for field in document_fields(loaded(RECIPE))] == [*base, "stars", "heat", "spam", "topic"]


def test_sources_are_united_and_a_column_of_two_is_one() -> None:
    second = "  - {name: b, reader: jsonl, paths: [b], extra_columns: {stars: int, score: float}}\npasses:"
    names = [field.name for field in document_fields(loaded(changed("passes:", second)))]
    assert names[-5:] == ["stars", "heat", "spam", "topic", "score"]


def test_measurements_lie_with_the_pass_that_made_them() -> None:
    columns = found(recipe("own_rewrite", "own_measure", "own_derive"), 3)
    homes = {name: (one.home, one.is_document) for name, one in columns.items()}
    assert homes["text"] == homes["cut_count"] == homes["text_bytes"] == homes["stars"] == ("p0", True)
    assert homes["length"] == ("p1", False)
    assert homes["half_length"] == ("p2", False)


def test_the_first_pass_writes_documents_even_when_it_only_measures() -> None:
    columns = found(recipe("own_measure"), 1)
    assert (columns["length"].home, columns["length"].is_document) == ("p0", True)


def test_a_second_generation_takes_the_documents_along_and_leaves_annotations_behind() -> None:
    columns = found(recipe("own_measure", "own_derive", "own_rewrite"), 3)
    assert {one.home for one in columns.values()} == {"p2"}
    assert "half_length" not in columns
    assert columns["length"].stale
    assert not columns["cut_count"].stale
    assert not columns["stars"].stale


def test_what_was_measured_on_a_measurement_of_the_text_goes_stale_with_it() -> None:
    columns = found(recipe("own_measure, own_derive, url_statistics, own_rewrite, own_measure"), 1)
    assert {name for name, one in columns.items() if one.stale} == {"half_length"}


def test_the_text_itself_is_never_stale() -> None:
    assert not found(recipe("own_rewrite, own_rewrite", "own_rewrite"), 2)["text"].stale
