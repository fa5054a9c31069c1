"""What is like a given text is what plain comparison of all signatures says, by datasketch on the stored ones."""

import io
import json
import random
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from datasketch import LeanMinHash, MinHash

from datapipe import load, run
from datapipe.duplicates.likeness import find_alike
from datapipe.loading.located_yaml import RecipeError
from datapipe.locating import Library, open_run
from datapipe.passes.rounds import Round
from datapipe.recipe_duplicates import Near

RECIPE = """\
name: alike
output: out
holdout: {fraction: 0}
sources: [{name: web, reader: jsonl, paths: ["*.jsonl"]}]
passes:
  - {name: extract, steps: []}
  - {name: signed, steps: [minhash: {permutations: 20}]}
  - {name: duplicates, exact: {}}
domains: [{name: all, weight: 1}]
"""
NEAR = Round("signed", "near", None, "global", (), (), Near(bands=5, rows=4))
WORDS = ["mill", "river", "stone", "wheat", "hill", "of", "and", "the", "by", "old", "new", "grinds", "slowly", "runs"]


def edited(words: list[str], changes: int, seed: int) -> str:
    chance = random.Random(seed)
    found = list(words)
    for place in chance.sample(range(len(found)), changes):
        found[place] = f"other{chance.randrange(10**6)}"
    return " ".join(found)


@pytest.fixture(scope="module")
def original() -> list[str]:
    return random.Random(7).choices(WORDS, k=300)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, original: list[str]) -> Library:
    """A run over ten copies with more and more words changed, two of them twice, and other texts."""
    folder = tmp_path_factory.mktemp("alike")
    texts = [edited(original, 4 * number, number) for number in range(10)] + [edited(original, 0, 0), ""]
    texts += [" ".join(random.Random(seed).choices(WORDS, k=200)) for seed in range(30)]
    (folder / "a.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    (folder / "recipe.yaml").write_text(RECIPE)
    return open_run(run(load(folder / "recipe.yaml"), root=str(folder)))


def record(identifier: str) -> int:
    return int(identifier.rpartition("/")[2])


def test_the_most_alike_come_first_with_what_became_of_them(
    library: Library, original: list[str], tmp_path: Path
) -> None:
    (tmp_path / "given.txt").write_text(" ".join(original).upper() + "!")
    found = find_alike(library, NEAR, str(tmp_path / "given.txt"), 4)

    assert found.searched == 41  # the empty one has no signature
    assert [record(one.id) for one in found.documents[:2]] == [0, 10]
    assert [one.jaccard for one in found.documents[:2]] == [1, 1]
    assert {record(one.id): one.drop_reason for one in found.documents[:2]} == {0: None, 10: "duplicates.exact"}
    assert found.documents[0].text == " ".join(original)
    assert len(found.documents) == 4 and 0 < found.documents[3].jaccard < 1


def test_it_is_what_comparing_all_bands_says(library: Library, original: list[str], tmp_path: Path) -> None:
    text = edited(original, 10, 99)
    (tmp_path / "given.txt").write_text(text)
    given = signature(text)
    expected = {}
    for identifier in identifiers(library):
        other = library.texts([identifier])[identifier]
        if other and any((given[k : k + 4] == signature(other)[k : k + 4]).all() for k in range(0, 20, 4)):
            expected[identifier] = float((given == signature(other)).mean())
    found = find_alike(library, NEAR, str(tmp_path / "given.txt"), 100)
    assert len(expected) >= 3
    assert {one.id: one.jaccard for one in found.documents} == expected


def identifiers(library: Library) -> list[str]:
    files = sorted(Path(library.folder).glob("documents/extract/*.parquet"))
    return [identifier for file in files for identifier in pq.read_table(file)["id"].to_pylist()]


def signature(text: str) -> np.ndarray:
    """By datasketch, from the hashes of shingles that plain Python would take from the kernel's own parity test."""
    from datapipe.kernels.shingles import shingle_hashes
    from datapipe.kernels.shingling import Shingling

    data = np.frombuffer(text.encode(), np.uint8)
    _, hashes = shingle_hashes(np.array([0, len(data)]), data, Shingling("word", 5, "folded", False, 500_000))
    one = MinHash(num_perm=20, seed=1, scheme="affine32", hashfunc=lambda value: value)
    one.update_batch([int(value) for value in hashes])
    return LeanMinHash(one).hashvalues


def test_it_can_be_asked_on_standard_input(
    library: Library, original: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(" ".join(original).encode())))
    assert find_alike(library, NEAR, "-", 1).documents[0].jaccard == 1


def test_a_text_without_words_and_a_single_band_are_refused(library: Library, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text(" \n")
    with pytest.raises(RecipeError, match=r"empty.txt: no words to compare"):
        find_alike(library, NEAR, str(tmp_path / "empty.txt"), 1)
    single = Round("signed", "near", None, "global", (), (), Near(bands=1, rows=20))
    with pytest.raises(RecipeError, match="--like needs two bands or more"):
        find_alike(library, single, str(tmp_path / "empty.txt"), 1)
