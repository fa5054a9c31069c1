"""The page of reference is what the code says, complete, and its links lead somewhere."""

import dataclasses
import re
from pathlib import Path

import pytest

from datapipe.loading.located_yaml import RecipeError
from trainer.load import NOT_KEYS, loads
from trainer.plan import Plan
from trainer.reference import EXAMPLE, MAPPINGS, print_reference, reference, sections
from trainer.shapes import PRESETS

PAGE, ENTRIES = reference(), sections()


def test_the_committed_page_is_up_to_date() -> None:
    committed = (Path(__file__).parents[2] / "recipes" / "TRAINER_REFERENCE.md").read_text("utf-8")
    assert committed == PAGE, "run: make reference"


def test_every_link_leads_to_one_heading() -> None:
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert sorted(titles) == sorted(set(titles))
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) == set(titles)


@pytest.mark.parametrize("title", MAPPINGS)
def test_it_explains_every_key_of_every_mapping(title: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.*) \| (.*) \|$", ENTRIES[title], re.MULTILINE)
    keys = {field.name for field in dataclasses.fields(MAPPINGS[title])}
    assert {key for key, *_ in rows} == keys - (NOT_KEYS if MAPPINGS[title] is Plan else set())
    assert [key for key, _, _, meaning in rows if not meaning] == []


def test_no_mapping_is_left_out() -> None:
    assert "| mapping |" not in PAGE


def test_presets_stand_there_with_their_sizes_and_parameters() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", ENTRIES["presets"], re.MULTILINE)
    assert [name for name, _ in rows] == list(PRESETS)
    assert ("nemotron4_15b", "15,628,775,424") in rows
    assert ("100m", "100,713,984 + 1,536 a piece") in rows


def test_the_example_loads() -> None:
    assert EXAMPLE in PAGE
    assert [phase.batch for phase in loads(EXAMPLE).phases] == [64, 128]


def test_a_key_tells_what_it_takes_and_what_it_is_when_left_out() -> None:
    assert "| `name` | text | **required** |" in ENTRIES["plan"]
    assert "| `blends` | mapping to mapping to [blends](#blends) |  |" in ENTRIES["plan"]
    assert "| `betas` | list of number and number | `0.9`, `0.95` |" in ENTRIES["optimizer"]
    assert "| `preset` | [preset](#presets) |  |" in ENTRIES["model"]


def test_an_entry_can_be_read_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_reference("optimizer")
    shown = capsys.readouterr().out
    assert "weight_decay" in shown and "micro_batch" not in shown


def test_a_name_of_nothing_is_answered_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match=r"^nothing is called 'phase'; did you mean 'phases'\? possible: blends, "):
        print_reference("phase")
