"""How an evaluation is shown: JSON, page, terminal."""

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from tests.tokenizer.hand_made import ENGLISH, LETTERS, cell, hand_made, parallel, texts_of, tokenizer_json
from tokenizer.evaluation.as_json import as_json
from tokenizer.evaluation.blocks import blocks
from tokenizer.evaluation.gates import try_gates
from tokenizer.evaluation.measuring import Evaluation, measure
from tokenizer.evaluation.metrics import CAVEAT, METRICS
from tokenizer.evaluation.page import page
from tokenizer.evaluation.terminal import print_evaluation
from tokenizer.recipe import Gate

HOSTILE = "<script>alert(1)</script>\x1b[2J\u202e&amp;"


@pytest.fixture
def two(tmp_path: Path) -> Evaluation:
    better = tokenizer_json(merges=(("a", "b"), ("ab", "ab")))
    tokenizers = [hand_made(tmp_path), hand_made(tmp_path, better, "better")]
    texts = texts_of(cell("abab"), cell("漢字", domain="zh", unit="web", language="zh"))
    return measure(tokenizers, texts, parallel(en="ab", de="cc"))


@pytest.fixture
def hostile(tmp_path: Path) -> Evaluation:
    lost = tokenizer_json((*LETTERS, HOSTILE), normalizer={"type": "Lowercase"})
    cells = cell(f"A {HOSTILE}", domain=HOSTILE, unit=HOSTILE, language=HOSTILE)
    return measure([hand_made(tmp_path, lost, "[red]<b>x\x1b")], texts_of(cells), parallel(en="ab", **{HOSTILE: "c"}))


def printed(evaluation: Evaluation, gates: tuple[Gate, ...] = ()) -> str:
    console = Console(file=io.StringIO(), width=100)
    print_evaluation(evaluation, try_gates(gates, evaluation), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_json_has_every_metric_with_its_definition_and_every_figure_with_what_it_rests_on(two: Evaluation) -> None:
    content = json.loads(as_json(two, try_gates([Gate("fertility", max=1)], two)))
    assert content["schema"] == 1
    assert content["metrics"].keys() == METRICS.keys()
    assert content["caveat"] == CAVEAT
    first, second = content["tokenizers"]
    assert first["figures"]["bytes_per_token"]["words"] == {"value": 2, "n": 4}
    assert second["figures"]["bytes_per_token"]["words"] == {"value": 4, "n": 4}
    assert content["texts"]["groups"]["zh/web"] == {
        "kind": "unit",
        "documents": 1,
        "bytes": 6,
        "characters": 2,
        "words": 2,
        "letter_words": 2,
        "indented_lines": 0,
    }
    assert content["parallel"]["languages"]["de"] == {"script": "", "texts": 1, "bytes": 2}
    assert [gate["passes"] for gate in content["gates"]] == [False, False]


def test_json_is_the_same_but_for_speed(two: Evaluation, tmp_path: Path) -> None:
    def without_speed(content: bytes) -> object:
        found = json.loads(content)
        for one in found["tokenizers"]:
            for metric in ("encode_mb_per_s", "decode_mb_per_s"):
                del one["figures"][metric]
        return found

    again = measure([one.named for one in two.tokenizers], two.texts, two.parallel)
    assert without_speed(as_json(two, [])) == without_speed(as_json(again, []))


def test_the_best_of_several_is_marked(two: Evaluation) -> None:
    rows = blocks(two)["How much text is a token?"]
    best = {row.label: row.best for row in rows}
    assert best["bytes per token, words"] == (False, True)
    assert best["bytes per token, zh"] == (False, False)  # both the same
    assert "<b>4.000</b>" in page(two)


def test_who_loses_text_is_best_in_nothing(tmp_path: Path) -> None:
    blind = tokenizer_json(model={"byte_fallback": False})  # fuses what it does not know
    tokenizers = [hand_made(tmp_path), hand_made(tmp_path, blind, "blind")]
    evaluation = measure(tokenizers, texts_of(cell("abcé漢字漢字")), ENGLISH)
    (row,) = (row for row in blocks(evaluation)["How much text is a token?"] if row.metric == "bytes_per_token")
    assert row.figures[1].value > row.figures[0].value
    assert row.best == (True, False)
    assert "by-hand†" not in printed(evaluation)
    assert "blind†: unknown tokens stand for text that is lost" in printed(evaluation)


def test_figures_that_rest_on_little_say_so(two: Evaluation) -> None:
    assert re.search(r"tokens per word, zh +3\.000 +3\.000 +only 2 words", printed(two).replace("\xa0", " "))
    assert "only 2 words, 100\xa0% of them single letters" in page(two)
    assert "Every letter of a script without spaces counts as a word: 66.7\xa0% of all words." in printed(two)
    assert "only 10\xa0B" in page(two)


def test_the_terminal_answers_and_says_what_the_numbers_do_not(two: Evaluation) -> None:
    said = printed(two, (Gate("parity_worst", max=1.5),))
    for question in blocks(two):
        assert question in said
    assert "No intrinsic metric predicts English" in said
    assert "gate failed: better: parity_worst[all] is 2, expected at most 1.5" in said


def test_the_page_loads_nothing_and_explains_every_metric(two: Evaluation) -> None:
    html = page(two)
    assert re.findall(r'(?:src|href)="(?!#)', html) == []
    assert "default-src 'none'" in html
    for name, metric in METRICS.items():
        assert f"<code>{name}</code>" in html
        assert metric.title in html


def test_nothing_in_texts_or_names_acts_in_page_or_terminal(hostile: Evaluation) -> None:
    html, said = page(hostile), printed(hostile)
    assert "<script>alert" not in html
    assert html.count("<script>") == 1
    assert "<b>x" not in html
    for shown in (html, said):
        assert not any(character in shown for character in "\x1b\u202e\x9b")
        assert "⟨U+202E⟩" in shown
    assert "[red]" in said  # as it is: no mark-up acts
    json.loads(as_json(hostile, []))


def test_a_tokenizer_without_any_text_has_a_page_too(tmp_path: Path) -> None:
    evaluation = measure([hand_made(tmp_path)], texts_of(), ENGLISH)
    assert "There were no texts" in page(evaluation)
    assert "There were no texts" in printed(evaluation)
