"""How a plan differs from a checkpoint is told by what stands in it."""

import dataclasses
from typing import Any

import pytest

from tests.trainer import tiny_training as tiny
from trainer.checkpointing.differences import differences, fixed_differences, shortened
from trainer.checkpointing.record import Terms, Vocabulary
from trainer.course import Course, Parts
from trainer.plan import Optimizer

TERMS = tiny.record().terms
COURSE = TERMS.course
FIRST, SECOND = COURSE.stretches
OTHER_PARTS = Parts({"english": 1 << 20}, {"english": {"web": 3 << 18, "books": 1 << 18}})


def course(**changes: Any) -> Terms:
    return dataclasses.replace(TERMS, course=dataclasses.replace(COURSE, **changes))


CASES: list[tuple[Terms, list[str]]] = [
    (TERMS, []),
    (course(seed=18), ["seed: 17 in the checkpoint, 18 in the plan"]),
    (course(seq_len=4096), ["seq_len: 32 in the checkpoint, 4,096 in the plan"]),
    (course(data="data-2"), ["data: other tokens, data-1 in the checkpoint, data-2 now"]),
    (
        course(data="data-2", windows={"english": {"web": 1030, "books": 64}}),
        ["english/web: 1,024 windows in the checkpoint, 1,030 in the data"],
    ),
    (
        course(windows={"english": {"web": 1024}, "code": {"python": 3}}),
        [
            "english/books: 64 windows in the checkpoint, none in the data",
            "code/python: none windows in the checkpoint, 3 in the data",
        ],
    ),
    (
        course(stretches=(FIRST, dataclasses.replace(SECOND, batch=16))),
        ["phases.1.batch: 8 in the checkpoint, 16 in the plan"],
    ),
    (
        course(stretches=(FIRST, dataclasses.replace(SECOND, batch=12, end=52))),  # one of them crosses the edge
        ["phases.1.batch: 8 in the checkpoint, 12 in the plan"],
    ),
    (
        course(stretches=(FIRST, dataclasses.replace(SECOND, batch=12, end=64))),
        [
            "phases.1.batch: 8 in the checkpoint, 12 in the plan",
            "phases.1.samples: 32 in the checkpoint, 48 in the plan",
        ],
    ),
    (
        course(stretches=(FIRST, dataclasses.replace(SECOND, end=64))),
        ["phases.1.samples: 32 in the checkpoint, 48 in the plan"],
    ),
    (
        course(stretches=(FIRST, dataclasses.replace(SECOND, parts=OTHER_PARTS))),
        [
            "phases.1.blend.english/web: 0.5 in the checkpoint, 0.75 in the plan",
            "phases.1.blend.english/books: 0.5 in the checkpoint, 0.25 in the plan",
        ],
    ),
    (course(stretches=(FIRST,)), ["phases.1: only in the checkpoint"]),
    (
        course(stretches=(FIRST, SECOND, dataclasses.replace(SECOND, phase="third", first=48, end=56))),
        ["phases.2: third is in the plan only"],
    ),
    (
        course(stretches=(dataclasses.replace(FIRST, cursors={"english": {"web": 5, "books": 0}}), SECOND)),
        ["samples of other runs.english/web: 0 in the checkpoint, 5 in the plan"],
    ),
    (
        course(rates=(COURSE.rates[0], dataclasses.replace(COURSE.rates[1], end_rate=1e-5))),
        [
            "learning rate, piece 1: cosine from 0.001 to 0.0001 over samples 16 to 48 in the checkpoint, "
            "cosine from 0.001 to 1e-05 over samples 16 to 48 in the plan"
        ],
    ),
    (
        dataclasses.replace(TERMS, optimizer=Optimizer(betas=(0.9, 0.99), weight_decay=0.0, z_loss=1e-4)),
        [
            "optimizer.betas: (0.9, 0.95) in the checkpoint, (0.9, 0.99) in the plan",
            "optimizer.weight_decay: 0.1 in the checkpoint, 0.0 in the plan",
            "optimizer.z_loss: 0.0 in the checkpoint, 0.0001 in the plan",
        ],
    ),
    (
        dataclasses.replace(TERMS, precision="fp32", document_mask=True, fp8=True),
        [
            "execution.precision: bf16 in the checkpoint, fp32 in the plan",
            "execution.document_mask: False in the checkpoint, True in the plan",
            "execution.fp8: False in the checkpoint, True in the plan",
        ],
    ),
]


@pytest.mark.parametrize(("now", "lines"), CASES)
def test_a_difference_is_a_line(now: Terms, lines: list[str]) -> None:
    assert differences(TERMS, now) == lines
    assert fixed_differences(TERMS, now) == []


@pytest.mark.parametrize(
    ("now", "lines"),
    [
        (
            dataclasses.replace(TERMS, shape=dataclasses.replace(tiny.SHAPE, n_layer=2, rope_base=500_000.0)),
            [
                "model.n_layer: 1 in the checkpoint, 2 in the plan",
                "model.rope_base: 10000.0 in the checkpoint, 500000.0 in the plan",
            ],
        ),
        (
            dataclasses.replace(TERMS, vocabulary=Vocabulary("other-16", "abcdef")),
            ["vocabulary: tiny-16 (0123456789abcdef) in the checkpoint, other-16 (abcdef) in the data"],
        ),
    ],
)
def test_another_model_or_vocabulary_stays_a_difference_whatever_the_plan(now: Terms, lines: list[str]) -> None:
    assert differences(TERMS, now) == fixed_differences(TERMS, now) == lines


def test_the_same_vocabulary_by_another_name_is_no_difference() -> None:
    renamed = dataclasses.replace(TERMS, vocabulary=dataclasses.replace(tiny.VOCABULARY, tokenizer="renamed"))
    assert differences(TERMS, renamed) == []


def test_how_many_gpus_there_are_is_no_difference() -> None:
    on_eight: Course = dataclasses.replace(COURSE, stretches=(dataclasses.replace(FIRST, gpus=8), SECOND))
    assert differences(TERMS, dataclasses.replace(TERMS, course=on_eight)) == []


def test_a_long_difference_is_cut_and_counted() -> None:
    assert shortened([str(n) for n in range(12)]) == [str(n) for n in range(12)]
    assert shortened([str(n) for n in range(2012)])[11:] == ["11", "and 2,000 more"]
