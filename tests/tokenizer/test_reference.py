"""The page of reference is what the code says, complete, and its links lead somewhere."""

import dataclasses
import re
from pathlib import Path

import pytest

from datapipe.loading.located_yaml import RecipeError
from tokenizer.evaluation.metrics import METRICS
from tokenizer.load import NOT_KEYS, loads
from tokenizer.recipe import TokenizerRecipe
from tokenizer.reference import EXAMPLE, MAPPINGS, print_reference, reference, sections

PAGE, ENTRIES = reference(), sections()


def test_the_committed_page_is_up_to_date() -> None:
    committed = (Path(__file__).parents[2] / "recipes" / "TOKENIZER_REFERENCE.md").read_text("utf-8")
    assert committed == PAGE, "run: make reference"


def test_every_link_leads_to_one_heading() -> None:
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert sorted(titles) == sorted(set(titles))
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) == set(titles)


@pytest.mark.parametrize("title", MAPPINGS)
def test_it_explains_every_key_of_every_mapping(title: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.*) \| (.*) \|$", ENTRIES[title], re.MULTILINE)
    keys = {field.name for field in dataclasses.fields(MAPPINGS[title])}
    assert {key for key, *_ in rows} == keys - (NOT_KEYS if MAPPINGS[title] is TokenizerRecipe else set())
    assert [key for key, _, _, meaning in rows if not meaning] == []


def test_it_explains_every_metric() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (higher|lower|) \| (.+) \|$", ENTRIES["metrics"], re.MULTILINE)
    assert [name for name, _, _ in rows] == list(METRICS)


def test_no_mapping_is_left_out() -> None:
    assert "| mapping |" not in PAGE


def test_the_example_loads() -> None:
    assert EXAMPLE in PAGE
    assert loads(EXAMPLE).train.vocab_sizes == (256_000, 128_000)


def test_a_key_tells_what_it_takes_and_what_it_is_when_left_out() -> None:
    assert "| `data` | text | **required** |" in ENTRIES["recipe"]
    assert "| `train` | [train](#train) |  |" in ENTRIES["recipe"]
    assert '| `user_defined` | list of text | `"\\n"`, `"\\t"` |' in ENTRIES["symbols"]
    assert "| `vocab_sizes` | list of integer | `256_000` |" in ENTRIES["train"]
    assert "| `shares` | mapping to number |  |" in ENTRIES["weights"]


def test_an_entry_can_be_read_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_reference("encode")
    shown = capsys.readouterr().out
    assert "seq_len" in shown and "vocab_sizes" in shown and "character_coverage" not in shown


def test_a_name_of_nothing_is_answered_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match=r"^nothing is called 'wieghts'; did you mean 'weights'\? possible: count, "):
        print_reference("wieghts")
