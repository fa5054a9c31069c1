"""What the certificate proves holds: training the whole table gives the same merges."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapipe.output import RunError
from tests.tokenizer.tables import RULES, columns, library_model, normal_pieces, real_table
from tokenizer.model_file import read_model
from tokenizer.replaying.certificate import certify
from tokenizer.replaying.merge_bounds import proven_merges
from tokenizer.replaying.pruning import Pruned, pruned_rows, split_rows
from tokenizer.replaying.replay import learn
from tokenizer.training.estimate import NATIVE
from tokenizer.training.trainer_rules import Rules

PLAIN = Rules(fixed=("<s>",), max_piece_length=6)


def proven(rows: Pruned, merges: int) -> tuple[int, list[str]]:
    """How many merges are proven, and all of them."""
    found = learn(rows.fragments, rows.counts, merges, PLAIN, 1.0)
    sure = proven_merges(rows, found, PLAIN)
    return (len(sure) if sure.all() else int(np.argmin(sure))), list(found.pieces)


def split(table: dict[str, int], left_out: set[str]) -> Pruned:
    return split_rows(*columns(table), PLAIN, np.array([text not in left_out for text in table]))


def test_a_lead_that_nothing_left_out_can_reach_is_proven() -> None:
    # ab leads by 10 - 4; the rows left out hold b|c 3 times, and a|b never.
    assert proven(split({"ab": 10, "cd": 4, "bc": 3}, {"bc"}), 1) == (1, ["ab"])


def test_a_lead_that_what_is_left_out_could_reach_is_not() -> None:
    assert proven(split({"ab": 10, "cd": 4, "bc": 11}, {"bc"}), 1) == (0, ["ab"])


def test_what_is_left_out_counts_for_the_pair_as_well() -> None:
    # ab has 10 here and surely 5 there, where nothing but b|c could reach 15.
    assert proven(split({"ab": 10, "cd": 12, "abc": 5}, {"abc"}), 1)[0] == 0
    assert proven(split({"ab": 12, "cd": 10, "abc": 5}, {"abc"}), 1) == (1, ["ab"])


def test_merges_use_up_what_could_be_lost() -> None:
    # a|b met 9 times in what is left out, but all of that is merged when cd, of 8, is next.
    assert proven(split({"ab": 10, "cd": 8, "abx": 9}, {"abx"}), 2)[0] == 1
    assert proven(split({"ab": 20, "cd": 10, "abx": 9}, {"abx"}), 2) == (2, ["ab", "cd"])


letters = st.text("abc", min_size=1, max_size=9)
tables = st.dictionaries(letters, st.one_of(st.integers(1, 4), st.integers(1, 300)), min_size=2, max_size=25)


@given(tables, st.integers(1, 8))
@settings(deadline=None, max_examples=200)
def test_what_is_proven_is_never_wrong(table: dict[str, int], keep: int) -> None:
    frequent = sorted(table, key=lambda text: -table[text])[:keep]
    number, pieces = proven(split(table, set(table) - set(frequent)), 12)
    assert list(learn(*columns(table), 12, PLAIN, 1.0).pieces)[:number] == pieces[:number]


@given(tables, st.sets(letters, max_size=8))
@settings(deadline=None, max_examples=100)
def test_nor_when_anything_is_left_out(table: dict[str, int], left_out: set[str]) -> None:
    number, pieces = proven(split(table, left_out), 12)
    assert list(learn(*columns(table), 12, PLAIN, 1.0).pieces)[:number] == pieces[:number]


@pytest.mark.parametrize("name", ["english", "mix"])
@pytest.mark.parametrize("keep", [0.9, 0.2])
def test_on_real_text_the_whole_table_gives_the_pieces_that_are_proven(name: str, keep: float) -> None:
    fragments, counts = columns(real_table(name))
    order = np.argsort(-counts, kind="stable")
    stays = np.zeros(len(counts), bool)
    stays[order[: int(keep * len(counts))]] = True
    rows = split_rows(fragments, counts, RULES, stays)
    kept = dict(zip(rows.fragments.to_pylist(), rows.counts.tolist(), strict=True))
    pruned, whole = library_model(kept, 4096), library_model(real_table(name), 4096)
    certificate, merges = certify(rows, read_model(pruned, "model"), RULES)
    assert set(merges.characters) == {piece for piece in normal_pieces(whole) if len(piece) == 1}
    assert list(merges.pieces)[: certificate.proven] == normal_pieces(whole)[: certificate.proven]
    assert certificate.proven < certificate.merges


def test_fragments_are_left_out_until_memory_suffices() -> None:
    fragments, counts = columns({"ab": 3, "cde": 1, "f": 2, "gh": 1, "ij": 2})
    limit = NATIVE.base + 5 * (NATIVE.per_character + NATIVE.per_text_byte) + 1024 * NATIVE.per_piece
    rows = pruned_rows(fragments, counts, PLAIN, limit, 1024)
    assert rows.left_out.to_pylist() == ["cde", "gh"]
    assert dict(zip(rows.fragments.to_pylist(), rows.counts.tolist(), strict=True)) == {
        **{"ab": 3, "f": 2, "ij": 2}, **dict.fromkeys("cdegh", 1)
    }  # fmt: skip


def test_too_little_memory_is_refused() -> None:
    with pytest.raises(RunError, match=r"train.max_memory_bytes: 1,000 is too little"):
        pruned_rows(*columns({"ab": 3}), PLAIN, 1000, 1024)


def test_the_sentence_of_an_exact_vocabulary() -> None:
    fragments, counts = columns(real_table("code"))
    rows = pruned_rows(fragments, counts, RULES, 10**12, 1024)
    model = read_model(library_model(real_table("code"), 2048), "model")
    certificate, merges = certify(rows, model, RULES)
    assert certificate.sentence == "exact: all fragments of the corpus were counted"
    assert certificate.proven == certificate.merges == len(merges.pieces)
    sampled, _ = certify(rows, model, RULES, ["th", "zh"])
    assert sampled.sentence == "exact: all counted fragments were used; th, zh rest on a sample"
    assert json.loads(json.dumps(sampled.as_json()))["sampled"] == ["th", "zh"]
    unnamed = replace(certificate, sampled=("", "th"))
    assert unnamed.sentence.endswith("; texts without a language, th rest on a sample")
    partly = replace(certificate, not_counted=12)
    assert partly.sentence == "exact: all counted fragments were used; 12 fragments were too long to be counted"


def test_warnings_have_their_figures() -> None:
    table = {"abc": 150, "xy": 99}
    model = read_model(library_model(table, 1088), "model")
    certificate, _ = certify(pruned_rows(*columns(table), RULES, 10**12, 1024), model, RULES)
    assert (certificate.merges, certificate.last_count, certificate.rare_share, certificate.never) == (4, 0, 0.5, 1)
