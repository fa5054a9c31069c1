"""How the connected parts of near-duplicates are found is nobody's business: outputs are the same, byte for byte."""

import random
from pathlib import Path

import pytest
from catalogue import Row, duplicates_of, recipe, run_quietly, write_rows
from workshop import tree

from datapipe.exchange import Sizes
from datapipe.passes import near_labels, near_phases

NEAR = "  - {name: duplicates, near: {bands: 20, rows: 2, verify: 0.5, max_removed_fraction: 1}}"
SMALL = Sizes(map_bytes=3000, partition_bytes=4000, slice_bytes=400)


def row(text: str) -> Row:
    return {**dict.fromkeys(["url", "date", "stars", "score", "good", "language"]), "text": text}


def families(seed: int) -> list[Row]:
    """Five texts, each twelve times with a word changed."""
    draw = random.Random(seed)
    found = []
    for number in range(5):
        words = [f"w{number}x{k}" for k in range(40)]
        for copy in range(12):
            place = draw.randrange(40)
            found.append(row(" ".join([*words[:place], f"changed{seed}{copy}", *words[place + 1 :]])))
    draw.shuffle(found)
    return found


def test_rounds_over_files_give_what_one_task_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for source, seed in (("a", 1), ("b", 2)):
        for number in range(4):
            write_rows(tmp_path, source, families(seed)[15 * number : 15 * number + 15], f"{number}")
    at_once = run_quietly(recipe(tmp_path, ["a", "b"], NEAR, "at_once"), tmp_path)
    monkeypatch.setattr(near_labels, "MOST_DOCUMENTS", 10)
    monkeypatch.setattr(near_labels, "RANGE_DOCUMENTS", 20)
    monkeypatch.setattr(near_phases, "SIZES", SMALL)
    monkeypatch.setattr(near_phases, "GROUP_BYTES", 6000)
    by_rounds = run_quietly(recipe(tmp_path, ["a", "b"], NEAR, "by_rounds"), tmp_path)

    assert tree(by_rounds) == tree(at_once)
    assert len(duplicates_of(by_rounds)) > 50
    assert len(list((by_rounds / "exchange").glob("duplicates.near.labels_lesser_01/*"))) > 2
