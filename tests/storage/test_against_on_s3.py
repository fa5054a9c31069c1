"""An earlier run may lie in an object store, and so may the run that is compared with it."""

from pathlib import Path

import pytest
from catalogue import EXACT, recipe, run_quietly, table, write_rows

from tests.storage.conftest import Store


@pytest.mark.slow
def test_a_run_is_compared_with_one_in_a_bucket(tmp_path: Path, store: Store) -> None:
    for name, words in (("a", ["one", "two"]), ("b", ["two", "three"])):
        columns = ["url", "date", "stars", "score", "good", "language"]
        write_rows(tmp_path, name, [{**dict.fromkeys(columns), "text": word} for word in words])
    earlier = store.uri("runs/first")
    run_quietly(recipe(tmp_path, ["a"], EXACT, earlier), tmp_path)
    exact = EXACT.replace("{}", f"{{against: ['{earlier}']}}")
    output = run_quietly(recipe(tmp_path, ["b"], exact), tmp_path)

    assert [row["text"] for row in table(output, "shards/**/*.parquet")] == ["three"]
    (fallen,) = table(output, "decisions/duplicates.exact/*.parquet")
    assert fallen["duplicate_of"].startswith("a/")
    assert "runs/first/indexes/duplicates.exact.json" in store.objects("runs/first/")


@pytest.mark.slow
def test_near_duplicates_are_compared_with_shingles_in_a_bucket(tmp_path: Path, store: Store) -> None:
    near = "  - {name: duplicates, near: {ngram: 1, bands: 32, rows: 1, store_shingles: true}}"
    for name, texts in (("a", ["a b c d e f g h i", "other words"]), ("b", ["b c d e f g h i", "others again"])):
        columns = ["url", "date", "stars", "score", "good", "language"]
        write_rows(tmp_path, name, [{**dict.fromkeys(columns), "text": text} for text in texts])
    earlier = store.uri("runs/first")
    run_quietly(recipe(tmp_path, ["a"], near, earlier), tmp_path)
    output = run_quietly(recipe(tmp_path, ["b"], near.replace("}}", f", against: ['{earlier}']}}}}")), tmp_path)

    assert [row["text"] for row in table(output, "shards/**/*.parquet")] == ["others again"]
    (pair,) = table(output, "evidence/duplicates.near/*.parquet")
    assert (pair["reason"], pair["jaccard"]) == ("alike", pytest.approx(8 / 9))
    assert any(name.startswith("runs/first/indexes/duplicates.near.shingles/") for name in store.objects("runs/first/"))
