"""`card.md`: metadata that finds the shards, and an account that holds whatever the names are."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from datapipe.report.card import fenced, front_matter, markdown, not_done, size_category
from datapipe.report.figures import Figures


@pytest.fixture(scope="module")
def card(small_run: Path) -> str:
    return (small_run / "card.md").read_text("utf-8")


def packed(folder: Path) -> set[str]:
    receipts = [json.loads(path.read_text()) for path in folder.glob("receipts/pack/**/*.json")]
    return {output["path"] for receipt in receipts for output in receipt["outputs"]}


def test_the_front_matter_finds_every_shard_and_only_shards(small_run: Path, card: str) -> None:
    data = yaml.safe_load(card.split("---\n")[1])
    found = {
        config["config_name"]: {
            str(path.relative_to(small_run)) for file in config["data_files"] for path in small_run.glob(file["path"])
        }
        for config in data["configs"]
    }
    assert list(found) == ["default", "english", "rest"]
    assert found["default"] == packed(small_run) == found["english"] | found["rest"]
    assert all(f"/{domain}/" in path for domain in ("english", "rest") for path in found[domain])


def test_the_front_matter_names_size_and_languages_most_frequent_first(figures: Figures) -> None:
    data = yaml.safe_load(front_matter(figures))
    assert data["language"] == ["en", "it", "de", "ja"]
    assert data["size_categories"] == ["n<1K"]


@pytest.mark.parametrize(
    ("documents", "name"),
    [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**9, "1B<n<10B"), (10**12 - 1, "100B<n<1T"), (10**12, "n>1T")],
)
def test_sizes_have_the_hub_s_names(documents: int, name: str) -> None:
    assert size_category(documents) == name


def test_every_table_has_as_many_cells_as_its_head(card: str) -> None:
    tables = re.findall(r"(?m)(?:^\|.*\n)+", card)
    assert len(tables) >= 8
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_names_from_the_data_are_no_mark_up(card: str) -> None:
    prose = re.sub(r"(?s)```.*?```", "", card)
    assert r"a\|\<b onclick=" in prose
    assert not re.search(r"(?<!\\)<\w", re.sub(r"`[^`]*`", "", prose.split("---\n", 2)[2]))
    assert markdown("a_b|<i>\n*c* [d](e)") == r"a\_b\|\<i\> \*c\* \[d\](e)"


def test_a_fence_is_longer_than_any_inside() -> None:
    assert fenced("x\n````\n", "yaml") == "`````yaml\nx\n````\n`````"


def test_it_names_steps_versions_limits_and_counts(card: str) -> None:
    assert "- `select`: version 1 (rules: \\[extract\\], early: true)" in card
    assert "- `report_length`: version 1" in card
    assert "| `english.n.min` | n at least 10 | a \\<paper\\> \\| table | 4 |" in card
    assert "| `long.n.min` | at least 20 | ja | de |" in card
    assert "- **long**: Texts that are long enough." in card
    assert "| web | jsonl 1 (extra\\_columns: {language: string, kind: string}) | web-\\*.jsonl | 57 | 2 | 40 |" in card


def test_it_says_what_was_not_done(figures: Figures) -> None:
    assert "Exact duplicates were not removed." in not_done(figures)
    assert "Languages were not identified." in not_done(figures)


def test_it_ends_with_the_recipe_as_it_was(card: str) -> None:
    assert "name: small\noutput: out\n" in card.rpartition("## Making it again")[2]
    assert "with `--set max_error_fraction=0.5`" in card


def test_a_trial_says_so(run_changed: Callable[..., Path]) -> None:
    folder = run_changed("", "", sample=0.5)
    assert "**A trial**, not the whole: 50.0 % of the documents;" in (folder / "card.md").read_text()
