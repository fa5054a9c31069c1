"""Lines that read like sentences stay, in C4's order of tests, and every removal is counted."""

import re
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datapipe.stages.c4_lines import C4Lines


def clean(text: str, **options: Any) -> dict[str, Any]:
    batch = pa.record_batch({"text": pa.array(["A line before, it stays.", text, ""], pa.large_string())})
    before, row, after = C4Lines(**options)(batch).to_pylist()
    assert (before["text"], after["text"]) == ("A line before, it stays.", "")
    result: dict[str, Any] = row
    return result


def kept(text: str, **options: Any) -> str:
    return str(clean(text, **options)["text"])


def test_lines_with_an_end_mark_and_five_words_stay_trimmed() -> None:
    text = "  The quick brown fox jumps.\t\n\nMenu Home About Contact Us\nDoes it really jump high?\n"
    assert kept(text) == "The quick brown fox jumps.\nDoes it really jump high?"


@pytest.mark.parametrize("mark", [".", "?", "!", '"', "。", "؟", "।"])
def test_end_marks_of_every_script_count(mark: str) -> None:
    line = f"one two three four five{mark}"
    assert kept(line) == line


@pytest.mark.parametrize("ending", ["", ",", ":", "...", "…", "'", "”"])
def test_other_endings_do_not(ending: str) -> None:
    assert kept(f"one two three four five{ending}") == ""


def test_the_variants_differ_in_words_and_in_the_apostrophe() -> None:
    three, four, five = "It was late.", "It was too late.", "It was much too late."
    assert kept(f"{three}\n{four}\n{five}") == five
    assert kept(f"So what.\n{three}\n{four}", variant="datatrove") == f"{three}\n{four}"
    assert kept("He said it was 'late'") == ""
    assert kept("He said it was 'late'", variant="datatrove") == "He said it was 'late'"


def test_words_are_counted_before_citation_marks_go_only_by_datatrove() -> None:
    assert kept("It is late [1] [2].", min_words=5) == ""
    assert kept("It is late [1] [2].", min_words=5, variant="datatrove") == "It is late  ."


def test_in_scripts_without_spaces_each_letter_is_a_word() -> None:
    # Four letters and, between letters and line end, a run of one full stop: five words.
    assert kept("今天天气。\n好天气。") == "今天天气。"


def test_citation_marks_are_cut_out_wherever_they_stand() -> None:
    text = "[1] Water is wet[12] and so[] is rain[citation needed].[edit][3]"
    row = clean(text)
    assert row["text"] == "Water is wet and so is rain."
    assert row["c4_citation_count"] == 6


@pytest.mark.parametrize("text", ["See [a] and [1a] for more of this.", "An open bracket [12 stays where it is."])
def test_other_brackets_stay(text: str) -> None:
    assert kept(text) == text


def test_notices_and_endless_words_go() -> None:
    text = "Please enable JavaScript in your browser.\nPlease read our Privacy Policy before you continue.\n"
    assert kept(text + "Only this line will stay here.") == "Only this line will stay here."
    assert kept("this is one long word: " + "x" * 999 + ".") != ""
    assert kept("this is one long word: " + "x" * 1000 + ".") == ""


def test_each_removed_line_is_counted_by_the_first_test_it_fails() -> None:
    lines = [
        "This line stays as it is.",
        "x" * 1001,
        "javascript menu without end mark",
        "JavaScript needed.",
        "Enable javascript or read our privacy policy.",
        "We use cookies on this site.",
    ]
    row = clean("\n\n".join(lines))
    counts = [row[f"c4_{test}_line_count"] for test in ("long_word", "no_end_mark", "short", "script", "policy")]
    assert counts == [1, 1, 1, 1, 1]
    assert row["c4_removed_line_fraction"] == 5 / 6
    # Words: 6 stay; 1, 5, 2, 7 and 6 go.
    assert row["c4_removed_word_fraction"] == 21 / 27


def test_without_the_end_mark_test_any_line_end_will_do() -> None:
    text = "a heading of five words\ntwo words"
    assert kept(text, require_end_mark=False) == "a heading of five words"


def test_a_line_of_citation_marks_alone_never_stays() -> None:
    assert kept("[1] [2]", require_end_mark=False, min_words=0) == ""


def reference(text: str, is_datatrove: bool, min_words: int) -> str:
    """The same in plain Python, for texts of ASCII and 好."""
    remaining = []
    for line in text.split("\n"):
        words = re.findall("好|[^ 好]+", line)
        cut = re.sub(r"\[\d*\]|\[edit\]", "", line.strip(" ")).strip(" ")
        marks = (".", "'") if is_datatrove else (".",)
        if not cut.endswith(marks) or cut.endswith("..."):
            continue
        if len(words if is_datatrove else re.findall("好|[^ 好]+", cut)) < min_words or "javascript" in cut:
            continue
        remaining.append(cut)
    return "\n".join(remaining)


PIECES = st.sampled_from(
    ["a", "bc", " ", "  ", ".", "'", "...", "\n", "[", "]", "[1]", "[]", "[edit]", "好", "javascript"]
)


@given(st.lists(PIECES, max_size=40).map("".join), st.booleans(), st.integers(0, 4))
def test_equals_plain_python(text: str, is_datatrove: bool, min_words: int) -> None:
    options = {"variant": "datatrove" if is_datatrove else "tfds", "min_words": min_words}
    assert kept(text, **options) == reference(text, is_datatrove, min_words)
