"""Counts, means and shares, derived by hand and by naive counting."""

import re
from statistics import mean
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings

from datapipe.kernels.unicode_classes import TERMINAL, classes_of
from datapipe.stages.text_statistics import TextStatistics, stop_word_lists
from tests.plain_text import SPACES, TEXTS, category, is_blank, lines_of, paragraphs_of, words_of


def measured(text: str, **options: Any) -> dict[str, Any]:
    """Columns of a text between two others."""
    batch = pa.record_batch({"text": pa.array(["The end # of it...", text, "The end # of it..."], pa.large_string())})
    rows: list[dict[str, Any]] = TextStatistics(**options)(batch).drop_columns("text").to_pylist()
    assert rows[0] == rows[2]
    return rows[1]


def value(column: str, text: str, **options: Any) -> Any:
    return measured(text, **options)[column]


def test_all_columns_of_an_empty_text_are_zero() -> None:
    for text in ("", " ", "\u3000\t"):
        expected = {"character_count": len(text), "line_count": 1 if text else 0}
        assert {name: count for name, count in measured(text).items() if count} == {
            k: v for k, v in expected.items() if v
        }


def test_words_are_counted_with_and_without_their_punctuation() -> None:
    columns = measured("“Well,” she said -- it’s done !")  # lengths 7 3 4 2 4 4 1; trimmed 4 3 4 0 4 4 0

    assert columns["word_count"] == 7
    assert columns["mean_word_length"] == 25 / 7
    assert columns["trimmed_word_count"] == 5
    assert columns["mean_trimmed_word_length"] == 19 / 5
    assert columns["longest_word_length"] == 7


@pytest.mark.parametrize("count", [49, 50])
def test_gopher_word_counts_stand_on_either_side_of_the_limit(count: int) -> None:
    assert value("word_count", "word " * count) == count


@pytest.mark.parametrize(
    ("text", "hashes", "ellipses"),
    [
        ("# one two three four five six seven eight nine", 1 / 10, 0),
        ("#one #two three four five six seven eight nine ten", 2 / 10, 0),
        ("well... no… I . . . see ......", 0, 5 / 8),
        (". . . . . .", 0, 2 / 6),
        ("a . . b .. c", 0, 0),
        ("#", 1, 0),
        ("### ...", 3 / 2, 1 / 2),
    ],
)
def test_hashes_and_ellipses_are_counted_per_word(text: str, hashes: float, ellipses: float) -> None:
    columns = measured(text)

    assert columns["hashes_per_word"] == hashes
    assert columns["ellipses_per_word"] == ellipses
    assert columns["symbols_per_word"] == pytest.approx(hashes + ellipses)


def test_words_of_symbols_are_ellipses_or_mostly_hashes() -> None:
    assert value("symbol_word_fraction", "... … ##a #ab #1 ...a one two three ......") == 4 / 10


def test_words_with_a_letter_are_alphabetic() -> None:
    assert value("alphabetic_word_fraction", "one 2nd 3 -- (é) Ж 中 ३ # ok") == 6 / 10


def test_stop_words_are_counted_in_all_and_apart() -> None:
    columns = measured("The cat of the house, (THE) end.")

    assert columns["stop_word_count"] == 4
    assert columns["distinct_stop_word_count"] == 2


def test_stop_words_follow_the_language_of_the_row() -> None:
    texts = ["der Hund und die Katze", "der Hund und die Katze", "что и как", "nothing", "the end"]
    languages = ["de", "en", "ru", "xx", None]
    batch = pa.record_batch({"text": pa.array(texts, pa.large_string()), "language": languages})
    stage = TextStatistics(language_column="language")
    measured = stage(batch)

    assert stage.reads == ("text", "language")
    assert measured["stop_word_count"].to_pylist() == [3, 0, 3, None, None]
    assert measured["distinct_stop_word_count"].to_pylist() == [3, 0, 3, None, None]


def test_every_listed_stop_word_is_one_word_and_listed_once() -> None:
    for words in stop_word_lists().values():
        assert len(set(words)) == len(words) >= 8
        assert all(words_of(word) == [word] for word in words)
    assert stop_word_lists()["en"] == ("the", "be", "to", "of", "and", "that", "have", "with")


def test_lines_are_measured_without_blank_ones() -> None:
    columns = measured("• one\n\n  - two\n * three\n● four\n◦ five…\nsix. . .\n seven...  \n\t\n")

    assert (columns["line_count"], columns["nonblank_line_count"], columns["paragraph_count"]) == (9, 7, 2)
    assert columns["bullet_line_fraction"] == 4 / 7
    assert columns["round_bullet_line_fraction"] == 3 / 7
    assert columns["ellipsis_line_fraction"] == 3 / 7
    assert columns["newlines_per_word"] == 9 / 14
    assert columns["nonblank_lines_per_word"] == 7 / 14


@pytest.mark.parametrize(("bullets", "share"), [(9, 0.9), (10, 1.0)])
def test_bullets_stand_on_either_side_of_the_limit(bullets: int, share: float) -> None:
    assert value("bullet_line_fraction", "- item\n" * bullets + "plain\n" * (10 - bullets)) == share


@pytest.mark.parametrize(
    ("line", "is_punctuated"),
    [
        ("The end.", True),
        ("Really?!", True),
        ("(See above.)", True),
        ("He said “no.”", True),
        ("He said “no”", True),
        ("'quoted'", True),
        ("完。」", True),
        ("समाप्त।", True),
        ("انتهى؟", True),
        ("Menu", False),
        ("Menu)", False),
        ("One, ", False),
        ("Continue →", False),
        ("- ", False),
    ],
)
def test_lines_end_in_terminal_punctuation_of_every_script(line: str, is_punctuated: bool) -> None:
    assert value("punctuated_line_fraction", f"{line}\n") == is_punctuated


def test_short_and_long_lines_have_limits() -> None:
    text = "\n".join(["x" * 30, "ä" * 31, "x" * 199, "中" * 200])

    assert value("short_line_fraction", text) == 1 / 4
    assert value("short_line_fraction", text, short_line_characters=31) == 2 / 4
    assert value("long_line_count", text) == 1
    assert value("long_line_count", text, long_line_characters=31) == 3


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three?", 3),
        ("One. Two", 2),
        ("See example.org or 3.14 there.", 1),
        ("Wait... what?! (Yes.) ‘No.’", 4),
        ("Heading\nBody. More", 3),
        ("我来。你去！好？", 3),
        ("-- ...\n***", 0),
        ("एक। दो।", 2),
        ("Bonjour ! Ça va ?", 2),
    ],
)
def test_sentences_end_at_marks_and_lines(text: str, count: int) -> None:
    assert value("sentence_count", text) == count


def test_letters_digits_and_capitals_are_shares_of_every_script() -> None:
    columns = measured("Ab1 Ж٣½中.")  # letters A b Ж 中, digits 1 and ٣

    assert columns["letter_fraction"] == 4 / 9
    assert columns["digit_fraction"] == 2 / 9
    assert columns["uppercase_fraction"] == 2 / 4


def test_phrases_of_c4_are_counted_anywhere_in_any_case() -> None:
    columns = measured("Lorem Ipsum {x} {{ JavaScript: we reuse cookies. PRIVACY POLICY, Terms of use, javascript")

    assert columns["curly_brace_count"] == 3
    assert columns["lorem_ipsum_count"] == 1
    assert columns["javascript_count"] == 2
    assert columns["policy_phrase_count"] == 3
    assert value("policy_phrase_count", "impressum", policy_phrases=("impressum", "x")) == 1
    assert value("policy_phrase_count", "x axes x", policy_phrases=("impressum", "x")) == 3


def trimmed(word: str) -> str:
    """The word without punctuation and symbols at its ends."""
    kinds = "".join("p" if category(character)[0] in "PS" else "x" for character in word)
    found = re.search("x(.*x)?", kinds)
    return word[found.start() : found.end()] if found else ""


def is_punctuated(line: str) -> bool:
    """Whether the line ends in a quotation mark or, closing marks aside, in terminal punctuation."""
    line = line.strip(SPACES)
    if line[-1] in "\"'”’“‘»«›‹」』〟":
        return True
    while line and (category(line[-1]) in ("Pe", "Pf", "Pi") or line[-1] in "\"'"):
        line = line[:-1]
    return bool(line and classes_of(ord(line[-1])) & TERMINAL)


def sentences(text: str) -> int:
    """Runs of letters and numbers up to the next mark that ends a sentence, or to the end of the line."""
    count = 0
    for line in lines_of(text):
        events = ""
        for word in words_of(line):
            kinds = re.sub("T|t(?=[tTc]*$)", "E", "".join(map(sentence_kind, word)))
            events += re.sub("[tco]", "", kinds)
        count += len(re.findall("x+E|x+$", events))
    return count


def sentence_kind(character: str) -> str:
    """Terminal punctuation (t of ASCII, T of others), closing mark, content, or something else."""
    if classes_of(ord(character)) & TERMINAL:
        return "t" if character.isascii() else "T"
    if category(character) in ("Pe", "Pf", "Pi") or character in "\"'":
        return "c"
    return "x" if category(character)[0] in "LN" else "o"


def naive(text: str) -> dict[str, float]:
    """Columns by lists of strings."""
    words, lines = words_of(text), [line for line in lines_of(text) if not is_blank(line)]
    kept = [trimmed(word) for word in words if trimmed(word)]
    letters = [character for character in text if category(character)[0] == "L"]
    stop_words = [word for word in kept if word.lower() in stop_word_lists()["en"] and word.isascii()]
    return {
        "character_count": len(text),
        "word_count": len(words),
        "trimmed_word_count": len(kept),
        "longest_word_length": max(map(len, words), default=0),
        "line_count": len(lines_of(text)),
        "nonblank_line_count": len(lines),
        "paragraph_count": len(paragraphs_of(text)),
        "sentence_count": sentences(text),
        "mean_word_length": mean(map(len, words)) if words else 0,
        "mean_trimmed_word_length": mean(map(len, kept)) if kept else 0,
        "hashes_per_word": text.count("#") / max(len(words), 1),
        "newlines_per_word": text.count("\n") / max(len(words), 1),
        "nonblank_lines_per_word": len(lines) / max(len(words), 1),
        "alphabetic_word_fraction": sum(any(c in letters for c in word) for word in words) / max(len(words), 1),
        "letter_fraction": len(letters) / max(len(text), 1),
        "digit_fraction": sum(category(character) == "Nd" for character in text) / max(len(text), 1),
        "uppercase_fraction": sum(category(c) in ("Lu", "Lt") for c in letters) / max(len(letters), 1),
        "stop_word_count": len(stop_words),
        "distinct_stop_word_count": len({word.lower() for word in stop_words}),
        "curly_brace_count": text.count("{"),
        "ellipses_per_word": len(re.findall(r"\.\.\.|…|\. \. \.", text)) / max(len(words), 1),
        "punctuated_line_fraction": sum(map(is_punctuated, lines)) / max(len(lines), 1),
        "short_line_fraction": sum(len(line) <= 30 for line in lines) / max(len(lines), 1),
    }


@settings(deadline=None)  # the first call compiles
@given(TEXTS)
def test_the_kernel_agrees_with_naive_counting(text: str) -> None:
    columns, expected = measured(text), naive(text)

    assert {name: columns[name] for name in expected} == pytest.approx(expected)
    assert all(0 <= share <= 1 for name, share in columns.items() if name.endswith("_fraction"))


def test_hostile_documents_are_measured() -> None:
    assert value("word_count", "word " * 5_000_000) == 5_000_000
    assert value("longest_word_length", "a" * 10_000_000) == 10_000_000
    assert value("hashes_per_word", "#" * 5_000_000) == 5_000_000
    assert value("line_count", "\n" * 5_000_000) == 5_000_000
