"""The reference is what the code says, complete, and its links lead somewhere."""

import re
from collections import Counter
from pathlib import Path

import pytest

from datapipe.loading.load import KEYS
from datapipe.loading.located_yaml import RecipeError
from datapipe.loading.rule_files import SHIPPED, rule_set
from datapipe.loading.schema import options_schema
from datapipe.reader import READERS
from datapipe.reference import EXAMPLE, print_stages, reference, sections
from datapipe.stage import STAGES, written_by
from tests.recipe.small_recipe import loaded

PAGE = reference()
ENTRIES = sections()
RULE_SETS = sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def test_the_committed_page_is_up_to_date() -> None:
    committed = (Path(__file__).parents[2] / "recipes" / "REFERENCE.md").read_text()
    assert committed == PAGE, "run: python -m datapipe.reference > recipes/REFERENCE.md"


def test_every_link_leads_to_one_heading() -> None:
    titles = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL), re.MULTILINE)
    slugs = Counter(title.lower().replace(" ", "-") for title in titles)
    assert [slug for slug, count in slugs.items() if count > 1] == []
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) <= set(slugs)


def test_every_row_of_a_table_has_the_cells_of_its_header() -> None:
    width = 0
    for line in PAGE.splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert width in (0, cells) or cells == 0, line
        width = cells


def test_the_example_loads() -> None:
    assert EXAMPLE in PAGE
    assert loaded(EXAMPLE).name == "example"


def test_it_explains_every_key_of_a_recipe() -> None:
    assert set(re.findall(r"^\| `(\w+)`", ENTRIES["recipe"], re.MULTILINE)) == set(KEYS)


@pytest.mark.parametrize("name", sorted(STAGES.keys() | READERS.keys()))
def test_it_explains_every_option_of_a_stage_or_reader_and_names_its_columns(name: str) -> None:
    cls, entry = {**STAGES, **READERS}[name], ENTRIES[name]
    assert entry.startswith(f"### {name}\n\n")
    assert set(re.findall(r"^\| `(\w+)`", entry, re.MULTILINE)) == set(options_schema(cls).get("properties", {}))
    for column in (written_by(cls) or cls.columns).names:
        assert f"`{column}`" in entry


@pytest.mark.parametrize("name", RULE_SETS)
def test_it_has_every_limit_of_a_rule_set_by_its_drop_reason(name: str) -> None:
    reasons = [check.reason for check in rule_set(name, Path()).checks() if check.kind != "missing"]
    assert re.findall(r"^\| `([^`]*)`", ENTRIES[name], re.MULTILINE) == reasons


def test_a_rule_reads_as_one_would_say_it() -> None:
    assert "| `gopher.word_count.max` | at most 100,000 | Rae et al. 2021, A.1.1 |" in PAGE
    assert "| `fineweb.short_line_fraction.below` | less than 0.67 |" in PAGE


def test_a_key_tells_what_it_takes_and_what_it_is_when_left_out() -> None:
    assert "| `name` | text | **required** |" in ENTRIES["recipe"]
    assert "| `cut_bytes` | integer | `268_435_456` |" in ENTRIES["recipe"]
    assert "| `budget_tokens` | integer |  |" in ENTRIES["recipe"]
    assert "| `reader` | [reader](#readers) | **required** |" in ENTRIES["sources"]
    assert "| `missing` | `drop` or `keep` | `drop` |" in ENTRIES["rules"]
    assert "| `weights` | mapping to number |  |" in ENTRIES["sampling"]


@pytest.mark.parametrize("name", ["domains", "content_hash", "gopher"])
def test_an_entry_can_be_read_on_the_terminal(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_stages(name)
    shown = capsys.readouterr().out
    assert name in shown
    assert len(shown) < len(PAGE) / 2


def test_a_name_of_nothing_is_answered_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match=r"^nothing is called 'gohper'; did you mean 'gopher'\? possible: "):
        print_stages("gohper")
