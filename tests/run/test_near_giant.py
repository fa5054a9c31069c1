"""One cluster of very many: a page that a site has a hundred thousand times."""

import dataclasses
from pathlib import Path

import pytest
from catalogue import duplicates_of, kept_ids, recipe, run_quietly, write_rows

NEAR = "  - {name: duplicates, near: {max_removed_fraction: 1}}"
COPIES = 100_000


@pytest.mark.slow
def test_of_a_hundred_thousand_equal_pages_one_stays(tmp_path: Path) -> None:
    page = {**dict.fromkeys(["url", "date", "stars", "score", "good", "language"]), "text": " ".join("abcdefghij" * 5)}
    for number in range(4):
        write_rows(tmp_path, "web", [page] * (COPIES // 4), f"{number}")
    output = run_quietly(dataclasses.replace(recipe(tmp_path, ["web"], NEAR), cut_bytes=16 << 20), tmp_path)

    (stays,) = kept_ids(output)
    fallen = duplicates_of(output)
    assert len(fallen) == COPIES - 1
    assert set(fallen.values()) == {(stays, COPIES)}
