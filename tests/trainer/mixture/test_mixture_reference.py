"""The page of reference is what the code says, complete, and its links lead somewhere."""

import dataclasses
import re
from pathlib import Path

import pytest

from datapipe.loading.located_yaml import RecipeError
from trainer.mixture.load import NOT_KEYS, loads
from trainer.mixture.reference import EXAMPLE, MAPPINGS, STATIC, print_reference, reference, sections
from trainer.mixture.static import NAMES
from trainer.reference import sections as trainer_sections

PAGE, ENTRIES = reference(), sections()
PLAN = """\
name: model
output: out/model
data: out/data
tokenizer: example-64000
model: {preset: 100m}
phases:
  - {name: ramp, tokens: 1_000, batch: 4, learning_rate: [{shape: constant, start: 1e-4}]}
  - {name: main, tokens: 1_000, batch: 4}
  - {name: last, tokens: 1_000, batch: 4}
"""


def test_the_committed_page_is_up_to_date() -> None:
    committed = (Path(__file__).parents[3] / "recipes" / "MIXTURE_REFERENCE.md").read_text("utf-8")
    assert committed == PAGE, "run: make reference"


def test_every_link_leads_to_one_heading() -> None:
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert sorted(titles) == sorted(set(titles))
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) == {title.replace(" ", "-") for title in titles}
    assert set(re.findall(r"\]\(TRAINER_REFERENCE\.md#([^)]*)\)", PAGE)) == {"model"} < set(trainer_sections())


@pytest.mark.parametrize("title", MAPPINGS)
def test_it_explains_every_key_of_every_mapping(title: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.*) \| (.*) \|$", ENTRIES[title], re.MULTILINE)
    keys = {field.name for field in dataclasses.fields(MAPPINGS[title])}
    assert {key for key, *_ in rows} == keys - (NOT_KEYS if title == "experiment" else set())
    assert [key for key, _, _, meaning in rows if not meaning] == []


def test_no_mapping_is_left_out() -> None:
    assert "| mapping |" not in PAGE


def test_every_mixture_that_needs_no_training_stands_there() -> None:
    assert re.findall(r"^\| `([\w.]+)` \|", ENTRIES[STATIC], re.MULTILINE) == list(NAMES)


def test_the_example_loads_beside_a_plan(tmp_path: Path) -> None:
    (tmp_path / "pretrain.yaml").write_text(PLAN)
    found = loads(EXAMPLE, str(tmp_path / "mixture.yaml"))
    assert EXAMPLE in PAGE
    assert list(found.components) == ["english", "multilingual", "python", "other-code"]


def test_a_key_tells_what_it_takes_and_what_it_is_when_left_out() -> None:
    assert "| `name` | text | **required** |" in ENTRIES["experiment"]
    assert "| `components` | mapping to [components](#components) |  |" in ENTRIES["experiment"]
    assert "| `kl` | number | `0.05` |" in ENTRIES["propose"]
    assert "| `model` | [model](TRAINER_REFERENCE.md#model) | **required** |" in ENTRIES["proxy"]


def test_an_entry_can_be_read_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_reference("caps")
    shown = capsys.readouterr().out
    assert "warn_epochs" in shown and "num_gpus" not in shown


def test_a_name_of_nothing_is_answered_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match=r"^nothing is called 'cap'; did you mean 'caps'\? possible: caps, "):
        print_reference("cap")
