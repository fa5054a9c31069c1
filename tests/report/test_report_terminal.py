"""The report on a terminal of 80 columns, and numbers in words."""

import io

import pytest
from rich.console import Console

from datapipe.report.figures import Figures
from datapipe.report.terminal import print_figures
from datapipe.report.words import number, percent, seconds, size, visible


@pytest.fixture(scope="module")
def printed(figures: Figures) -> str:
    console = Console(file=io.StringIO(), width=80, force_terminal=False)
    print_figures(figures, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_it_fits_into_80_columns(printed: str) -> None:
    tables = printed.partition("report  ")[0]
    assert max(len(line) for line in tables.splitlines()) <= 80


def test_steps_keep_their_names_in_40_columns(figures: Figures) -> None:
    console = Console(file=io.StringIO(), width=40, force_terminal=False)
    print_figures(figures, console)
    assert "records found" in console.file.getvalue()  # type: ignore[attr-defined]


def test_it_shows_funnel_reasons_domains_passes_and_files(printed: str) -> None:
    lines = [line.split() for line in printed.splitlines()]
    assert ["rules", "of", "english", "-4", "52"] in [line[:5] for line in lines]
    assert ["english.n.min", "4", "6.0", "%"] in lines
    assert [line[1] for line in lines if line[:1] == ["english"]] == ["26"]
    assert [line[:3] for line in lines if line[:1] == ["extract"]] == [["extract", "2", "67"]]
    assert any(line[:1] == ["weights"] and line[1].endswith("/mixture.json") for line in lines)


def test_names_from_the_data_are_no_mark_up(printed: str) -> None:
    assert 'a|<b onclick="alert(3)">`x`' in printed


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (12_345_678, "12.3 MB"),
        (8e15, "8,000 TB"),
    ],
)
def test_sizes_have_three_digits(value: float, words: str) -> None:
    assert size(value) == words.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0 %"), (1e-9, "<0.1 %"), (0.001, "0.1 %"), (0.1234, "12.3 %"), (0.9999, ">99.9 %"), (1, "100 %")],
)
def test_a_share_is_nothing_or_all_only_when_it_is(share: float, words: str) -> None:
    assert percent(share) == words.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.123, "0.12 s"),
        (59.94, "59.9 s"),
        (59.99, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.9, "1 h 00 min"),
        (7620, "2 h 07 min"),
    ],
)
def test_times_are_in_the_unit_that_suits(value: float, words: str) -> None:
    assert seconds(value) == words


def test_counts_have_separators() -> None:
    assert number(1234567) == "1,234,567"


def test_nothing_acts_in_a_visible_text() -> None:
    assert visible("a\tb\nc") == "a\tb\nc"
    assert visible("\x00\x1b\x7f\x85\u202e\ud800\u200b") == "␀␛␡⟨U+0085⟩⟨U+202E⟩⟨U+D800⟩⟨U+200B⟩"
    assert visible("क्‍ष می‌خواهم 👩‍🔬") == "क्‍ष می‌خواهم 👩‍🔬"  # joiners shape words
