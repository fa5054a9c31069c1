"""Rule sets on real sentences: plain prose and code stay, and each thing that is wrong is the one reason given."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from datapipe.loading.rule_files import rule_set
from datapipe.stage import Stage
from datapipe.stages.c4_lines import C4Lines
from datapipe.stages.character_shares import CharacterShares
from datapipe.stages.code_statistics import CodeStatistics
from datapipe.stages.repetition import Repetition
from datapipe.stages.text_statistics import TextStatistics

PROSE = """\
The harbour was quiet when the first boat came back with its nets still empty that morning.
Nobody on the pier asked where the fish had gone, because they had all heard the answer before.
An old woman counted the gulls and wrote the number in a book that she kept for this purpose.
Her grandson carried the baskets home, two at a time, and left them to dry against the wall.
By noon the wind had turned, and with it came the smell of rain from behind the low hills.
Some said it would pass; others closed their shutters and put the kettle on for the evening.
When the storm finally broke, it took the roof of the boathouse and most of the apple trees.
They rebuilt it in the spring, a little higher than before, with timber from the broken masts.
"""
SENTENCES = PROSE.splitlines()
WORDS = PROSE.split()
MEASURES = (TextStatistics(), Repetition(variant="datatrove"), CharacterShares())


def reasons(text: str, *sets: str, stages: Sequence[Stage] = MEASURES, language: str = "en") -> list[str]:
    """Every reason that the rule sets give for one text."""
    batch = pa.record_batch({"text": pa.array([text], pa.large_string()), "language": [language]})
    batch = batch.append_column("programming_language", pa.array(["Python"]))
    for stage in stages:
        batch = stage(batch)
    checks = [check for name in sets for check in rule_set(name, Path()).checks()]
    return [check.reason for check in checks if check.fails(batch)[0]]


def test_prose_passes_every_set_for_english() -> None:
    sets = ["gopher", "gopher_repetition", "c4", "c4_datatrove", "fineweb", "fineweb_code", "nemo_curator_en"]
    assert reasons(PROSE, *sets) == []


SPOILED = {
    "word_count.min": " ".join(WORDS[:49]),
    "mean_word_length.min": " ".join(["the", "of", *["a"] * 3] * 20),
    "mean_word_length.max": " ".join(["the", "with", "magnificently", "indistinguishable", "representations"] * 20),
    "hashes_per_word.max": PROSE.replace(" the ", " the # ").replace(" and ", " # and # ").replace("with", "# with"),
    "ellipses_per_word.max": PROSE.replace(" the ", " the... ")
    .replace(" and ", "... and... ")
    .replace("with", "with..."),
    "bullet_line_fraction.max": "".join(f"- {sentence}\n" for sentence in SENTENCES),
    "ellipsis_line_fraction.max": "".join(s[:-1] + "...\n" if i % 2 else s + "\n" for i, s in enumerate(SENTENCES)),
    "alphabetic_word_fraction.min": " ".join(f"{word} 1234" if i % 3 else word for i, word in enumerate(WORDS)),
    "distinct_stop_word_count.min": " ".join(["cats chase mice under tables"] * 12),
}


@pytest.mark.parametrize("reason", SPOILED)
def test_each_way_to_spoil_a_text_fails_gopher_for_one_reason(reason: str) -> None:
    assert reasons(SPOILED[reason], "gopher") == [f"gopher.{reason}"]


def test_forty_nine_words_are_too_few_and_fifty_enough() -> None:
    assert reasons(" ".join(WORDS[:50]), "gopher") == []


def test_c4_keeps_sentences_and_judges_what_is_left() -> None:
    page = f"Home\nLog in\n{SENTENCES[0]}\nWe use cookies to make this site work better.\n{SENTENCES[1]}\n"
    stages = (C4Lines(), *MEASURES)
    assert reasons(page, "c4", stages=stages) == ["c4.sentence_count.min"]
    assert reasons(page + SENTENCES[2], "c4", stages=stages) == []
    assert reasons(page + SENTENCES[2], "c4_datatrove", stages=stages) == ["c4_datatrove.sentence_count.min"]
    assert reasons(PROSE + "The function { returns } a value here.", "c4", stages=stages) == [
        "c4.curly_brace_count.max"
    ]


def test_lists_fail_fineweb() -> None:
    assert reasons("\n".join(["Red apples", "Green pears", "Sweet plums"] * 2 + SENTENCES[:1]), "fineweb") == [
        "fineweb.copied_line_character_fraction.below",
        "fineweb.short_line_fraction.below",
    ]


def test_prose_of_many_languages_passes_gopher_multilingual() -> None:
    german = (
        "Der Hafen war still, als das erste Boot an diesem Morgen mit leeren Netzen zurückkam.\n"
        "Niemand fragte, wo die Fische geblieben waren, denn alle hatten die Antwort schon oft gehört.\n"
        "Eine alte Frau zählte die Möwen und schrieb die Zahl in ein Buch, das sie dafür führte.\n"
        "Am Mittag drehte der Wind, und mit ihm kam der Geruch von Regen über die niedrigen Hügel.\n"
    )
    chinese = (
        "今天早上第一条船回来的时候，港口非常安静，渔网里什么也没有。\n"
        "码头上没有人问鱼到哪里去了，因为大家早就听过这个回答。\n"
        "一位老奶奶数着海鸥，把数字写在她专门准备的本子里。\n"
    )
    stages = (TextStatistics(language_column="language"), Repetition(variant="datatrove"))
    for language, text in (("de", german), ("zh", chinese), ("xx", german)):
        assert reasons(text, "gopher_multilingual", stages=stages, language=language) == []


CODE = '''\
"""Read settings from a file."""

import json
from pathlib import Path


def read_settings(path: Path) -> dict[str, object]:
    """The settings in a JSON file; none where there is no file."""
    if not path.exists():
        return {}
    return json.loads(path.read_text())
'''


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CODE, []),
        ("# Automatically generated, do not edit.\n" + CODE, ["code.is_generated.none_of"]),
        (CODE * 2 + "table = (" + "value, " * 150 + ")\n", ["code.code_longest_line_length.max"]),
        (CODE + f'blob = """\n{"QUJD" * 16}\n' * 20 + '"""\n', ["code.code_encoded_fraction.max"]),
        ("\n".join("1, 2, 3, 4, 5," for _ in range(100)), ["code.code_letter_fraction.min"]),
        ("<?xml version='1.0'?>\n<settings>\n</settings>\n", ["code.has_xml_header.none_of"]),
    ],
)
def test_code_stays_and_generated_files_and_data_go(text: str, expected: list[str]) -> None:
    assert reasons(text, "code", stages=(CodeStatistics(),)) == expected
