"""The tiny recipe, whole: real pages, prose and code to weighted shards, every document accounted for.

The counts are pinned: a change of any stage, rule or library that moves a document shows here.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.dataset as pads
import pytest

from datapipe import load, run
from datapipe.diff import reasons
from tests.same_bytes import assert_same_bytes

RECIPE = Path(__file__).parents[2] / "recipes" / "tiny" / "recipe.yaml"


@pytest.fixture(scope="module")
def output(tiny_output: Path) -> Path:
    return tiny_output


@pytest.fixture(scope="module")
def account(output: Path) -> dict[str, Any]:
    return dict(json.loads((output / "run.json").read_text()))


def rows(output: Path, *parts: str) -> Iterator[dict[str, Any]]:
    files = sorted(str(path) for path in output.joinpath(*parts).rglob("*.parquet"))
    return iter(pads.dataset(files).to_table().to_pylist())


def test_nothing_is_unreadable(account: dict[str, Any]) -> None:
    assert account["passes"]["extract"]["rows_in"] == 2901
    assert account["passes"]["extract"]["quarantined"] == 0


def test_every_document_is_kept_or_dropped_once_with_a_reason(output: Path) -> None:
    kept = [row["id"] for split in ("shards", "validation") for row in rows(output, split)]
    dropped = [row["id"] for row in rows(output, "decisions")]
    assert len(kept) + len(dropped) == 2901
    assert len(set(kept) | set(dropped)) == 2901
    assert all(row["drop_reason"] == row["failed"][0] for row in rows(output, "decisions"))


def test_the_funnel_is_the_one_that_was_looked_at(account: dict[str, Any]) -> None:
    assert dict(reasons(account)) == FUNNEL


def test_the_domains_have_the_weights_of_the_recipe(output: Path) -> None:
    mixture = json.loads((output / "mixture.json").read_text())
    weights = {name: sum(u["weight"] for u in domain["units"].values()) for name, domain in mixture["domains"].items()}
    assert weights == pytest.approx({"code": 0.15, "english": 0.70, "multilingual": 0.15})
    assert all(unit["epochs"] <= 1 + 1e-9 for unit in mixture["domains"]["multilingual"]["units"].values())


def test_the_mixture_counts_what_lies_in_the_shards(output: Path, account: dict[str, Any]) -> None:
    found: Counter[str] = Counter()
    for domain in output.joinpath("shards").iterdir():
        found[domain.name] = sum(1 for _ in rows(output, "shards", domain.name))
    assert found == {
        name: sum(unit["documents"] for unit in domain["units"].values())
        for name, domain in account["mixture"]["domains"].items()
    }


def test_the_shards_load_with_datasets(output: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    files = str(output / "shards/english/*/*.parquet")
    loaded = datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=str(tmp_path))
    assert {"id", "text", "source", "url", "language"} <= set(loaded.column_names)
    assert len(loaded) == sum(1 for _ in rows(output, "shards", "english"))


@pytest.mark.usefixtures("ray_cluster")
def test_ray_writes_the_same_bytes(output: Path, tmp_path: Path) -> None:
    on_ray = Path(run(load(RECIPE), root=str(tmp_path), executor="ray"))
    assert_same_bytes(output, on_ray)


def test_a_moved_threshold_redoes_decisions_and_shards_only(output: Path, tmp_path: Path) -> None:
    copied = tmp_path / "out" / "tiny"
    shutil.copytree(output, copied)
    run(load(RECIPE, ["domains.code.rules=[{column: code_line_count, min: 3}]"]), root=str(tmp_path))
    assert changed(output, copied, "receipts/extract") == set()
    assert changed(output, copied, "receipts/measure") == set()
    assert len(changed(output, copied, "receipts/decide")) == 4
    assert changed(output, copied, "documents") == set()


def changed(before: Path, after: Path, part: str) -> set[str]:
    """Names of files below `part` that were written again: a copy keeps the time of the original."""
    times = [{p.name: p.stat().st_mtime_ns for p in root.joinpath(part).rglob("*.*")} for root in (before, after)]
    return {name for name in times[1] if times[0].get(name) != times[1][name]}


FUNNEL = {
    "domains.code: code.code_longest_line_length.max": 1,
    "domains.code: code.code_mean_line_length.max": 1,
    "domains.code: code.is_generated.none_of": 24,
    "domains.english: fineweb.copied_line_character_fraction.below": 5,
    "domains.english: fineweb.punctuated_line_fraction.above": 21,
    "domains.english: fineweb.short_line_fraction.below": 3,
    "domains.english: gopher.alphabetic_word_fraction.min": 2,
    "domains.english: gopher.ellipsis_line_fraction.max": 2,
    "domains.english: gopher.hashes_per_word.max": 2,
    "domains.english: gopher.word_count.min": 43,
    "domains.english: gopher_repetition.duplicate_5gram_character_fraction.max": 7,
    "domains.english: gopher_repetition.duplicate_6gram_character_fraction.max": 1,
    "domains.english: gopher_repetition.duplicate_7gram_character_fraction.max": 1,
    "domains.english: gopher_repetition.duplicate_line_character_fraction.max": 1,
    "domains.multilingual: gopher_multilingual.alphabetic_word_fraction.min": 6,
    "domains.multilingual: gopher_multilingual.copied_line_character_fraction.max": 29,
    "domains.multilingual: gopher_multilingual.distinct_stop_word_count.min": 15,
    "domains.multilingual: gopher_multilingual.duplicate_10gram_character_fraction.max": 3,
    "domains.multilingual: gopher_multilingual.duplicate_5gram_character_fraction.max": 4,
    "domains.multilingual: gopher_multilingual.duplicate_6gram_character_fraction.max": 1,
    "domains.multilingual: gopher_multilingual.duplicate_8gram_character_fraction.max": 1,
    "domains.multilingual: gopher_multilingual.duplicate_9gram_character_fraction.max": 1,
    "domains.multilingual: gopher_multilingual.ellipsis_line_fraction.max": 2,
    "domains.multilingual: gopher_multilingual.hashes_per_word.max": 2,
    "domains.multilingual: gopher_multilingual.nonblank_lines_per_word.max": 26,
    "domains.multilingual: gopher_multilingual.punctuated_line_fraction.min": 36,
    "domains.multilingual: gopher_multilingual.top_3gram_character_fraction.max": 1,
    "domains.multilingual: gopher_multilingual.top_4gram_character_fraction.max": 3,
    "domains.multilingual: gopher_multilingual.trimmed_word_count.min": 16,
    "duplicates: duplicates.exact": 81,
    "duplicates: duplicates.near": 98,
    "select: extract.language_score.min": 78,
}
