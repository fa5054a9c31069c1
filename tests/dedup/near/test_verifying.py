"""Pairs are judged by their shingles: what is found of each is what plain Python sets say."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from comparing import FORM, compare, ids_of, key_of, one_slice, sets_of, sign
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.dedup.near.evidence import EVIDENCE_SCHEMA
from datapipe.dedup.near.records import BETTER_FALLS, MEMBER_WORDS, OTHER_FALLS, PAIR_WORDS, SHINGLE_WORDS
from datapipe.dedup.near.verifying import VerifyTask, verify_pairs
from datapipe.exchange import Split
from datapipe.kernels.packed_records import spread
from datapipe.kernels.packed_sets import pack_sets

ALIKE = OTHER_FALLS | BETTER_FALLS


def numbered(first: int, last: int) -> str:
    """A text of words that differ: of n words it has n - 4 shingles."""
    return " ".join(f"w{chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(first, last))


def test_a_pair_is_alike_from_the_threshold_on(tmp_path: Path) -> None:
    """Of 10 shingles and 9, one of them lost, 9 of 10 are shared; 8 of 10 is the threshold itself; then 7 of 10."""
    texts = [numbered(0, 14), numbered(0, 13), numbered(0, 12), numbered(0, 11)]

    done = compare(tmp_path, texts, [(0, 1), (0, 2), (0, 3)])

    assert done.matches == [[0, 1, ALIKE], [0, 2, ALIKE]]
    assert [(one["jaccard"], one["containment"]) for one in done.evidence] == [(0.9, 1.0), (0.8, 1.0), (0.7, 1.0)]
    assert [(one["is_accepted"], one["reason"]) for one in done.evidence] == [
        (True, "alike"),
        (True, "alike"),
        (False, "too different"),
    ]
    own = ids_of("web", 0, 3)
    assert [(one["id"], one["other_id"]) for one in done.evidence] == [
        (own[1], own[0]),
        (own[2], own[0]),
        (ids_of("web", 1, 1)[0], own[0]),
    ]
    assert done.verified.figures["pairs"]["alike"] == 2
    assert done.verified.figures["pairs"]["too different"] == 1


@pytest.mark.parametrize(
    ("better", "other", "reason", "falls"),
    [
        ((0, 30), (5, 15), "contained in the other", OTHER_FALLS),
        ((5, 15), (0, 30), "contains the other", BETTER_FALLS),
        ((0, 14), (1, 15), "contained in the other", OTHER_FALLS),  # 9 of 10 in each: equals, so the worse one falls
    ],
)
def test_a_contained_document_alone_falls(
    tmp_path: Path, better: tuple[int, int], other: tuple[int, int], reason: str, falls: int
) -> None:
    options = {"containment": 0.9, "verify": 0.95}
    done = compare(tmp_path, [numbered(*better), numbered(*other)], [(0, 1)], options=options)

    assert [one["reason"] for one in done.evidence] == [reason]
    assert done.evidence[0]["is_accepted"]
    assert done.matches == [[0, 1, falls]]


def test_without_containment_a_contained_document_stays(tmp_path: Path) -> None:
    done = compare(tmp_path, [numbered(0, 30), numbered(5, 15)], [(0, 1)])

    assert done.matches == []
    assert done.evidence[0]["containment"] == 1.0


WORDS = st.lists(st.sampled_from("ab"), min_size=1, max_size=30).map(" ".join)
"""Of two words: many of their shingles are equal."""


@settings(max_examples=30, deadline=None)
@given(st.lists(WORDS, min_size=2, max_size=7), st.sampled_from([None, 0.9]))
def test_everything_is_what_sets_say(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], containment: float | None
) -> None:
    pairs = list(itertools.combinations(range(len(texts)), 2))

    done = compare(tmp_path_factory.mktemp("run"), texts, pairs, options={"containment": containment, "verify": 0.5})

    sets, signed = sets_of(texts), sign(texts, FORM).tolist()
    names = [name for k in range(3) for name in ids_of("web", k, 3)]
    assert [(one["id"], one["other_id"]) for one in done.evidence] == [
        (names[other], names[one]) for one, other in sorted(pairs, key=lambda pair: pair[::-1])
    ]
    for row in done.evidence:
        other, better = names.index(row["id"]), names.index(row["other_id"])
        common = len(sets[better] & sets[other])
        assert row["jaccard"] == common / len(sets[better] | sets[other])
        assert row["containment"] == common / min(len(sets[better]), len(sets[other]))
        equal = [one == two for one, two in zip(signed[better], signed[other], strict=True)]
        assert row["estimated_jaccard"] == sum(equal) / FORM.permutations
        assert row["bands"] == sum(all(equal[band : band + FORM.rows]) for band in range(0, len(equal), FORM.rows))
        falls = row["is_accepted"] and (
            ALIKE if row["reason"] == "alike" else {"contained in the other": 1, "contains the other": 2}[row["reason"]]
        )
        assert [falls] * bool(falls) == [who for one, two, who in done.matches if (one, two) == (better, other)]


def test_signatures_are_compared_where_they_are_asked_for(tmp_path: Path) -> None:
    texts = [numbered(0, 200), numbered(0, 190), numbered(90, 290)]
    options = {"compare": "signatures", "bands": 40, "rows": 5}

    done = compare(tmp_path, texts, [(0, 1), (0, 2)], options=options)

    assert [one["reason"] for one in done.evidence] == ["alike by signature", "too different by signature"]
    assert {one["jaccard"] for one in done.evidence} | {one["containment"] for one in done.evidence} == {None}
    assert done.evidence[0]["estimated_jaccard"] == pytest.approx(186 / 196, abs=0.05)
    assert done.matches == [[0, 1, ALIKE]]
    assert done.gathered.bytes_in == 0


def test_signatures_are_alike_from_the_threshold_on(tmp_path: Path) -> None:
    options: dict[str, object] = {"compare": "signatures", "bands": 40, "rows": 5}

    def found(name: str, verify: float) -> dict[str, object]:
        texts = [numbered(0, 200), numbered(0, 190)]
        return compare(tmp_path / name, texts, [(0, 1)], options={**options, "verify": verify}).evidence[0]

    estimated = found("learnt", 0.8)["estimated_jaccard"]
    assert isinstance(estimated, float)
    assert found("at", estimated)["reason"] == "alike by signature"
    assert found("above", math.nextafter(estimated, 1))["reason"] == "too different by signature"


@pytest.mark.parametrize(
    ("stored", "reason", "jaccard"), [(True, "alike", 186 / 196), (False, "alike by signature", None)]
)
def test_documents_of_earlier_runs_are_compared_on_what_was_kept_of_them(
    tmp_path: Path, stored: bool, reason: str, jaccard: float | None
) -> None:
    """The first position is an earlier document: it does not fall. A pair of this run is compared as ever."""
    texts, earlier = [numbered(0, 190), numbered(0, 180)], ["something else", numbered(0, 200)]
    options = {"bands": 40, "rows": 5, "earlier_runs": 1}

    done = compare(tmp_path, texts, [(1, 2), (2, 3)], earlier, stored, options)

    by_other = {one["other_id"]: one for one in done.evidence}
    found = by_other[ids_of("old", 0, 2)[1]]
    assert (found["reason"], found["jaccard"]) == (reason, jaccard)
    assert done.matches == [[1, 2, OTHER_FALLS], [2, 3, ALIKE]]
    assert by_other[ids_of("web", 0, 1)[0]]["jaccard"] == 176 / 186


def test_a_shorter_document_of_an_earlier_run_takes_no_longer_one_away(tmp_path: Path) -> None:
    options = {"containment": 0.9, "earlier_runs": 1}
    done = compare(tmp_path, [numbered(0, 30)], [(0, 1)], [numbered(5, 15)], True, options)

    assert done.evidence[0]["reason"] == "contains one of an earlier run, which stays"
    assert not done.evidence[0]["is_accepted"]
    assert done.matches == []


@pytest.mark.parametrize("there", [0, 1])
def test_a_document_without_shingles_is_named(tmp_path: Path, there: int) -> None:
    """They cross the exchange for every member of a block: one that is missing is not taken for an empty one."""
    starts, words = pack_sets(np.array([0, 2], np.int64), np.array([5, 9], np.uint32))
    packed = spread(starts, words, np.arange(there), np.zeros(there, np.uint64), np.zeros(there, np.uint64), 16)
    members = one_slice(tmp_path / "members", [[0, 0, 0, 1, 1], [0, 1, 7, 1, 2]], MEMBER_WORDS)
    pairs = one_slice(tmp_path / "pairs", [[0, 0, 1]], PAIR_WORDS)
    shingles = one_slice(tmp_path / "shingles", packed, SHINGLE_WORDS)
    split = Split(1, 0, 1, (0,))

    with pytest.raises(ValueError, match=f"near.verifying 000000: no shingles .* row key {(0, 7)[there]:#x}"):
        verify_pairs(VerifyTask(key_of(tmp_path, "verifying"), pairs, members, (shingles,), FORM, split))


def test_evidence_has_the_form_of_its_file(tmp_path: Path) -> None:
    done = compare(tmp_path, ["a b c d e", "a b c d e"], [(0, 1)])

    assert list(done.evidence[0]) == EVIDENCE_SCHEMA.names
    assert done.evidence[0]["bands"] == FORM.bands
