"""Evidence crosses an exchange as numbers and comes out as rows, in an order of its own."""

import math

import numpy as np

from datapipe.dedup.near.evidence import (
    ACCEPTED,
    ALIKE,
    DIFFERENT,
    EVIDENCE_SCHEMA,
    REASONS,
    SIGNED_ALIKE,
    evidence_batch,
    evidence_records,
    sorted_evidence,
)

TABLE = ("books", "web")
WEB = 1 << 48
"""First word of an id of the second source whose hash is 0."""


def records(*rows: tuple[int, int, int, int, int, tuple[float, float, float]]) -> np.ndarray:
    """Of row key, last word of the id, that of the other's, bands, reason, measures."""
    keys, own, other, bands, reasons, measures = (list(column) for column in zip(*rows, strict=True))
    ids = [np.array([[WEB, one] for one in words], np.uint64) for words in (own, other)]
    return evidence_records(
        np.array(keys, np.uint64), *ids, np.array(bands), np.array(reasons), np.array(measures, np.float64)
    )


def test_every_word_comes_out_as_it_went_in() -> None:
    unknown = (0.5, math.nan, math.nan)
    found = evidence_batch(records((4, 7, 9, 3, ALIKE, (0.75, 0.8, 1.0)), (5, 8, 9, 0, SIGNED_ALIKE, unknown)), TABLE)

    assert found.schema == EVIDENCE_SCHEMA
    zeros = "web/0000000000000000/"
    assert found.to_pylist() == [
        {
            "id": f"{zeros}0000000007", "other_id": f"{zeros}0000000009", "bands": 3, "estimated_jaccard": 0.75,
            "jaccard": 0.8, "containment": 1.0, "is_accepted": True, "reason": "alike",
        },
        {
            "id": f"{zeros}0000000008", "other_id": f"{zeros}0000000009", "bands": 0, "estimated_jaccard": 0.5,
            "jaccard": None, "containment": None, "is_accepted": True, "reason": "alike by signature",
        },
    ]  # fmt: skip


def test_no_pairs_are_no_rows() -> None:
    assert evidence_batch(records((1, 1, 1, 1, 1, (1, 1, 1)))[:0], TABLE).num_rows == 0


def test_it_is_sorted_by_row_and_by_the_other_s_id_however_it_came() -> None:
    half = (0.5, 0.5, 0.5)
    rows = [
        (1, 5, 2, 1, DIFFERENT, half),
        (1, 5, 8, 1, DIFFERENT, half),  # two others with one id: by what was found
        (1, 5, 8, 2, ALIKE, half),
        (1, 5, 8, 2, ALIKE, (0.6, 0.5, 0.5)),
        (2, 4, 1, 1, DIFFERENT, half),
    ]
    in_order = records(rows[0], rows[2], rows[3], rows[1], rows[4])

    for seed in range(5):
        shuffled = np.random.default_rng(seed).permutation(len(rows))
        assert (sorted_evidence(records(*(rows[k] for k in shuffled))) == in_order).all()


def test_a_pair_is_accepted_where_its_reason_says_so() -> None:
    assert [reason for reason, accepted in zip(REASONS, ACCEPTED, strict=True) if not accepted] == [
        "too different",
        "too different by signature",
        "contains one of an earlier run, which stays",
    ]
