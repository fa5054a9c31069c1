"""Parts with more documents than can be compared together are divided: less is found, and nothing wrong."""

from pathlib import Path

import pytest
from catalogue import Row, documents, duplicates_of, kept_ids, recipe, run_quietly, table, write_rows
from workshop import tree

from datapipe.dedup.near import parts
from datapipe.exchange import Sizes
from datapipe.passes import near_phases
from datapipe.report.figures import read_figures
from datapipe.report.findings import find

NEAR = "  - {name: duplicates, near: {max_removed_fraction: 1}}"
SMALL = Sizes(map_bytes=3000, partition_bytes=4000, slice_bytes=400)
MOST = 4
COPIES = 30
WORDS = [f"word{first}{second}" for first in "abcdef" for second in "abcdefghij"]


def row(words: list[str]) -> Row:
    return {**dict.fromkeys(["url", "date", "stars", "score", "good", "language"]), "text": " ".join(words)}


def fill(folder: Path) -> None:
    """One text thirty times, and six times with its first words changed, in pairs."""
    for number in range(6):
        other = [f"{'xyz'[number // 2]}{word}" for word in WORDS[:10]] + WORDS[10:]
        write_rows(folder, "a", [row(WORDS)] * (COPIES // 6) + [row(other)], f"{number}")


def test_of_a_crowded_bucket_one_document_of_every_piece_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path)
    whole = run_quietly(recipe(tmp_path, ["a"], NEAR, "whole"), tmp_path)
    monkeypatch.setattr(parts, "MOST_OF_A_PART", MOST)
    divided = run_quietly(recipe(tmp_path, ["a"], NEAR, "divided"), tmp_path)

    assert read_figures(str(whole)).duplicates[0].divided == 0
    found = read_figures(str(divided))
    assert found.duplicates[0].divided == COPIES + 6  # all have a band in common with another text
    assert "of 36 documents some pairs were not compared" in " ".join(one.text for one in find(found, [], []))
    texts = {key: one["text"] for key, one in documents(divided).items()}
    assert len(set(texts.values())) == 4
    assert sorted(texts[key] for key in kept_ids(whole)) == sorted(set(texts.values()))
    stays = [key for key in kept_ids(divided) if texts[key] == " ".join(WORDS)]
    assert 2 <= len(stays) <= 2 * COPIES // MOST
    for key, (other, _) in duplicates_of(divided).items():
        assert texts[key] == texts[other]
        assert other in kept_ids(divided)
    assert {one["is_accepted"] for one in table(divided, "evidence/duplicates.near/*.parquet")} == {True}


def test_how_parts_are_divided_does_not_depend_on_partitions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path)
    monkeypatch.setattr(parts, "MOST_OF_A_PART", MOST)
    at_once = run_quietly(recipe(tmp_path, ["a"], NEAR, "at_once"), tmp_path)
    monkeypatch.setattr(near_phases, "SIZES", SMALL)
    monkeypatch.setattr(near_phases, "GROUP_BYTES", 3000)
    monkeypatch.setattr(near_phases, "BLOCK_BYTES", 3000)
    in_pieces = run_quietly(recipe(tmp_path, ["a"], NEAR, "in_pieces"), tmp_path)

    assert tree(in_pieces) == tree(at_once)
    assert len(list((in_pieces / "exchange/duplicates.near.pairing.pairs").glob("*"))) > 1
