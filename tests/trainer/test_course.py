"""A course survives being written down."""

import dataclasses

import pytest

from tests.trainer.small_course import corpus_of, plan_of
from trainer.course import course_json, read_course
from trainer.settle import settle

COURSE = settle(
    plan_of("tokens: 1000, batch: 3, gpus: 3", "tokens: 500, batch: 4"),
    corpus_of({"news": {"日本": 8, "b": 3}}),
)


def test_a_course_reads_back_equal() -> None:
    assert read_course(course_json(COURSE)) == COURSE


def test_the_order_of_units_is_no_part_of_the_text() -> None:
    turned = dataclasses.replace(COURSE, windows={"news": dict(reversed(COURSE.windows["news"].items()))})
    assert course_json(turned) == course_json(COURSE)


def test_every_number_has_a_line() -> None:
    assert '   "日本": 8' in course_json(COURSE).splitlines()


def test_a_course_without_one_of_its_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="seq_len"):
        read_course(course_json(COURSE).replace('"seq_len": 10,', ""))
